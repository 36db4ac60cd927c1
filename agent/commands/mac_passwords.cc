/// SetFirmwarePassword, VerifyFirmwarePassword (Intel), SetRecoveryLock, VerifyRecoveryLock (Apple
/// silicon). Sources: mdm/commands/passcode.*.yaml; docs/protocol/device-facts.md 11.14.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

Outcome not_with_this_chip(const mdm::Command& command, bool apple_silicon) {
  return Outcome::refusal(
      codes::kInvalidRequestType,
      command.request_type + " is not for a Mac with " +
          (apple_silicon ? "Apple silicon: its recovery lock has commands of its own."
                         : "an Intel processor: its firmware password has commands of its own."));
}

Outcome wrong_password() {
  return Outcome::error(codes::kPasscodeDomain, codes::kWrongPasscode,
                        "CurrentPassword is not the password that is set.");
}

bool is_current(const mdm::Command& command, const std::string& password) {
  return password.empty() || text_argument(command, "CurrentPassword") == password;
}

/// Only these can be typed before the system runs.
bool is_printable(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool matches(const mdm::Command& command, const std::string& password) {
  return !password.empty() && text_argument(command, "Password") == password;
}

Outcome result(const char* key, const char* member, bool value) {
  plist::Dict inner;
  inner.emplace(member, value);
  plist::Dict body;
  body.emplace(key, std::move(inner));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace

Outcome set_firmware_password(Device& device, const mdm::Command& command, const Surroundings&) {
  if (device.hardware.apple_silicon) return not_with_this_chip(command, true);
  MacSecurity& mac = device.mac;
  if (!is_current(command, mac.firmware_password)) return wrong_password();
  const std::string password = text_argument(command, "NewPassword").value_or("");
  if (!is_printable(password)) {
    return Outcome::refusal(codes::kMalformedRequest,
                            "NewPassword has characters that cannot be typed at start-up.");
  }
  // Until the restart further attempts fail. Source: information.security.yaml, ChangePending.
  if (mac.firmware_change) return result("SetFirmwarePassword", "PasswordChanged", false);
  const FirmwareChange change{password, flag_argument(command, "AllowOroms")};
  if (change != FirmwareChange{mac.firmware_password, mac.allow_option_roms}) {
    mac.firmware_change = change;
  }
  return result("SetFirmwarePassword", "PasswordChanged", true);
}

Outcome verify_firmware_password(Device& device, const mdm::Command& command, const Surroundings&) {
  if (device.hardware.apple_silicon) return not_with_this_chip(command, true);
  return result("VerifyFirmwarePassword", "PasswordVerified",
                matches(command, device.mac.firmware_password));
}

Outcome set_recovery_lock(Device& device, const mdm::Command& command, const Surroundings&) {
  if (!device.hardware.apple_silicon) return not_with_this_chip(command, false);
  if (!is_current(command, device.mac.recovery_lock)) return wrong_password();
  device.mac.recovery_lock = text_argument(command, "NewPassword").value_or("");
  return Outcome::acknowledged();
}

Outcome verify_recovery_lock(Device& device, const mdm::Command& command, const Surroundings&) {
  if (!device.hardware.apple_silicon) return not_with_this_chip(command, false);
  plist::Dict body;
  body.emplace("PasswordVerified", matches(command, device.mac.recovery_lock));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
