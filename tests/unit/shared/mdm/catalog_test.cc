#include "shared/mdm/catalog.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"

namespace understudy::mdm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Availability* on(const MessageSpec& spec, Platform platform) {
  const auto& entry = spec.platforms.at(static_cast<std::size_t>(platform));
  return entry ? &*entry : nullptr;
}

template <class Predicate>
long count_commands(Predicate wanted) {
  return std::ranges::count_if(Catalog::builtin().commands(), [&](const MessageSpec& message) {
    return !message.is_newer() && wanted(message);
  });
}

long count_keys(const std::vector<KeySpec>& keys) {
  long count = 0;
  for (const KeySpec& key : keys)
    count += 1 + (key.type == KeyType::string ? 0 : count_keys(key.subkeys));
  return count;
}

const KeySpec* find_key(const std::vector<KeySpec>& keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &KeySpec::name);
  return found == keys.end() ? nullptr : &*found;
}

// The sums were counted apart from this program, over Apple's files (iOS 18.1 / macOS 15.1).
TEST(Catalog, HoldsEveryMessageOfTheSchema) {
  const auto of_schema = [](const MessageSpec& message) { return !message.is_newer(); };
  EXPECT_EQ(std::ranges::count_if(Catalog::builtin().commands(), of_schema), 66);
  EXPECT_EQ(std::ranges::count_if(Catalog::builtin().checkins(), of_schema), 8);
}

TEST(Catalog, HoldsWhatLaterReleasesBrought) {
  for (const char* name : {"TriggerEnhancedLogCollection", "CancelEnhancedLogCollection"}) {
    const MessageSpec* command = Catalog::builtin().command(name);
    ASSERT_NE(command, nullptr);
    EXPECT_TRUE(command->is_newer());
    EXPECT_EQ(on(*command, Platform::macos)->introduced, Version({{27, 0}}));
    EXPECT_FALSE(on(*command, Platform::macos)->device_channel);
  }
  const MessageSpec* checkin = Catalog::builtin().checkin("ReturnToService");
  ASSERT_NE(checkin, nullptr);
  EXPECT_EQ(on(*checkin, Platform::visionos)->introduced, Version({{26, 0}}));
}

TEST(Catalog, AgreesWithTheCountsForEachPlatform) {
  const auto there = [](Platform platform) {
    return count_commands([=](const MessageSpec& m) { return on(m, platform) != nullptr; });
  };
  EXPECT_EQ(there(Platform::ios), 49);
  EXPECT_EQ(there(Platform::macos), 50);
  EXPECT_EQ(there(Platform::tvos), 26);
  EXPECT_EQ(there(Platform::visionos), 26);
  EXPECT_EQ(there(Platform::watchos), 21);
}

TEST(Catalog, AgreesWithTheCountsForChannelsEnrollmentAndSupervision) {
  EXPECT_EQ(count_commands([](const MessageSpec& m) {
              const auto* mac = on(m, Platform::macos);
              return mac != nullptr && mac->user_channel;
            }),
            16);
  EXPECT_EQ(count_commands([](const MessageSpec& m) {
              const auto* ios = on(m, Platform::ios);
              return ios != nullptr && ios->shared_ipad != Availability::Mode::forbidden &&
                     ios->shared_ipad_user_channel;
            }),
            9);
  EXPECT_EQ(count_commands([](const MessageSpec& m) {
              // User Enrollment exists on these three.
              return std::ranges::any_of(
                  std::array{Platform::ios, Platform::macos, Platform::visionos}, [&](Platform p) {
                    return on(m, p) != nullptr &&
                           on(m, p)->user_enrollment == Availability::Mode::allowed;
                  });
            }),
            25);
  EXPECT_EQ(count_commands([](const MessageSpec& m) {
              const auto* ios = on(m, Platform::ios);
              return ios != nullptr && ios->supervised;
            }),
            16);
}

TEST(Catalog, AgreesWithTheCountsOfKeys) {
  long request = 0;
  long response = 0;
  for (const MessageSpec& message : Catalog::builtin().commands()) {
    if (message.is_newer()) continue;
    request += count_keys(message.request);
    response += count_keys(message.response);
  }
  EXPECT_EQ(request, 261);
  EXPECT_EQ(response, 543);
  EXPECT_EQ(count_commands([](const MessageSpec& m) { return m.request.empty(); }), 22);
  EXPECT_EQ(count_commands([](const MessageSpec& m) { return m.response.empty(); }), 31);
  request = 0;
  response = 0;
  for (const MessageSpec& message : Catalog::builtin().checkins()) {
    if (message.is_newer()) continue;
    request += count_keys(message.request);
    response += count_keys(message.response);
  }
  EXPECT_EQ(request, 60);
  EXPECT_EQ(response, 2);
}

TEST(Catalog, KnowsWhatDeviceLockIs) {
  const MessageSpec* lock = Catalog::builtin().command("DeviceLock");
  ASSERT_NE(lock, nullptr);
  EXPECT_EQ(lock->file, "mdm/commands/device.lock.yaml");
  EXPECT_EQ(on(*lock, Platform::ios)->introduced, Version({{4, 0}}));
  EXPECT_EQ(on(*lock, Platform::ios)->access_rights, rights::kLockAndClearPasscode);
  EXPECT_EQ(on(*lock, Platform::macos)->user_enrollment, Availability::Mode::forbidden);
  EXPECT_FALSE(on(*lock, Platform::macos)->user_channel);
  EXPECT_EQ(on(*lock, Platform::tvos), nullptr);
  const KeySpec* pin = find_key(lock->request, "PIN");
  ASSERT_NE(pin, nullptr);
  EXPECT_EQ(pin->type, KeyType::string);
  EXPECT_FALSE(pin->required);
  ASSERT_TRUE(pin->platforms[0]);
  EXPECT_EQ(pin->platforms[0]->introduced, std::nullopt);  // n/a on iOS
  EXPECT_EQ(pin->platforms[1]->introduced, Version({{10, 8}}));
  EXPECT_FALSE(pin->platforms[2]);  // says nothing of tvOS: as the command
}

TEST(Catalog, KeepsTheQueriesOfDeviceInformationWithTheirRights) {
  const MessageSpec* command = Catalog::builtin().command("DeviceInformation");
  ASSERT_NE(command, nullptr);
  const KeySpec& item = find_key(command->request, "Queries")->subkeys.at(0);
  EXPECT_EQ(item.type, KeyType::string);
  const KeySpec* wifi = find_key(item.subkeys, "WiFiMAC");
  ASSERT_NE(wifi, nullptr);
  EXPECT_EQ(wifi->platforms[0]->access_rights, rights::kNetworkInformation);
  // Its entry has no version of its own: that of the command.
  EXPECT_EQ(wifi->platforms[0]->introduced, Version({{4, 0}}));
}

TEST(Catalog, MarksADescriptionInPlaceOfANameAsWildcard) {
  const auto& status = Catalog::builtin().command("ContentCachingInformation")->response.at(0);
  EXPECT_EQ(find_key(status.subkeys, "CacheDetails")->subkeys.at(0).name, "ANY Category Name");
}

TEST(Catalog, KnowsChoicesAndRanges) {
  const auto& checkin = *Catalog::builtin().checkin("GetToken");
  EXPECT_THAT(find_key(checkin.request, "TokenServiceType")->choices,
              ElementsAre("com.apple.maid", "com.apple.watch.pairing"));
  const auto& caching = Catalog::builtin().command("ContentCachingInformation")->response.at(0);
  EXPECT_EQ(find_key(caching.subkeys, "DataMigrationProgress")->max, 1.0);
  EXPECT_EQ(find_key(caching.subkeys, "DataMigrationProgress")->min, 0.0);
}

TEST(Catalog, FindsNothingUnderAnotherName) {
  EXPECT_EQ(Catalog::builtin().command("devicelock"), nullptr);
  EXPECT_EQ(Catalog::builtin().command(""), nullptr);
  EXPECT_EQ(Catalog::builtin().checkin("DeviceLock"), nullptr);
}

TEST(Catalog, RefusesTextThatIsNotACatalog) {
  const auto refused = [](std::string_view text, const char* why) {
    const auto catalog = Catalog::parse(text);
    ASSERT_FALSE(catalog) << text;
    EXPECT_EQ(catalog.error().code, errc::bad_value);
    EXPECT_THAT(catalog.error().message(), HasSubstr(why));
  };
  refused("", "command catalog");
  refused(R"({"format":2,"commands":[],"checkins":[]})", "format is not 1");
  refused(R"({"format":1,"checkins":[]})", "commands");
  refused(R"({"format":1,"commands":[{"name":"X","file":"x","os":{"BeOS":"1"}}],"checkins":[]})",
          "X: platform \"BeOS\"");
  refused(R"({"format":1,"commands":[{"name":"X","file":"x","request":[{"name":"K","type":"blob"}]}
             ],"checkins":[]})",
          "X.K: type \"blob\"");
  refused(R"({"format":1,"commands":[{"name":"X","file":"x","os":{"iOS":"four"}}],"checkins":[]})",
          "version \"four\"");
  refused(R"({"format":1,"commands":[{"name":"X","file":"x","os":{"iOS":{"since":"4",
             "user_enrollment":"maybe"}}}],"checkins":[]})",
          "user_enrollment \"maybe\"");
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::string kGenerator = std::string(UNDERSTUDY_BIN_DIR) + "/understudy-catalog";

TEST(CatalogGenerator, WritesTheCommittedFileAgain) {
  const std::filesystem::path source = UNDERSTUDY_SOURCE_DIR;
  const auto schema = source.parent_path() / "shared" / "apple-device-management";
  if (!std::filesystem::is_directory(schema / "mdm"))
    GTEST_SKIP() << "no checkout of apple/device-management at " << schema;
  const support::TempDir dir;
  const auto out = dir / "catalog.json";
  const auto newer = source / "tools" / "catalog" / "newer";
  const auto payloads = dir / "payload_catalog.json";
  const auto result =
      support::run({kGenerator, "--schema", schema.string(), "--schema", newer.string(), "--out",
                    out.string(), "--payloads", payloads.string()});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(contents(payloads) == contents(source / "shared" / "mdm" / "payload_catalog.json"))
      << "run understudy-catalog --schema ... --payloads shared/mdm/payload_catalog.json";
  EXPECT_TRUE(contents(out) == contents(source / "shared" / "mdm" / "catalog.json"))
      << "run understudy-catalog --schema ... --schema tools/catalog/newer --out "
         "shared/mdm/catalog.json";
}

/// A schema of one command, and none of Apple's.
class SmallSchema : public ::testing::Test {
 protected:
  void write(const std::string& yaml) {
    std::filesystem::create_directories(dir_ / "mdm" / "commands");
    std::filesystem::create_directories(dir_ / "mdm" / "checkin");
    std::ofstream(dir_ / "mdm" / "commands" / "one.yaml") << yaml;
  }
  support::Output generate() {
    return support::run({kGenerator, "--schema", dir_.path().string()});
  }
  support::TempDir dir_;
};

TEST_F(SmallSchema, BecomesFactsWithoutProse) {
  write(R"(
title: One Command
description: Prose.
payload:
  requesttype: One
  supportedOS:
    iOS: {introduced: '9.0', supervised: true, accessrights: AllowSettings}
    macOS: {introduced: n/a}
payloadkeys:
- key: Level
  type: <integer>
  presence: required
  rangelist: [1, 2]
  content: More prose.
  supportedOS:
    iOS: {removed: '12.0', userenrollment: {mode: forbidden}}
    macOS: {userenrollment: {mode: forbidden}}
)");
  const auto result = generate();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out,
            R"({"format":1,"commands":[
{"name":"One","file":"mdm/commands/one.yaml","os":{"iOS":{"since":"9.0","supervised":true,"rights":2048}},"request":[
{"name":"Level","type":"integer","required":true,"choices":["1","2"],"os":{"iOS":{"since":"9.0","until":"12.0","user_enrollment":"forbidden"},"macOS":null}}],"response":[]}],"checkins":[]}
)");
  EXPECT_TRUE(Catalog::parse(result.out));
}

TEST_F(SmallSchema, IsRefusedWhenItSaysSomethingNew) {
  write("payload: {requesttype: One, supportedOS: {iOS: {introduced: '9', accessrights: Fly}}}");
  auto result = generate();
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("one.yaml on iOS: right \"Fly\" is unknown"));
  write("payload: {requesttype: One, supportedOS: {carOS: {introduced: '9'}}}");
  EXPECT_THAT(generate().err, HasSubstr("platform \"carOS\" is unknown"));
  write("payload: {requesttype: One}\npayloadkeys: [{key: K, type: <blob>}]");
  EXPECT_THAT(generate().err, HasSubstr("one.yaml.K: type \"<blob>\" is unknown"));
  write("payload: [");
  EXPECT_EQ(generate().status, 2);
}

TEST_F(SmallSchema, IsAskedForWhenAbsent) {
  const auto result = generate();
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("mdm/commands: cannot be listed"));
  EXPECT_EQ(support::run({kGenerator}).status, 1);
}

}  // namespace
}  // namespace understudy::mdm
