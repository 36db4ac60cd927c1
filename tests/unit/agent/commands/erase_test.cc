#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(EraseDevice, LeavesAFactoryDevice) {
  for (const char* model : {"iphone", "mac", "mac-intel", "appletv", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    const Hardware hardware = enrolled.device.hardware;
    const Outcome outcome = enrolled.run("EraseDevice");
    EXPECT_THAT(outcome, Acknowledged());
    EXPECT_THAT(outcome.body, IsEmpty());
    EXPECT_EQ(outcome.then, Outcome::Then::erase);
    EXPECT_FALSE(enrolled.device.enrollment) << model;
    EXPECT_THAT(enrolled.device.profiles, IsEmpty());
    EXPECT_THAT(enrolled.device.keychain, IsEmpty());
    EXPECT_EQ(enrolled.device.passcode, "");
    EXPECT_EQ(enrolled.device.erased_times, 1U);
    EXPECT_EQ(enrolled.device.hardware, hardware);
  }
}

TEST(EraseDevice, RunsOnALockedDevice) {
  Enrolled enrolled;
  enrolled.device.locked = true;
  EXPECT_THAT(enrolled.run("EraseDevice", {{"PreserveDataPlan", true}}), Acknowledged());
  EXPECT_FALSE(enrolled.device.locked);
}

TEST(EraseDevice, TakesEveryFallbackAMacKnows) {
  for (const char* behavior : {"Default", "DoNotObliterate", "ObliterateWithWarning", "Always"}) {
    Enrolled enrolled("mac");
    const Outcome outcome =
        enrolled.run("EraseDevice", {{"ObliterationBehavior", behavior}, {"PIN", "123456"}});
    EXPECT_THAT(outcome, Acknowledged()) << behavior;
    EXPECT_FALSE(enrolled.device.enrollment);
  }
}

// fact 11.3
TEST(EraseDevice, DoesAsItWasToldWhereContentAndSettingsCannotBeErased) {
  struct Row {
    const char* behavior;  ///< empty: none given
    mdm::Status status;
    bool erases;
  };
  constexpr auto kError = mdm::Status::error;
  constexpr auto kAcknowledged = mdm::Status::acknowledged;
  for (const Row& row :
       {Row{"", kError, true}, Row{"Default", kError, true}, Row{"DoNotObliterate", kError, false},
        Row{"ObliterateWithWarning", kAcknowledged, true}, Row{"Always", kAcknowledged, true}}) {
    Enrolled mac("mac");
    mac.device.mac.unsealed = true;
    plist::Dict keys;
    if (*row.behavior != 0) keys["ObliterationBehavior"] = row.behavior;
    const Outcome outcome = mac.run("EraseDevice", keys);
    EXPECT_EQ(outcome.status, row.status) << row.behavior;
    EXPECT_EQ(outcome.then == Outcome::Then::erase, row.erases) << row.behavior;
    EXPECT_EQ(mac.device.enrollment.has_value(), !row.erases) << row.behavior;
    EXPECT_EQ(mac.device.mac.unsealed, !row.erases) << "an erased system is new";
  }
  Enrolled old("mac");  // macOS 11 knows obliteration only
  old.device.mac.unsealed = true;
  old.device.hardware.os_version = "11.7";
  EXPECT_THAT(old.run("EraseDevice"), Acknowledged());
}

TEST(EraseDevice, ErasesNothingWhenTheMacObjects) {
  for (const plist::Dict& keys : {plist::Dict{{"PIN", "1"}}, plist::Dict{{"PIN", ""}},
                                  plist::Dict{{"ObliterationBehavior", "Maybe"}}}) {
    Enrolled enrolled("mac");
    const Outcome outcome = enrolled.run("EraseDevice", keys);
    EXPECT_THAT(outcome, RefusedWith(mdm::kMdmErrorDomain, 12008));
    EXPECT_EQ(outcome.then, Outcome::Then::go_on);
    EXPECT_TRUE(enrolled.device.enrollment);
  }
}

plist::Dict return_with_profile(Bytes profile) {
  return {{"ReturnToService", plist::Dict{{"Enabled", true}, {"MDMProfileData", profile}}}};
}

// fact 11.4
TEST(EraseDevice, TakesTheProfileToReturnToServiceWithThroughTheErasure) {
  Enrolled enrolled;
  enrolled.device.enrollment->anchors_der = {{1, 2}};
  const Bytes profile = to_xml(enrollment_profile(mdm_payload()));
  const Outcome outcome = enrolled.run("EraseDevice", return_with_profile(profile));
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_EQ(outcome.then, Outcome::Then::erase);
  EXPECT_FALSE(enrolled.device.enrollment);
  ASSERT_TRUE(enrolled.device.return_to_service);
  EXPECT_EQ(enrolled.device.return_to_service->mdm_profile, profile);
  EXPECT_EQ(enrolled.device.return_to_service->anchors_der, (std::vector<Bytes>{{1, 2}}));
  EXPECT_FALSE(enrolled.device.return_to_service->allow_http);
}

TEST(EraseDevice, ErasesNothingWhenItCouldNotComeBack) {
  plist::Dict bad_wifi = return_with_profile(to_xml(enrollment_profile(mdm_payload())));
  bad_wifi["ReturnToService"].if_dict()->insert({"WiFiProfileData", to_bytes("no profile")});
  const std::vector<std::pair<plist::Dict, std::string>> rows = {
      {{{"ReturnToService", plist::Dict{{"Enabled", true}}}}, "does not model"},
      {return_with_profile(to_bytes("no profile")), "MDMProfileData"},
      {bad_wifi, "WiFiProfileData"}};
  for (const auto& [keys, words] : rows) {
    Enrolled enrolled;
    const Outcome outcome = enrolled.run("EraseDevice", keys);
    EXPECT_EQ(outcome.status, mdm::Status::error);
    EXPECT_THAT(outcome.errors.at(0).description, HasSubstr(words));
    EXPECT_TRUE(enrolled.device.enrollment) << words;
    EXPECT_FALSE(enrolled.device.return_to_service);
  }
}

TEST(EraseDevice, ReturnsToServiceOnlyWhereThatIsEnabledAndExists) {
  const Bytes profile = to_xml(enrollment_profile(mdm_payload()));
  Enrolled enrolled;
  EXPECT_THAT(enrolled.run("EraseDevice", {{"ReturnToService", plist::Dict{{"Enabled", false}}}}),
              Acknowledged());
  EXPECT_FALSE(enrolled.device.return_to_service);
  Enrolled mac("mac");
  EXPECT_THAT(mac.run("EraseDevice", return_with_profile(profile)), Acknowledged());
  EXPECT_FALSE(mac.device.return_to_service);
  Enrolled old("iphone");
  old.device.hardware.os_version = "16.7";
  EXPECT_THAT(old.run("EraseDevice", return_with_profile(profile)), Acknowledged());
  EXPECT_FALSE(old.device.return_to_service);
}

}  // namespace
}  // namespace understudy::agent::test
