#include "agent/payloads/restart.h"
#include "tests/unit/agent/commands/samples.h"
#include "tests/unit/agent/device/sample_device.h"

namespace understudy::agent::test {
namespace {

using mdm::kMdmErrorDomain;

TEST(RecoveryLock, IsSetVerifiedAndCleared) {
  Enrolled mac("mac");
  EXPECT_THAT(mac.run("SetRecoveryLock", {{"NewPassword", "one"}}), Acknowledged());
  EXPECT_EQ(security(mac).bool_at("IsRecoveryLockEnabled"), true);
  const auto verified = [&](const char* password) {
    return member(mac.run("VerifyRecoveryLock", {{"Password", password}}), "PasswordVerified");
  };
  EXPECT_EQ(verified("one"), plist::Value(true));
  EXPECT_EQ(verified("two"), plist::Value(false));
  EXPECT_THAT(mac.run("SetRecoveryLock", {{"NewPassword", ""}}),
              RefusedWith("MCPasscodeErrorDomain", 5011));
  EXPECT_THAT(mac.run("SetRecoveryLock", {{"NewPassword", ""}, {"CurrentPassword", "one"}}),
              Acknowledged());
  EXPECT_EQ(security(mac).bool_at("IsRecoveryLockEnabled"), false);
  EXPECT_EQ(verified(""), plist::Value(false));
}

TEST(FirmwarePassword, IsInForceAfterTheNextStart) {
  Enrolled mac("mac-intel");
  const Outcome set =
      mac.run("SetFirmwarePassword", {{"NewPassword", "one"}, {"AllowOroms", true}});
  EXPECT_EQ(member(set, "SetFirmwarePassword").bool_at("PasswordChanged"), true);
  const plist::Value status = *security(mac).find("FirmwarePasswordStatus");
  EXPECT_EQ(status.bool_at("PasswordExists"), false);
  EXPECT_EQ(status.bool_at("ChangePending"), true);
  EXPECT_EQ(status.bool_at("AllowOroms"), false);
  const auto verified = [&](const char* password) {
    const Outcome outcome = mac.run("VerifyFirmwarePassword", {{"Password", password}});
    return member(outcome, "VerifyFirmwarePassword").bool_at("PasswordVerified");
  };
  EXPECT_EQ(verified("one"), false);
  const Outcome again = mac.run("SetFirmwarePassword", {{"NewPassword", "two"}});
  EXPECT_EQ(member(again, "SetFirmwarePassword").bool_at("PasswordChanged"), false);
  EXPECT_THAT(mac.run("RestartDevice"), Acknowledged());
  const plist::Value after = *security(mac).find("FirmwarePasswordStatus");
  EXPECT_EQ(after.bool_at("PasswordExists"), true);
  EXPECT_EQ(after.bool_at("ChangePending"), false);
  EXPECT_EQ(after.bool_at("AllowOroms"), true);
  EXPECT_THAT(mac.run("SetFirmwarePassword", {{"NewPassword", "x"}, {"CurrentPassword", "no"}}),
              RefusedWith("MCPasscodeErrorDomain", 5011));
  EXPECT_THAT(
      mac.run("SetFirmwarePassword", {{"NewPassword", "\xc3\xa9"}, {"CurrentPassword", "one"}}),
      RefusedWith(kMdmErrorDomain, 12008));
  EXPECT_EQ(verified("one"), true);
}

TEST(MacPasswords, BelongToOneChip) {
  EXPECT_THAT(Enrolled("mac").run("SetFirmwarePassword", {{"NewPassword", "x"}}),
              RefusedWith(kMdmErrorDomain, 12021));
  EXPECT_THAT(Enrolled("mac-intel").run("VerifyRecoveryLock", {{"Password", "x"}}),
              RefusedWith(kMdmErrorDomain, 12021));
}

TEST(FileVault, ReturnsTheNewKeyInAnEnvelope) {
  Enrolled mac("mac");
  plist::Dict keys;
  rotate_personal_key(mac, keys);
  const Outcome outcome = mac.run("RotateFileVaultKey", keys);
  ASSERT_THAT(outcome, Acknowledged());
  const Bytes envelope =
      member(outcome, "RotateResult").data_at("EncryptedNewRecoveryKey").value_or(Bytes{});
  const Bytes key = crypto::cms::decrypt(envelope, device_identity()).value();
  EXPECT_EQ(as_text(key), mac.device.mac.file_vault.personal_key);
  EXPECT_EQ(key.size(), 29U);
  EXPECT_THAT(mac.run("RotateFileVaultKey", keys), RefusedWith("MCPasscodeErrorDomain", 5011));
  EXPECT_EQ(security(mac).bool_at("FDE_Enabled"), true);
  EXPECT_EQ(security(mac).bool_at("FDE_HasPersonalRecoveryKey"), true);
}

TEST(FileVault, RotatesTheInstitutionalKeyForWhoeverHasTheOldOne) {
  Enrolled mac("mac-intel");
  const crypto::Identity old_key = make_identity("old key");
  const Bytes next = make_identity("new key").certificate.der();
  mac.device.mac.file_vault = {true, "", old_key.certificate.der()};
  const Bytes file = crypto::write_pkcs12(old_key, "pass", "key").value();
  const auto rotate = [&](const char* password) {
    return mac.run("RotateFileVaultKey",
                   {{"KeyType", "institutional"},
                    {"NewCertificate", next},
                    {"FileVaultUnlock", plist::Dict{{"PrivateKeyExport", file},
                                                    {"PrivateKeyExportPassword", password}}}});
  };
  EXPECT_THAT(rotate("wrong"), RefusedWith("MCPasscodeErrorDomain", 5011));
  EXPECT_THAT(rotate("pass"), Acknowledged());
  EXPECT_EQ(mac.device.mac.file_vault.institutional_certificate, next);
}

TEST(FileVault, HasNoInstitutionalKeyOnAppleSilicon) {
  Enrolled mac("mac");
  plist::Dict keys;
  rotate_personal_key(mac, keys);
  keys["KeyType"] = "institutional";
  keys["NewCertificate"] = device_identity().certificate.der();
  EXPECT_THAT(mac.run("RotateFileVaultKey", keys), RefusedWith(kMdmErrorDomain, 12021));
  EXPECT_TRUE(mac.device.mac.file_vault.institutional_certificate.empty());
}

TEST(FileVault, KeepsItsKeyWhenTheCommandIsNoGood) {
  Enrolled mac("mac");
  plist::Dict keys;
  rotate_personal_key(mac, keys);
  keys["ReplyEncryptionCertificate"] = Bytes{1, 2};
  EXPECT_THAT(mac.run("RotateFileVaultKey", keys), RefusedWith("MCCertificateErrorDomain", 9005));
  keys["KeyType"] = "public";
  EXPECT_THAT(mac.run("RotateFileVaultKey", keys), RefusedWith(kMdmErrorDomain, 12008));
  mac.device.mac.file_vault.enabled = false;
  keys["KeyType"] = "personal";
  EXPECT_THAT(mac.run("RotateFileVaultKey", keys), RefusedWith(kMdmErrorDomain, 12010));
  EXPECT_EQ(mac.device.mac.file_vault.personal_key, "OLD-KEY");
}

TEST(RemoteDesktop, IsSwitchedOnAndOff) {
  Enrolled mac(FactoryOptions{"mac", "", true});
  EXPECT_THAT(mac.run("EnableRemoteDesktop"), Acknowledged());
  EXPECT_EQ(security(mac).bool_at("RemoteDesktopEnabled"), true);
  EXPECT_THAT(mac.run("DisableRemoteDesktop"), Acknowledged());
  EXPECT_EQ(security(mac).bool_at("RemoteDesktopEnabled"), false);
}

TEST(LightsOut, AnswersWithTheAddressesOfItsPorts) {
  Enrolled mac("Mac14,3");
  mac.device.hardware.ethernet_mac = "f0:18:98:01:02:03";
  const Outcome outcome = mac.run("LOMSetupRequest");
  EXPECT_EQ(member(outcome, "PrimaryIPv6AddressList").if_array()->at(0),
            plist::Value("fe80::f218:98ff:fe01:203"));
  EXPECT_THAT(Enrolled("mac").run("LOMSetupRequest"), RefusedWith(kMdmErrorDomain, 12021));
}

TEST(Restart, AsksForThePasscodeAndPutsWhatWaitedInForce) {
  Device device = sample_device();
  device.locked = device.waits_for_first_unlock = false;
  restart(device);
  EXPECT_TRUE(device.locked && device.waits_for_first_unlock);
  EXPECT_FALSE(device.mac.firmware_change || device.powered_off);
  EXPECT_EQ(device.mac.firmware_password, "next");
  EXPECT_FALSE(device.users.at(0).logged_in);
  EXPECT_EQ(device.restarts, 3U);

  Device open = make_device(Rng(5), 1, {.model = "appletv"}).value();
  restart(open);
  EXPECT_FALSE(open.locked || open.waits_for_first_unlock);
}

TEST(Restart, AsksALoggedInUserOnlyWhenToldTo) {
  Enrolled mac("mac");
  EXPECT_THAT(mac.run("RestartDevice", {{"NotifyUser", true}}), Acknowledged());
  EXPECT_EQ(mac.device.restarts, 0U);
  EXPECT_THAT(mac.run("RestartDevice"), Acknowledged());
  EXPECT_EQ(mac.device.restarts, 1U);
  EXPECT_THAT(mac.run("RestartDevice", {{"NotifyUser", true}}), Acknowledged());
  EXPECT_EQ(mac.device.restarts, 2U);  // nobody is logged in any more
  EXPECT_THAT(mac.run("ShutDownDevice"), Acknowledged());
  EXPECT_TRUE(mac.device.powered_off);
}

}  // namespace
}  // namespace understudy::agent::test
