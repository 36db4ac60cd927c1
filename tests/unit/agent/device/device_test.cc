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

}  // namespace
}  // namespace understudy::agent
