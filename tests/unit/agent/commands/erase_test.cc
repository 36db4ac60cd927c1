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

TEST(EraseDevice, SaysThatReturnToServiceIsNotModeledAndErasesNothing) {
  Enrolled enrolled;
  const Outcome outcome =
      enrolled.run("EraseDevice", {{"ReturnToService", plist::Dict{{"Enabled", true}}}});
  EXPECT_THAT(outcome, RefusedWith(mdm::kMdmErrorDomain, 12021));
  EXPECT_THAT(outcome.errors.at(0).description, HasSubstr("does not model"));
  EXPECT_TRUE(enrolled.device.enrollment);
  EXPECT_THAT(enrolled.run("EraseDevice", {{"ReturnToService", plist::Dict{{"Enabled", false}}}}),
              Acknowledged());
}

}  // namespace
}  // namespace understudy::agent::test
