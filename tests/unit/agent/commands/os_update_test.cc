#include "agent/commands/progress.h"
#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

using std::chrono::seconds;
using ::testing::SizeIs;

Enrolled old_phone() {
  return Enrolled(FactoryOptions{"iphone", "17.5", true});
}

plist::Array updates(Enrolled& enrolled) {
  return *member(enrolled.run("AvailableOSUpdates"), "AvailableOSUpdates").if_array();
}

/// What becomes of one update that is named by its version.
plist::Value schedule(Enrolled& enrolled, const char* version, const char* action) {
  const plist::Dict item = {{"ProductVersion", version}, {"InstallAction", action}};
  const Outcome outcome = enrolled.run("ScheduleOSUpdate", {{"Updates", plist::Array{item}}});
  EXPECT_THAT(outcome, Acknowledged());
  return member(outcome, "UpdateResults").if_array()->at(0);
}

std::int64_t first_code(const plist::Value& result) {
  return result.find("ErrorChain")->if_array()->at(0).int_at("ErrorCode").value_or(0);
}

plist::Array statuses(Enrolled& enrolled) {
  return *member(enrolled.run("OSUpdateStatus"), "OSUpdateStatus").if_array();
}

TEST(OsUpdates, AreTheNewestOfThisMajorVersionAndTheNewestOfAll) {
  Enrolled enrolled = old_phone();
  const plist::Array found = updates(enrolled);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found.at(0).string_at("Version"), "17.7");
  EXPECT_EQ(found.at(1).string_at("Version"), "18.1");
  EXPECT_EQ(found.at(1).string_at("Build"), "22B83");
  Enrolled newest(FactoryOptions{"iphone", "", true});
  EXPECT_THAT(updates(newest), SizeIs(0));
}

TEST(OsUpdates, AreFetchedThenInstalled) {
  Enrolled enrolled = old_phone();
  EXPECT_EQ(first_code(schedule(enrolled, "18.1", "InstallASAP")), 12059);
  EXPECT_EQ(schedule(enrolled, "18.1", "Default").string_at("InstallAction"), "DownloadOnly");
  enrolled.clock->advance(seconds(kDownloadSeconds / 2));
  ASSERT_THAT(statuses(enrolled), SizeIs(1));
  EXPECT_EQ(statuses(enrolled).at(0).string_at("Status"), "Downloading");
  EXPECT_EQ(*statuses(enrolled).at(0).find("DownloadPercentComplete"), plist::Value(0.5));
  enrolled.clock->advance(seconds(kDownloadSeconds));
  EXPECT_EQ(statuses(enrolled).at(0).bool_at("IsDownloaded"), true);
  EXPECT_EQ(statuses(enrolled).at(0).string_at("Status"), "Idle");

  EXPECT_EQ(schedule(enrolled, "18.1", "Default").string_at("Status"), "Installing");
  enrolled.clock->advance(seconds(kOsInstallSeconds));
  EXPECT_THAT(statuses(enrolled), SizeIs(0));
  EXPECT_EQ(enrolled.device.hardware.os_version, "18.1");
  EXPECT_EQ(enrolled.device.hardware.build_version, "22B83");
  EXPECT_EQ(enrolled.device.restarts, 1U);
}

TEST(OsUpdates, OfAMacGoByThemselvesOrLater) {
  Enrolled mac(FactoryOptions{"mac", "14.6", true});
  EXPECT_EQ(schedule(mac, "15.1", "InstallLater").string_at("InstallAction"), "InstallLater");
  mac.clock->advance(seconds(kDownloadSeconds + kOsInstallSeconds));
  EXPECT_EQ(statuses(mac).at(0).string_at("Status"), "Idle");
  EXPECT_NE(statuses(mac).at(0).find("NextScheduledInstall"), nullptr);
  EXPECT_EQ(schedule(mac, "15.1", "InstallForceRestart").string_at("Status"), "Installing");
  mac.clock->advance(seconds(kOsInstallSeconds));
  statuses(mac);
  EXPECT_EQ(mac.device.hardware.os_version, "15.1");
}

TEST(OsUpdates, SayWhatCannotBeScheduled) {
  Enrolled enrolled = old_phone();
  EXPECT_EQ(first_code(schedule(enrolled, "99.0", "Default")), 12048);
  EXPECT_EQ(first_code(schedule(enrolled, "18.1", "InstallLater")), 12062);
  EXPECT_THAT(enrolled.device.os_updates, SizeIs(0));
}

TEST(OsUpdates, RememberTheScan) {
  Enrolled mac(FactoryOptions{"mac", "", true});
  const Outcome outcome = mac.run("ScheduleOSUpdateScan");
  EXPECT_EQ(member(outcome, "ScanInitiated"), plist::Value(true));
  mac.clock->advance(seconds(100));
  const Outcome told =
      mac.run("DeviceInformation", {{"Queries", plist::Array{"OSUpdateSettings"}}});
  const plist::Value answers = member(told, "QueryResponses");
  EXPECT_EQ(*answers.find("OSUpdateSettings")->find("PreviousScanDate"),
            plist::Value(plist::Date::from_time(kNow)));
}

TEST(OsUpdates, OfAMacTellUntilWhenAProfileDefersThem) {
  Enrolled mac(FactoryOptions{"mac", "14.5", true});
  const auto days = [&](std::size_t which) -> std::int64_t {
    const plist::Value update = updates(mac).at(which);
    const plist::Value* until = update.find("DeferredUntil");
    if (until == nullptr) return 0;
    return std::chrono::round<std::chrono::days>(until->if_date()->to_time() - kNow).count();
  };
  constexpr std::size_t kMinor = 0;
  constexpr std::size_t kMajor = 1;
  EXPECT_EQ(days(kMinor), 0);
  const auto restrict = [&](const char* uuid, plist::Dict keys) {
    plist::Dict body = payload("com.apple.applicationaccess", uuid);
    body.merge(keys);
    EXPECT_THAT(install(mac, profile(std::string("org.example.") + uuid, {body})), Acknowledged());
  };
  restrict("a", {{"forceDelayedSoftwareUpdates", true}});
  EXPECT_EQ(days(kMinor), 30) << "where no delay is named";
  EXPECT_EQ(days(kMajor), 0);
  restrict("b", {{"enforcedSoftwareUpdateDelay", 5}});
  EXPECT_EQ(days(kMinor), 5);
  restrict("c", {{"enforcedSoftwareUpdateMinorOSDeferredInstallDelay", 7}});
  restrict("d", {{"forceDelayedMajorSoftwareUpdates", true},
                 {"enforcedSoftwareUpdateMajorOSDeferredInstallDelay", 60}});
  EXPECT_EQ(days(kMinor), 7) << "the longest";
  EXPECT_EQ(days(kMajor), 60);
  mac.run("ScheduleOSUpdateScan");
  mac.clock->advance(std::chrono::days(8));
  EXPECT_EQ(days(kMinor), 0) << "it is over";
  EXPECT_EQ(days(kMajor), 60) << "from the scan on";
  mac.run("RemoveProfile", {{"Identifier", "org.example.d"}});
  EXPECT_EQ(days(kMajor), 0);
}

TEST(OsUpdates, OfAPhoneTellNoDay) {
  Enrolled phone = old_phone();
  plist::Dict body = payload("com.apple.applicationaccess", "R");
  body["forceDelayedSoftwareUpdates"] = true;
  EXPECT_THAT(install(phone, profile("org.example.r", {body})), Acknowledged());
  EXPECT_EQ(updates(phone).at(0).find("DeferredUntil"), nullptr);
}

}  // namespace
}  // namespace understudy::agent::test
