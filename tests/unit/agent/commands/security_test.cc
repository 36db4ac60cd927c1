#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

plist::Value info_of(Enrolled& enrolled) {
  const Outcome outcome = enrolled.run("SecurityInfo");
  EXPECT_THAT(outcome, Acknowledged());
  return member(outcome, "SecurityInfo");
}

TEST(SecurityInfo, TellsWhetherThereIsAPasscode) {
  for (const char* model : {"iphone", "ipad", "visionpro", "watch"}) {
    Enrolled enrolled(model);
    EXPECT_EQ(info_of(enrolled).bool_at("PasscodePresent"), true) << model;
    enrolled.device.passcode.clear();
    EXPECT_EQ(info_of(enrolled).bool_at("PasscodePresent"), false) << model;
    EXPECT_EQ(info_of(enrolled).int_at("HardwareEncryptionCaps"), 3) << model;
  }
}

TEST(SecurityInfo, TellsOfAMacWhatMacsHave) {
  Enrolled apple("mac");
  const plist::Value info = info_of(apple);
  EXPECT_EQ(info.find("PasscodePresent"), nullptr);
  EXPECT_EQ(info.bool_at("FDE_Enabled"), false);
  EXPECT_EQ(info.bool_at("SystemIntegrityProtectionEnabled"), true);
  EXPECT_EQ(info.find("SecureBoot")->string_at("SecureBootLevel"), "full");
  EXPECT_EQ(info.bool_at("IsRecoveryLockEnabled"), false);
  EXPECT_EQ(info.find("FirmwarePasswordStatus"), nullptr);
  EXPECT_EQ(info.string_at("BootstrapTokenAllowedForAuthentication"), "disallowed");

  Enrolled intel("mac-intel");
  const plist::Value old = info_of(intel);
  EXPECT_EQ(old.find("IsRecoveryLockEnabled"), nullptr);
  EXPECT_EQ(old.find("FirmwarePasswordStatus")->bool_at("PasswordExists"), false);
  EXPECT_EQ(old.string_at("BootstrapTokenAllowedForAuthentication"), "not supported");
}

TEST(SecurityInfo, TellsWhetherTheServerTakesBootstrapTokens) {
  Enrolled enrolled("mac");
  enrolled.device.enrollment->mdm.server_capabilities = {"com.apple.mdm.bootstraptoken"};
  EXPECT_EQ(info_of(enrolled).string_at("BootstrapTokenAllowedForAuthentication"), "allowed");
}

TEST(SecurityInfo, LeavesOutWhatOnlyMacsSayOfManagement) {
  Enrolled phone("iphone");
  const plist::Value status = *info_of(phone).find("ManagementStatus");
  EXPECT_EQ(status.bool_at("IsUserEnrollment"), false);
  EXPECT_EQ(status.find("UserApprovedEnrollment"), nullptr);
  Enrolled mac("mac");
  EXPECT_EQ(info_of(mac).find("ManagementStatus")->bool_at("UserApprovedEnrollment"), true);
}

}  // namespace
}  // namespace understudy::agent::test
