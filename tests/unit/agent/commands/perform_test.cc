/// The judgment before any handler: format, existence, rights, tether.

#include <algorithm>

#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kModelOf[] = {"iphone", "mac", "appletv", "visionpro", "watch"};

TEST(CommandTable, NamesCommandsOfTheCatalogOnceAndInOrder) {
  std::string_view last;
  for (const CommandRow& row : command_table()) {
    EXPECT_NE(mdm::Catalog::builtin().command(row.request_type), nullptr) << row.request_type;
    EXPECT_LT(last, row.request_type);
    EXPECT_NE(row.handler, nullptr);
    last = row.request_type;
  }
  EXPECT_THAT(command_table(), SizeIs(mdm::Catalog::builtin().commands().size()));
}

TEST(Perform, AnswersFormatErrorToWhatIsNoCommand) {
  const plist::Value messages[] = {
      "text",
      plist::Array{},
      plist::Dict{},
      plist::Dict{{"CommandUUID", "U"}},
      plist::Dict{{"CommandUUID", "U"}, {"Command", "DeviceLock"}},
      plist::Dict{{"CommandUUID", "U"}, {"Command", plist::Dict{}}},
      plist::Dict{{"CommandUUID", "U"}, {"Command", plist::Dict{{"RequestType", 7}}}},
      plist::Dict{{"CommandUUID", 7}, {"Command", plist::Dict{{"RequestType", "DeviceLock"}}}},
  };
  for (const plist::Value& message : messages) {
    Enrolled enrolled;
    const Bytes before = serialize(enrolled.device);
    const Outcome outcome = enrolled.run_raw("DeviceLock", message);
    EXPECT_EQ(outcome.status, mdm::Status::command_format_error);
    EXPECT_THAT(outcome.errors, SizeIs(1));
    EXPECT_EQ(serialize(enrolled.device), before);
  }
}

struct BadKeys {
  const char* type;
  plist::Dict keys;
};

TEST(Perform, AnswersFormatErrorToWrongTypesAndMissingKeys) {
  const BadKeys rows[] = {
      {"DeviceLock", {{"Message", 7}}},
      {"DeviceInformation", {}},
      {"DeviceInformation", {{"Queries", "UDID"}}},
      {"DeviceInformation", {{"Queries", plist::Array{7}}}},
      {"ClearPasscode", {}},
      {"ClearPasscode", {{"UnlockToken", "text"}}},
      {"EraseDevice", {{"PreserveDataPlan", "yes"}}},
      {"InstallProfile", {}},
      {"InstallProfile", {{"Payload", "<plist/>"}}},
      {"RemoveProfile", {}},
      {"RemoveProfile", {{"Identifier", plist::Array{}}}},
      {"ProfileList", {{"ManagedOnly", 1}}},
      {"CertificateList", {{"ManagedOnly", "true"}}},
      {"InstalledApplicationList", {{"Identifiers", "a"}}},
      {"InstalledApplicationList", {{"Identifiers", plist::Array{true}}}},
      {"SecurityInfo", {{"RequestRequiresNetworkTether", "no"}}},
  };
  for (const BadKeys& row : rows) {
    Enrolled enrolled;
    const Bytes before = serialize(enrolled.device);
    const Outcome outcome = enrolled.run(row.type, row.keys);
    EXPECT_EQ(outcome.status, mdm::Status::command_format_error) << row.type;
    EXPECT_EQ(outcome.then, Outcome::Then::go_on);
    EXPECT_EQ(serialize(enrolled.device), before) << row.type;
  }
}

TEST(Perform, ToleratesKeysOfANewerSchema) {
  Enrolled enrolled;
  EXPECT_THAT(enrolled.run("DeviceLock", {{"Brightness", 3}, {"PIN", "123456"}}), Acknowledged());
  EXPECT_TRUE(enrolled.device.locked);
  EXPECT_EQ(enrolled.device.lock_pin, "");  // no key of an iPhone
}

TEST(Perform, RefusesUnknownRequestType) {
  Enrolled enrolled;
  EXPECT_THAT(enrolled.run("MakeCoffee"), RefusedWith(kMdmErrorDomain, 12021));
  EXPECT_THAT(enrolled.run(std::string(1'000'000, 'x')), RefusedWith(kMdmErrorDomain, 12021));
}

TEST(Perform, RefusesWhatThePlatformDoesNotHave) {
  EXPECT_THAT(Enrolled("appletv").run("DeviceLock"), RefusedWith(kMdmErrorDomain, 12021));
  EXPECT_THAT(Enrolled("mac").run("ClearPasscode", {{"UnlockToken", Bytes{1}}}),
              RefusedWith(kMdmErrorDomain, 12021));
  EXPECT_THAT(Enrolled("iphone").run("SetRecoveryLock", {{"NewPassword", "x"}}),
              RefusedWith(kMdmErrorDomain, 12021));
}

TEST(Perform, RefusesSupervisedCommandOnDeviceThatIsNot) {
  Enrolled enrolled;
  EXPECT_THAT(enrolled.run("RestartDevice"), RefusedWith("MCChaperoneErrorDomain", 29000));
}

TEST(Perform, WantsTetherOnlyWhereThereCanBeOne) {
  const plist::Dict keys = {{"RequestRequiresNetworkTether", true}};
  EXPECT_THAT(Enrolled("iphone").run("SecurityInfo", keys), RefusedWith(kMdmErrorDomain, 12081));
  EXPECT_THAT(Enrolled("mac").run("SecurityInfo", keys), Acknowledged());
  EXPECT_THAT(Enrolled("iphone").run("SecurityInfo", {{"RequestRequiresNetworkTether", false}}),
              Acknowledged());
}

/// Every right that a command needs on a platform, by the catalog.
TEST(Perform, RefusesEveryCommandWhoseRightIsMissing) {
  int asked = 0;
  for (const Stand& stand : stands()) {
    for (const mdm::MessageSpec& spec : mdm::Catalog::builtin().commands()) {
      Enrolled enrolled(stand.options);
      enrolled.channel = stand.channel;
      const auto& entry =
          spec.platforms.at(static_cast<std::size_t>(enrolled.device.hardware.platform));
      const std::uint32_t right = entry ? entry->access_rights : 0;
      const plist::Dict keys = sample_arguments(spec, enrolled);
      if (right == 0 || hardware_lacks(spec.name, enrolled.device.hardware)) continue;
      if (!mdm::check_allowed(mdm::Catalog::builtin(), spec.name, enrolled.target()).empty()) {
        continue;
      }
      Enrolled without(stand.options, mdm::rights::kAll & ~right);
      without.channel = stand.channel;
      const Bytes before = serialize(without.device);
      EXPECT_THAT(without.run(spec.name, keys), RefusedWith(kMdmErrorDomain, 12007)) << spec.name;
      EXPECT_EQ(serialize(without.device), before) << spec.name;
      enrolled.device.enrollment->mdm.access_rights = right;
      EXPECT_THAT(enrolled.run(spec.name, keys), Acknowledged()) << spec.name;
      ++asked;
    }
  }
  EXPECT_GT(asked, 200);
}

/// What Lost Mode lets through is a column of the table.
TEST(Perform, RefusesMostCommandsInLostMode) {
  for (const CommandRow& row : command_table()) {
    const auto* spec = mdm::Catalog::builtin().command(row.request_type);
    Enrolled lost(FactoryOptions{"iphone", "", true, true});
    if (!mdm::check_allowed(mdm::Catalog::builtin(), spec->name, lost.target()).empty()) continue;
    const plist::Dict keys = sample_arguments(*spec, lost);
    lost.device.lost_mode.on = true;
    const Outcome outcome = lost.run(spec->name, keys);
    if (row.in_lost_mode) {
      EXPECT_THAT(outcome, Acknowledged()) << spec->name;
    } else {
      EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12078)) << spec->name;
    }
  }
}

/// Every command there is, without keys, to every platform: an answer, and no crash.
TEST(Perform, AnswersEveryCommandOnEveryPlatform) {
  for (const char* model : kModelOf) {
    for (const mdm::MessageSpec& spec : mdm::Catalog::builtin().commands()) {
      for (const bool supervised : {false, true}) {
        Enrolled enrolled(FactoryOptions{model, "", supervised});
        const auto platform = static_cast<std::size_t>(enrolled.device.hardware.platform);
        const Outcome outcome = enrolled.run(spec.name);
        if (!spec.platforms.at(platform) || !spec.platforms.at(platform)->introduced) {
          EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12021)) << spec.name << model;
        }
        if (outcome.status == mdm::Status::acknowledged) {
          EXPECT_TRUE(std::ranges::any_of(command_table(), [&](const CommandRow& row) {
            return row.request_type == spec.name;
          })) << spec.name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace understudy::agent::test
