#include "agent/session/not_now.h"

#include <gtest/gtest.h>

#include "agent/commands/perform.h"
#include "tests/unit/agent/session/device_of.h"

namespace understudy::agent {
namespace {

using Texts = std::vector<std::string_view>;

Device locked_phone() {
  Device device = device_of("iphone");
  device.locked = true;
  return device;
}
Device napping_mac() {
  Device device = device_of("mac");
  device.power.power_nap = device.power.unplugged = true;
  return device;
}
/// Every command that the agent performs and that this device would not do now.
Texts put_off(const Device& device, mdm::Channel channel = mdm::Channel::device) {
  Texts out;
  for (const CommandRow& row : command_table()) {
    if (!why_not_now(device, row.request_type, channel).empty()) out.push_back(row.request_type);
  }
  return out;
}

TEST(NotNow, IsNeverSaidByADeviceThatIsOpen) {
  for (const char* model : {"iphone", "ipad", "mac", "appletv", "vision", "watch"}) {
    const auto device = make_device(Rng(1), 1, {.model = model});
    if (!device) continue;  // named otherwise here
    EXPECT_EQ(put_off(*device), Texts{}) << model;
    EXPECT_TRUE(can_now(*device, "")) << model;
  }
}

// 8.13
TEST(NotNow, IsSaidByALockedPhoneToWhatNeedsItOpen) {
  for (const char* type : {"InstallProfile", "InstallProvisioningProfile", "SecurityInfo",
                           "CertificateList", "InstallApplication", "ManagedMediaList"}) {
    EXPECT_EQ(why_not_now(locked_phone(), type), "it is locked with a passcode") << type;
  }
  EXPECT_EQ(why_not_now(locked_phone(), "RemoveProfile"), "") << "named by no list";
}

// 8.12
TEST(NotNow, IsNeverSaidByIosToWhatAppleNames) {
  Device device = locked_phone();
  for (const bool restarted : {false, true}) {
    device.waits_for_first_unlock = restarted;
    for (const char* type :
         {"DeviceInformation", "ProfileList", "DeviceLock", "EraseDevice", "ClearPasscode",
          "ProvisioningProfileList", "InstalledApplicationList", "Restrictions"}) {
      EXPECT_EQ(why_not_now(device, type), "") << type;
    }
  }
}

TEST(NotNow, NeedsAPasscodeForTheLockToGuardAnything) {
  Device device = locked_phone();
  device.passcode.clear();
  device.waits_for_first_unlock = true;
  EXPECT_EQ(put_off(device), Texts{});
  EXPECT_TRUE(can_now(device, ""));
}

TEST(NotNow, IsSaidToNearlyEverythingBeforeTheFirstUnlock) {
  Device device = locked_phone();
  device.waits_for_first_unlock = true;
  EXPECT_NE(why_not_now(device, "RemoveProfile"), "");
  EXPECT_NE(why_not_now(device, "Settings"), "");
  for (const char* type :
       {"EnableLostMode", "DisableLostMode", "DeviceLocation", "RestartDevice"}) {
    EXPECT_EQ(why_not_now(device, type), "") << type << ": a lost device has to be found";
  }
}

// 8.14
TEST(NotNow, IsSaidByAMacInPowerNapOnItsBattery) {
  for (const char* type :
       {"DeleteUser", "DeviceLock", "EraseDevice", "RestartDevice", "ShutDownDevice", "UserList",
        "ActivationLockBypassCode", "ClearActivationLockBypassCode", "UnlockUserAccount"}) {
    EXPECT_EQ(why_not_now(napping_mac(), type), "") << type;
  }
  for (const char* type : {"DeviceInformation", "InstallProfile", "ProfileList", "Settings"}) {
    EXPECT_NE(why_not_now(napping_mac(), type), "") << type;
  }
  Device plugged_in = napping_mac();
  plugged_in.power.unplugged = false;
  EXPECT_EQ(put_off(plugged_in), Texts{}) << "on mains power it does everything";
}

TEST(NotNow, IsNotSaidByAMacWhoseScreenIsLocked) {
  Device device = device_of("mac");
  device.locked = true;
  EXPECT_EQ(put_off(device), Texts{});
}

// 8.16
TEST(NotNow, IsSaidInSetupAssistant) {
  Device device = device_of("ipad");
  device.setup.awaiting_configuration = true;
  EXPECT_EQ(put_off(device), Texts{"InviteToProgram"});
  device.hardware.os_version = "15.7";
  EXPECT_NE(why_not_now(device, "InstallApplication"), "");
  EXPECT_EQ(why_not_now(device, "InstallProfile"), "");
}

// 8.15
TEST(NotNow, IsSaidOnTheUserChannelWhileTheUserIsBeingConfigured) {
  Device device = device_of("ipad");
  device.setup.awaiting_user = true;
  EXPECT_EQ(put_off(device), Texts{});
  EXPECT_NE(why_not_now(device, "InstallProfile", mdm::Channel::user), "");
  EXPECT_EQ(why_not_now(device, "UserConfigured", mdm::Channel::user), "") << "it ends the wait";
}

TEST(NotNow, HasAHindranceWheneverSomethingIsPutOff) {
  Device restarted = locked_phone(), in_setup = device_of("ipad");
  restarted.waits_for_first_unlock = true;
  in_setup.setup.awaiting_configuration = true;
  for (const Device& device : {locked_phone(), napping_mac(), restarted, in_setup}) {
    EXPECT_FALSE(put_off(device).empty());
    EXPECT_FALSE(can_now(device, ""));
  }
}

TEST(NotNow, ComesAfterWhatIsWrongWithTheCommand) {
  const auto clock = VirtualClock::frozen_at(TimePoint());
  const Rng seed(1);
  Device device = locked_phone();
  Surroundings around{*clock, seed, 1, mdm::Channel::device, why_not_now};
  const auto status = [&](const char* type) {
    const plist::Dict command{{"RequestType", type}};
    return perform(device, plist::Dict{{"CommandUUID", "U"}, {"Command", command}}, around).status;
  };
  EXPECT_EQ(status("CertificateList"), mdm::Status::not_now);
  EXPECT_EQ(status("InstallProfile"), mdm::Status::command_format_error) << "Payload is missing";
  EXPECT_EQ(status("SetRecoveryLock"), mdm::Status::error) << "not for a phone, now or ever";
  around.why_not_now = nullptr;
  EXPECT_EQ(status("CertificateList"), mdm::Status::acknowledged);
}

// fact 8.16
TEST(NotNow, IsSaidInReturnToServiceWhileAppsAreInstalled) {
  Device device = device_of("iphone");
  device.setup.returned_to_service = device.setup.awaiting_configuration = true;
  EXPECT_EQ(why_not_now(device, "CertificateList"), "");
  EXPECT_FALSE(hindrance_ends(device));
  ManagedApp app;
  app.identifier = "org.example.kiosk";
  app.status = "Queued";
  app.changed_at = 1'000;
  device.managed_apps = {app};
  EXPECT_EQ(why_not_now(device, "CertificateList"), "it returns to service, and installs apps");
  EXPECT_EQ(why_not_now(device, "DeviceConfigured"), "it returns to service, and installs apps");
  EXPECT_EQ(why_not_now(device, "InstallApplication"), "") << "or there would be one app only";
  EXPECT_EQ(why_not_now(device, "DeviceInformation"), "") << "8.12";
  EXPECT_EQ(hindrance_ends(device), TimePoint(std::chrono::seconds(1'010)));
  device.managed_apps.front().status = "Managed";
  EXPECT_EQ(why_not_now(device, "CertificateList"), "");
  device.managed_apps.front().status = "Installing";
  device.setup.awaiting_configuration = false;  // DeviceConfigured: somebody has it now
  EXPECT_EQ(why_not_now(device, "CertificateList"), "");
}

}  // namespace
}  // namespace understudy::agent
