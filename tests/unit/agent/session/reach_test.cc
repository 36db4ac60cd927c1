#include "agent/session/reach.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/session/device_of.h"

namespace understudy::agent {
namespace {

/// "connects", "pushes", both or neither; and why, if not both.
std::string text(const Device& device) {
  const Reach reach = reach_of(device);
  EXPECT_EQ(reach.connects && reach.pushes, reach.why.empty()) << reach.why;
  return std::string(reach.connects ? "connects " : "") + (reach.pushes ? "pushes" : "");
}

TEST(Reach, IsThereWhileADeviceIsOnAndOnline) {
  for (const char* model : {"iphone", "ipad", "mac"}) {
    Device device = device_of(model);
    EXPECT_EQ(text(device), "connects pushes") << model;
    device.locked = true;
    EXPECT_EQ(text(device), "connects pushes") << model << ": 11.1, it stays connected";
  }
}

TEST(Reach, IsGoneWhenADeviceIsOfflineOrOff) {
  Device offline = device_of("iphone"), off = device_of("mac");
  offline.offline = off.powered_off = true;
  EXPECT_EQ(text(offline), "");
  EXPECT_EQ(text(off), "");
}

// 11.1
TEST(Reach, IsGoneWhenAMacWasLockedWithAPin) {
  Device mac = device_of("mac");
  mac.locked = true;
  mac.lock_pin = "123456";
  EXPECT_EQ(text(mac), "");
  mac.locked = false;
  EXPECT_EQ(text(mac), "connects pushes");
}

// 11.7
TEST(Reach, IsGoneBeforeTheFirstUnlockWhereThereIsOnlyWiFi) {
  Device device = device_of("iphone");
  device.waits_for_first_unlock = true;
  EXPECT_EQ(text(device), "connects pushes") << "it has a modem";
  device.hardware.imei.clear();
  EXPECT_EQ(text(device), "");
}

// 12.7
TEST(Reach, HasNoPushesWhileAHeadsetIsLocked) {
  Device device = device_of("iphone");
  device.hardware.platform = mdm::Platform::visionos;
  EXPECT_EQ(text(device), "connects pushes");
  device.locked = true;
  EXPECT_EQ(text(device), "connects ");
}

}  // namespace
}  // namespace understudy::agent
