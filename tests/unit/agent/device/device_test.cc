#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/device/sample_device.h"

namespace understudy::agent {
namespace {

using test::sample_device;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

TEST(RemoveManagement, TakesWhatCameOverMdmAndLeavesTheRest) {
  Device device = sample_device();
  remove_management(device);
  EXPECT_FALSE(device.enrollment);
  EXPECT_THAT(device.profiles,
              ElementsAre(Field(&InstalledProfile::identifier, "org.example.own")));
  EXPECT_THAT(device.keychain, ElementsAre(Field(&KeychainItem::payload_uuid, "C2")));
  EXPECT_THAT(device.apps, ElementsAre(Field(&InstalledApp::identifier, "org.example.own")));
  EXPECT_THAT(device.push.topic_token, IsEmpty());
  EXPECT_FALSE(device.wake_pending);
}

TEST(RemoveManagement, KeepsHardwarePasscodeAndPushIdentity) {
  const Device before = sample_device();
  Device device = before;
  remove_management(device);
  EXPECT_EQ(device.hardware, before.hardware);
  EXPECT_EQ(device.passcode, before.passcode);
  EXPECT_EQ(device.push.key_der, before.push.key_der);
  EXPECT_EQ(device.push.base_token, before.push.base_token);
}

TEST(RemoveManagement, DoesNothingToADeviceThatWasNeverManaged) {
  Device device = make_device(Rng(5), 12, {}).value();
  const Bytes before = serialize(device);
  remove_management(device);
  EXPECT_EQ(serialize(device), before);
}

TEST(Erase, LeavesNothingOfItsOwner) {
  Device device = sample_device();
  const Device before = device;
  device.name = "Somebody's phone";
  erase(device, Rng(5), 12);
  EXPECT_FALSE(device.enrollment);
  EXPECT_THAT(device.profiles, IsEmpty());
  EXPECT_THAT(device.keychain, IsEmpty());
  EXPECT_EQ(device.passcode, "");
  EXPECT_FALSE(device.locked);
  EXPECT_EQ(device.lock_message + device.lock_phone_number + device.lock_pin, "");
  EXPECT_EQ(device.name, "Understudy iPhone 12");
  EXPECT_EQ(device.apps, make_device(Rng(5), 12, {}).value().apps);
  EXPECT_EQ(device.hardware, before.hardware);
  EXPECT_EQ(device.push.key_der, before.push.key_der);
  EXPECT_EQ(device.erased_times, before.erased_times + 1);
}

TEST(Device, TargetTellsPlatformVersionSupervisionAndRights) {
  const mdm::Target target = sample_device().target();
  EXPECT_EQ(target.platform, mdm::Platform::ios);
  EXPECT_EQ(target.os.text(), "18.1");
  EXPECT_TRUE(target.supervised);
  EXPECT_EQ(target.access_rights, 63U);
}

TEST(Device, FindsIdentityOnlyWithItsKey) {
  const Device device = sample_device();
  ASSERT_NE(device.find_identity("IDENTITY"), nullptr);
  EXPECT_EQ(device.find_identity("IDENTITY")->common_name, "device");
  EXPECT_EQ(device.find_identity("C1"), nullptr);  // a certificate alone
  EXPECT_EQ(device.find_identity("nobody"), nullptr);
}

TEST(Enrollment, KnowsWhatItsServerCan) {
  const Enrollment enrollment = test::sample_enrollment();
  EXPECT_TRUE(enrollment.server_can("com.apple.mdm.bootstraptoken"));
  EXPECT_FALSE(enrollment.server_can("com.apple.mdm.token"));
}

TEST(RemoveManagement, LeavesAppsThatAreNotFlaggedToTheirUser) {
  Device device = sample_device();
  device.managed_apps.at(0).flags = 4;
  remove_management(device);
  ASSERT_EQ(device.apps.size(), 2U);
  EXPECT_FALSE(device.apps.at(0).managed);
  EXPECT_THAT(device.managed_apps, IsEmpty());
}

TEST(RemoveManagement, ForgetsWhatTheOrganizationSet) {
  Device device = sample_device();
  remove_management(device);
  EXPECT_THAT(device.books, IsEmpty());
  EXPECT_THAT(device.provisioning, IsEmpty());
  EXPECT_THAT(device.settings.organization, IsEmpty());
  EXPECT_THAT(device.settings.mdm_options, IsEmpty());
  EXPECT_FALSE(device.declarative);
  EXPECT_EQ(device.setup, agent::Setup{});
}

TEST(Erase, EndsLostModeAndKeepsWhatAppleKnows) {
  Device device = sample_device();
  const auto place = device.position;
  erase(device, Rng(5), 12);
  EXPECT_FALSE(device.lost_mode.on);
  EXPECT_TRUE(device.supervised && device.automated && device.shared_ipad);
  EXPECT_EQ(device.position, place);
  EXPECT_EQ(device.settings, DeviceSettings{});
  EXPECT_THAT(device.users, IsEmpty());
}

}  // namespace
}  // namespace understudy::agent
