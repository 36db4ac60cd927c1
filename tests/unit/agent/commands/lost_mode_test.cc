#include "agent/payloads/restart.h"
#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;

Enrolled supervised_phone() {
  return Enrolled(FactoryOptions{"iphone", "", true});
}

TEST(LostMode, NeedsAMessageOrAPhoneNumber) {
  Enrolled enrolled = supervised_phone();
  EXPECT_THAT(enrolled.run("EnableLostMode", {{"Footnote", "Thanks"}}),
              RefusedWith(kMdmErrorDomain, 12066));
  EXPECT_FALSE(enrolled.device.lost_mode.on);
  EXPECT_THAT(enrolled.run("EnableLostMode", {{"PhoneNumber", "+1 202 555 0100"}}), Acknowledged());
  EXPECT_EQ(enrolled.device.lost_mode.phone_number, "+1 202 555 0100");
  EXPECT_TRUE(enrolled.device.locked);
}

TEST(LostMode, TellsWhereItIsOnlyWhileItIsLost) {
  Enrolled enrolled = supervised_phone();
  EXPECT_THAT(enrolled.run("DeviceLocation"), RefusedWith(kMdmErrorDomain, 12067));
  EXPECT_THAT(enrolled.run("PlayLostModeSound"), RefusedWith(kMdmErrorDomain, 12067));
  enrolled.run("EnableLostMode", {{"Message", "Lost"}});
  enrolled.device.position = {{48.5, 2.25}};
  const Outcome outcome = enrolled.run("DeviceLocation");
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_EQ(member(outcome, "Latitude"), plist::Value(48.5));
  EXPECT_EQ(member(outcome, "Longitude"), plist::Value(2.25));
  EXPECT_EQ(member(outcome, "Timestamp"), plist::Value("2026-11-24T00:00:00.000000Z"));
  EXPECT_THAT(enrolled.run("PlayLostModeSound"), Acknowledged());
  EXPECT_EQ(enrolled.device.lost_mode.sounds, 1U);
}

TEST(LostMode, SaysSoWhenItCannotTellWhereItIs) {
  Enrolled enrolled = supervised_phone();
  enrolled.run("EnableLostMode", {{"Message", "Lost"}});
  enrolled.device.position.reset();
  EXPECT_THAT(enrolled.run("DeviceLocation"), RefusedWith(kMdmErrorDomain, 12068));
}

TEST(LostMode, ShowsInDeviceInformationAndDeviceLock) {
  Enrolled enrolled = supervised_phone();
  enrolled.run("EnableLostMode", {{"Message", "Lost"}});
  const Outcome lock = enrolled.run("DeviceLock", {{"Message", "Call home"}});
  EXPECT_EQ(member(lock, "MessageResult"), plist::Value("DeviceInLostMode"));
  const Outcome outcome =
      enrolled.run("DeviceInformation", {{"Queries", plist::Array{"IsMDMLostModeEnabled"}}});
  EXPECT_EQ(member(outcome, "QueryResponses").bool_at("IsMDMLostModeEnabled"), true);
}

TEST(LostMode, EndsByItsCommandOnly) {
  Enrolled enrolled = supervised_phone();
  EXPECT_THAT(enrolled.run("DisableLostMode"), RefusedWith(kMdmErrorDomain, 12069));
  enrolled.run("EnableLostMode", {{"Message", "Lost"}});
  restart(enrolled.device);
  EXPECT_TRUE(enrolled.device.lost_mode.on);
  EXPECT_THAT(enrolled.run("SecurityInfo"), RefusedWith(kMdmErrorDomain, 12078));
  EXPECT_THAT(enrolled.run("DisableLostMode"), Acknowledged());
  EXPECT_THAT(enrolled.run("SecurityInfo"), Acknowledged());
}

TEST(LostMode, DoesNotHinderErasing) {
  Enrolled enrolled = supervised_phone();
  enrolled.run("EnableLostMode", {{"Message", "Lost"}});
  EXPECT_THAT(enrolled.run("EraseDevice"), Acknowledged());
  EXPECT_FALSE(enrolled.device.lost_mode.on);
}

}  // namespace
}  // namespace understudy::agent::test
