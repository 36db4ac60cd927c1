// unlock, lock, set-passcode, clear-passcode

#include <algorithm>

#include "agent/hands/motions.h"
#include "agent/payloads/in_force.h"
#include "agent/payloads/passcode_policy.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

/// A Mac's users have passwords, a Shared iPad's passcodes; the device itself has none.
bool takes_passcode(const Device& device) {
  const mdm::Platform platform = device.hardware.platform;
  return platform != mdm::Platform::macos && platform != mdm::Platform::tvos && !device.shared_ipad;
}

/// Where the settings cannot be reached, or a restriction forbids it.
Result<void> check_may_change_passcode(const Device& device) {
  if (is_app_locked(device)) return fail(errc::unsupported, device.id + " is held in one app");
  if (is_allowed(device, "allowPasscodeModification")) return {};
  return fail(errc::unsupported, device.id + ": a profile forbids to change the passcode");
}

void remember(Device& device, std::int64_t how_many) {
  if (!device.passcode.empty()) {
    device.old_passcodes.insert(device.old_passcodes.begin(), device.passcode);
  }
  const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(how_many, 0));
  if (device.old_passcodes.size() > kept) device.old_passcodes.resize(kept);
}

}  // namespace

Result<std::string> unlock(Device& device, const std::string& argument, const Rng&) {
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
  if (device.hardware.platform == mdm::Platform::tvos) return has_no(device, "lock");
  device.locked = true;
  return device.passcode.empty() ? "is locked, without a passcode" : "is locked";
}

Result<std::string> set_passcode(Device& device, const std::string& argument, const Rng&) {
  if (!takes_passcode(device)) return has_no(device, "passcode");
  UNDERSTUDY_CHECK(check_may_change_passcode(device));
  const PasscodePolicy policy = passcode_policy(device);
  if (const auto why = broken_rule(policy, argument); !why.empty()) {
    return fail(errc::invalid_argument,
                device.id + " does not take that passcode: " + std::string(why));
  }
  remember(device, policy.history);
  if (std::ranges::find(device.old_passcodes, argument) != device.old_passcodes.end()) {
    return fail(errc::invalid_argument,
                device.id + " does not take that passcode: it was used not long ago");
  }
  device.passcode = argument;
  device.locked = device.waits_for_first_unlock = false;  // the old one was entered to get there
  return "has a new passcode";
}

Result<std::string> clear_passcode_by_hand(Device& device, const std::string&, const Rng&) {
  if (!takes_passcode(device)) return has_no(device, "passcode");
  UNDERSTUDY_CHECK(check_may_change_passcode(device));
  const PasscodePolicy policy = passcode_policy(device);
  if (policy.forced) {
    return fail(errc::unsupported, device.id + ": a profile demands a passcode");
  }
  remember(device, policy.history);
  device.passcode.clear();
  device.locked = device.waits_for_first_unlock = false;  // it was entered to get there
  return "has no passcode";
}

}  // namespace understudy::agent::hands
