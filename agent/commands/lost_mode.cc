/// EnableLostMode, DisableLostMode, DeviceLocation, PlayLostModeSound. Sources: mdm/commands/
/// device.lostmode.*.yaml; docs/protocol/device-facts.md 11.6.

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome enable_lost_mode(Device& device, const mdm::Command& command, const Surroundings&) {
  LostMode lost;
  lost.on = true;
  lost.message = text_argument(command, "Message").value_or("");
  lost.phone_number = text_argument(command, "PhoneNumber").value_or("");
  lost.footnote = text_argument(command, "Footnote").value_or("");
  if (lost.message.empty() && lost.phone_number.empty()) {
    return Outcome::refusal(codes::kCannotEnableLostMode,
                            "Lost Mode needs a message or a phone number.");
  }
  device.lost_mode = std::move(lost);
  device.locked = true;
  return Outcome::acknowledged();
}

Outcome disable_lost_mode(Device& device, const mdm::Command&, const Surroundings&) {
  if (!device.lost_mode.on) {
    return Outcome::refusal(codes::kCannotDisableLostMode,
                            "Lost Mode could not be disabled: it is not on.");
  }
  device.lost_mode = {};
  return Outcome::acknowledged();
}

Outcome device_location(Device& device, const mdm::Command&, const Surroundings& around) {
  if (!device.lost_mode.on) {
    return Outcome::refusal(codes::kNotInLostMode, "The device is not in Lost Mode.");
  }
  if (!device.position) {
    return Outcome::refusal(codes::kNoLocation, "The location could not be determined.");
  }
  // It lies on a desk: meters, no speed, and no course (negative: unknown).
  plist::Dict body;
  body.emplace("Latitude", device.position->latitude);
  body.emplace("Longitude", device.position->longitude);
  body.emplace("HorizontalAccuracy", 65.0);
  body.emplace("VerticalAccuracy", 10.0);
  body.emplace("Altitude", 46.0);
  body.emplace("Speed", 0.0);
  body.emplace("Course", -1.0);
  body.emplace("Timestamp", format_time(around.clock.now()));
  return Outcome::acknowledged(std::move(body));
}

Outcome play_lost_mode_sound(Device& device, const mdm::Command&, const Surroundings&) {
  if (!device.lost_mode.on) {
    return Outcome::refusal(codes::kNotInLostMode, "The device is not in Lost Mode.");
  }
  ++device.lost_mode.sounds;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
