#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using ::testing::IsEmpty;

TEST(DeviceLock, LocksTheScreenAndSaysNothingMore) {
  for (const char* model : {"iphone", "ipad", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    const Outcome outcome = enrolled.run("DeviceLock");
    EXPECT_THAT(outcome, Acknowledged());
    EXPECT_THAT(outcome.body, IsEmpty());
    EXPECT_TRUE(enrolled.device.locked) << model;
    EXPECT_EQ(outcome.then, Outcome::Then::go_on);
  }
}

// docs/protocol/device-facts.md 11.1: MessageResult only if the command had Message or PhoneNumber.
TEST(DeviceLock, TellsWhatBecameOfTheMessage) {
  Enrolled enrolled;
  const Outcome with = enrolled.run("DeviceLock", {{"Message", "Call home"}});
  EXPECT_EQ(member(with, "MessageResult"), plist::Value("Success"));
  EXPECT_EQ(enrolled.device.lock_message, "Call home");

  const Outcome number = enrolled.run("DeviceLock", {{"PhoneNumber", "+12025550100"}});
  EXPECT_EQ(member(number, "MessageResult"), plist::Value("Success"));
  EXPECT_EQ(enrolled.device.lock_phone_number, "+12025550100");
  EXPECT_EQ(enrolled.device.lock_message, "");  // the newest lock is what shows

  enrolled.device.passcode.clear();
  const Outcome bare = enrolled.run("DeviceLock", {{"Message", "Call home"}});
  EXPECT_EQ(member(bare, "MessageResult"), plist::Value("NoPasscodeSet"));
  EXPECT_TRUE(enrolled.device.locked);
}

TEST(DeviceLock, ShowsNoMessageWhereThereIsNoPlaceForIt) {
  Enrolled enrolled("visionpro");
  const Outcome outcome = enrolled.run("DeviceLock", {{"Message", "Call home"}});
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_THAT(outcome.body, IsEmpty());
  EXPECT_EQ(enrolled.device.lock_message, "");
}

TEST(DeviceLock, IgnoresAMessageToASharedIpad) {
  Enrolled enrolled("shared-ipad");
  const Outcome outcome =
      enrolled.run("DeviceLock", {{"Message", "Call home"}, {"PhoneNumber", "+12025550100"}});
  EXPECT_THAT(outcome, Acknowledged());
  EXPECT_THAT(outcome.body, IsEmpty());
  EXPECT_EQ(enrolled.device.lock_message + enrolled.device.lock_phone_number, "");
}

// mdm/commands/device.lock.yaml: macOS 11.5, Apple silicon only
TEST(DeviceLock, ShowsAPhoneNumberOnNewMacsOnly) {
  const auto shown = [](const char* model, const char* os) {
    Enrolled mac(model);
    if (*os != 0) mac.device.hardware.os_version = os;
    EXPECT_THAT(mac.run("DeviceLock", {{"PIN", "123456"}, {"PhoneNumber", "+12025550100"}}),
                Acknowledged());
    return !mac.device.lock_phone_number.empty();
  };
  EXPECT_TRUE(shown("mac", ""));
  EXPECT_FALSE(shown("mac", "11.4"));
  EXPECT_FALSE(shown("mac-intel", ""));
}

// fact 11.1
TEST(DeviceLock, RestartsAMacIntoItsLock) {
  Enrolled mac("mac");
  ASSERT_TRUE(mac.device.users.at(0).logged_in);
  EXPECT_THAT(mac.run("DeviceLock", {{"PIN", "123456"}}), Acknowledged());
  EXPECT_EQ(mac.device.restarts, 1U);
  EXPECT_TRUE(mac.device.locked);
  EXPECT_EQ(mac.device.lock_pin, "123456");
  EXPECT_FALSE(mac.device.users.at(0).logged_in);
  Enrolled phone("iphone");
  EXPECT_THAT(phone.run("DeviceLock"), Acknowledged());
  EXPECT_EQ(phone.device.restarts, 0U);
}

TEST(DeviceLock, NeedsPinOfSixCharactersOnAMac) {
  for (const char* model : {"mac", "mac-intel"}) {
    Enrolled enrolled(model);
    for (const plist::Dict& keys :
         {plist::Dict{}, plist::Dict{{"PIN", "12345"}}, plist::Dict{{"PIN", "1234567"}}}) {
      EXPECT_THAT(enrolled.run("DeviceLock", keys), RefusedWith(mdm::kMdmErrorDomain, 12008));
      EXPECT_FALSE(enrolled.device.locked);
    }
    EXPECT_THAT(enrolled.run("DeviceLock", {{"PIN", "123456"}, {"Message", "Call home"}}),
                Acknowledged());
    EXPECT_TRUE(enrolled.device.locked);
    EXPECT_EQ(enrolled.device.lock_pin, "123456");
  }
}

TEST(ClearPasscode, ClearsWithTheTokenOfThisEnrollment) {
  for (const char* model : {"iphone", "ipad", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    enrolled.device.locked = enrolled.device.waits_for_first_unlock = true;
    const Outcome outcome =
        enrolled.run("ClearPasscode", {{"UnlockToken", enrolled.device.enrollment->unlock_token}});
    EXPECT_THAT(outcome, Acknowledged());
    EXPECT_THAT(outcome.body, IsEmpty());
    EXPECT_EQ(enrolled.device.passcode, "") << model;
    EXPECT_FALSE(enrolled.device.locked || enrolled.device.waits_for_first_unlock) << model;
  }
}

TEST(ClearPasscode, RefusesAnyOtherToken) {
  for (const Bytes& token : {Bytes{}, Bytes(32, 0x5b), Bytes(31, 0x5a), Bytes(33, 0x5a)}) {
    Enrolled enrolled;
    const std::string passcode = enrolled.device.passcode;
    const Outcome outcome = enrolled.run("ClearPasscode", {{"UnlockToken", token}});
    EXPECT_THAT(outcome, RefusedWith("MCPasscodeErrorDomain", 5013));
    EXPECT_EQ(enrolled.device.passcode, passcode);
  }
}

TEST(ClearPasscode, RefusesEmptyTokenWhereNoneWasEscrowed) {
  Enrolled enrolled;
  enrolled.device.enrollment->unlock_token.clear();
  EXPECT_THAT(enrolled.run("ClearPasscode", {{"UnlockToken", Bytes{}}}),
              RefusedWith("MCPasscodeErrorDomain", 5013));
  EXPECT_NE(enrolled.device.passcode, "");
}

}  // namespace
}  // namespace understudy::agent::test
