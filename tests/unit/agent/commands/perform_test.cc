/// The judgement before any handler: format, existence, rights, tether.

#include <algorithm>

#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kModelOf[] = {"iphone", "mac", "appletv", "visionpro", "watch"};

TEST(CommandTable, NamesCommandsOfTheCatalogueOnceAndInOrder) {
  std::string_view last;
  for (const CommandRow& row : command_table()) {
    EXPECT_NE(mdm::Catalog::builtin().command(row.request_type), nullptr) << row.request_type;
    EXPECT_LT(last, row.request_type);
    EXPECT_NE(row.handler, nullptr);
    last = row.request_type;
  }
  EXPECT_THAT(command_table(), SizeIs(10));
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

TEST(Perform, SaysWhatIsNotModeled) {
  Enrolled enrolled(FactoryOptions{"iphone", "", true});
  const Outcome outcome = enrolled.run("RestartDevice");
  EXPECT_THAT(outcome, RefusedWith(kMdmErrorDomain, 12021));
  EXPECT_THAT(outcome.errors.at(0).description, HasSubstr("does not model"));
}

TEST(Perform, WantsTetherOnlyWhereThereCanBeOne) {
  const plist::Dict keys = {{"RequestRequiresNetworkTether", true}};
  EXPECT_THAT(Enrolled("iphone").run("SecurityInfo", keys), RefusedWith(kMdmErrorDomain, 12081));
  EXPECT_THAT(Enrolled("mac").run("SecurityInfo", keys), Acknowledged());
  EXPECT_THAT(Enrolled("iphone").run("SecurityInfo", {{"RequestRequiresNetworkTether", false}}),
              Acknowledged());
}

struct RightRow {
  const char* type;
  std::uint32_t right;
  plist::Dict keys;
};

std::vector<RightRow> rows_with_rights() {
  return {
      {"DeviceLock", mdm::rights::kLockAndClearPasscode, {}},
      {"ClearPasscode", mdm::rights::kLockAndClearPasscode, {{"UnlockToken", Bytes(32, 0x5a)}}},
      {"EraseDevice", mdm::rights::kErase, {}},
      {"InstallProfile", mdm::rights::kInstallProfiles, {{"Payload", Bytes{1}}}},
      {"RemoveProfile", mdm::rights::kInstallProfiles, {{"Identifier", "org.example.other"}}},
      {"ProfileList", mdm::rights::kInspectProfiles, {}},
      {"CertificateList", mdm::rights::kInspectProfiles, {}},
      {"InstalledApplicationList", mdm::rights::kInspectApps, {}},
      {"SecurityInfo", mdm::rights::kSecurity, {}},
  };
}

TEST(Perform, RefusesCommandWhoseRightIsMissing) {
  for (const RightRow& row : rows_with_rights()) {
    Enrolled without("iphone", mdm::rights::kAll & ~row.right);
    const Bytes before = serialize(without.device);
    EXPECT_THAT(without.run(row.type, row.keys), RefusedWith(kMdmErrorDomain, 12007)) << row.type;
    EXPECT_EQ(serialize(without.device), before) << row.type;

    const Outcome allowed = Enrolled("iphone", row.right).run(row.type, row.keys);
    EXPECT_FALSE(!allowed.errors.empty() && allowed.errors.front().code == 12007) << row.type;
  }
}

TEST(Perform, ChecksRightsOfEveryCommandInTheTable) {
  for (const CommandRow& row : command_table()) {
    if (row.request_type == "DeviceInformation") continue;  // leaves answers out instead
    const auto rows = rows_with_rights();
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const RightRow& right) {
      return right.type == row.request_type;
    })) << row.request_type;
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
