#include "agent/session/reach.h"

namespace understudy::agent {

Reach reach_of(const Device& device) {
  const mdm::Platform platform = device.hardware.platform;
  if (device.powered_off) return {false, false, "it is off, until somebody turns it on"};
  if (device.offline) return {false, false, "it is offline, until it comes online"};
  if (platform == mdm::Platform::macos && device.locked && !device.lock_pin.empty()) {
    return {false, false, "it was locked with a PIN, and is silent until it is unlocked"};  // 11.1
  }
  // The passwords of Wi-Fi networks cannot be read before the first unlock (11.7); a modem needs
  // none.
  if (device.waits_for_first_unlock && device.hardware.imei.empty()) {
    return {false, false, "it was started, and joins no Wi-Fi network until it is unlocked"};
  }
  if (platform == mdm::Platform::visionos && device.locked) {  // 12.7
    return {true, false, "a locked headset gets no push until it is unlocked"};
  }
  return {};
}

}  // namespace understudy::agent
