// unlock, lock, set-passcode, clear-passcode

#include "agent/hands/motions.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

/// A Mac's users have passwords, a Shared iPad's passcodes; the device itself has none.
bool takes_passcode(const Device& device) {
  const mdm::Platform platform = device.hardware.platform;
  return platform != mdm::Platform::macos && platform != mdm::Platform::tvos && !device.shared_ipad;
}

/// Nobody sees a screen that is dark.
Result<void> check_usable(const Device& device) {
  if (!device.powered_off) return {};
  return fail(errc::unsupported, device.id + " is off", "turn-on comes first");
}

}  // namespace

Result<std::string> unlock(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_CHECK(check_usable(device));
  if (device.lost_mode.on) {
    return fail(errc::unsupported, device.id + " is in Lost Mode, which only its server ends");
  }
  const std::string& secret = device.lock_pin.empty() ? device.passcode : device.lock_pin;
  if (!argument.empty() && argument != secret) {
    return fail(errc::invalid_argument,
                device.id + " does not open: that is not its passcode or PIN");
  }
  device.locked = false;
  device.waits_for_first_unlock = false;
  device.power.power_nap = false;
  device.lock_pin.clear();
  device.lock_message.clear();
  device.lock_phone_number.clear();
  return "is unlocked";
}

Result<std::string> lock_screen(Device& device, const std::string&, const Rng&) {
  UNDERSTUDY_CHECK(check_usable(device));
  if (device.hardware.platform == mdm::Platform::tvos) return has_no(device, "lock");
  device.locked = true;
  return device.passcode.empty() ? "is locked, without a passcode" : "is locked";
}

Result<std::string> set_passcode(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_CHECK(check_usable(device));
  if (!takes_passcode(device)) return has_no(device, "passcode");
  device.passcode = argument;
  return "has a new passcode";
}

Result<std::string> clear_passcode_by_hand(Device& device, const std::string&, const Rng&) {
  UNDERSTUDY_CHECK(check_usable(device));
  if (!takes_passcode(device)) return has_no(device, "passcode");
  device.passcode.clear();
  device.locked = device.waits_for_first_unlock = false;  // it was entered to get there
  return "has no passcode";
}

}  // namespace understudy::agent::hands
