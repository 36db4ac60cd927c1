/// DeviceLock, ClearPasscode, RequestUnlockToken. Sources: mdm/commands/device.lock.yaml,
/// passcode.clear.yaml, passcode.unlocktoken.yaml; docs/protocol/device-facts.md 11.1, 11.2, 7.4.

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/payloads/restart.h"
#include "shared/crypto/key.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kPinLength = 6;
constexpr std::size_t kTokenLength = 32;

/// What became of the text; lost devices show another one.
const char* message_result(const Device& device) {
  if (device.lost_mode.on) return "DeviceInLostMode";
  // A Mac shows it beside its PIN field; the others only above a passcode field.
  const bool mac = device.hardware.platform == mdm::Platform::macos;
  return mac || !device.passcode.empty() ? "Success" : "NoPasscodeSet";
}

/// A Vision Pro has no lock screen text; a Shared iPad ignores what there is none of for its users.
bool shows_message(const Device& device) {
  return device.hardware.platform != mdm::Platform::visionos && !device.shared_ipad;
}

bool shows_phone_number(const Device& device) {
  if (device.hardware.platform != mdm::Platform::macos) return shows_message(device);
  const mdm::Version eleven_five{{11, 5}};
  return device.hardware.apple_silicon && !(device.target().os < eleven_five);
}

}  // namespace

Outcome device_lock(Device& device, const mdm::Command& command, const Surroundings&) {
  const bool mac = device.hardware.platform == mdm::Platform::macos;
  const std::string pin = mac ? text_argument(command, "PIN").value_or("") : "";
  if (mac && pin.size() != kPinLength) {
    return Outcome::error(mdm::kMdmErrorDomain, codes::kMalformedRequest,
                          "DeviceLock of a Mac needs a PIN of six characters.");
  }
  const auto text = shows_message(device) ? text_argument(command, "Message") : std::nullopt;
  const auto phone =
      shows_phone_number(device) ? text_argument(command, "PhoneNumber") : std::nullopt;
  if (mac) restart(device);  // into its lock
  device.lock_message = text.value_or("");
  device.lock_phone_number = phone.value_or("");
  device.lock_pin = pin;
  device.locked = true;

  plist::Dict body;
  if (text || phone) body.emplace("MessageResult", message_result(device));
  return Outcome::acknowledged(std::move(body));
}

Outcome clear_passcode(Device& device, const mdm::Command& command, const Surroundings&) {
  const plist::Value* token = argument(command, "UnlockToken");
  const Bytes* given = token == nullptr ? nullptr : token->if_data();
  const Bytes escrow = device.enrollment ? device.enrollment->unlock_token : Bytes{};
  if (escrow.empty() || given == nullptr || !crypto::equal_in_constant_time(*given, escrow)) {
    return Outcome::error(codes::kPasscodeDomain, codes::kCannotClearPasscode,
                          "The passcode cannot be cleared: the unlock token is not the one this "
                          "device gave to its server.");
  }
  // Without a passcode the lock screen holds nobody up.
  device.passcode.clear();
  device.locked = device.waits_for_first_unlock = false;
  device.lock_message.clear();
  device.lock_phone_number.clear();
  return Outcome::acknowledged();
}

Outcome request_unlock_token(Device& device, const mdm::Command&, const Surroundings& around) {
  if (!device.enrollment) {
    return Outcome::refusal(codes::kInternalInconsistency, "The device is not enrolled.");
  }
  Bytes& token = device.enrollment->unlock_token;
  if (token.empty()) token = query_rng(around, "unlock-token").bytes(kTokenLength);
  plist::Dict body;
  body.emplace("UnlockToken", token);
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
