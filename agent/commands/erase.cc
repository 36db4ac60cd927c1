/// EraseDevice. Sources: mdm/commands/device.erase.yaml; device-behaviour.md 11.3.

#include <algorithm>
#include <array>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kPinLength = 6;

/// Why a Mac will not take the command; empty when it will.
std::string mac_objection(const mdm::Command& command) {
  const auto pin = text_argument(command, "PIN");
  if (pin && pin->size() != kPinLength) return "PIN has to have six characters";
  // Erase All Content and Settings is always possible on these Macs (EACSPreflight "success"), so
  // every fallback the schema names ends in the same erase.
  constexpr std::array<std::string_view, 4> kBehaviors = {"Default", "DoNotObliterate",
                                                          "ObliterateWithWarning", "Always"};
  const auto behavior = text_argument(command, "ObliterationBehavior");
  if (behavior && std::ranges::find(kBehaviors, *behavior) == kBehaviors.end()) {
    return "ObliterationBehavior is none of the four that exist";
  }
  return "";
}

bool returns_to_service(const mdm::Command& command) {
  const plist::Value* settings = argument(command, "ReturnToService");
  return settings != nullptr && settings->bool_at("Enabled").value_or(false);
}

}  // namespace

Outcome erase_device(Device& device, const mdm::Command& command, const Surroundings& around) {
  if (device.hardware.platform == mdm::Platform::macos) {
    if (const std::string objection = mac_objection(command); !objection.empty()) {
      return Outcome::error(mdm::kMdmErrorDomain, codes::kMalformedRequest,
                            "EraseDevice: " + objection + ".");
    }
  } else if (returns_to_service(command)) {
    // Erasing without coming back would be another effect than the one asked for.
    return Outcome::error(mdm::kMdmErrorDomain, codes::kInvalidRequestType,
                          "EraseDevice with ReturnToService is a valid command that this stand-in "
                          "does not model. Nothing was erased.");
  }
  erase(device, around.seed, around.number);
  Outcome outcome = Outcome::acknowledged();
  outcome.then = Outcome::Then::erase;
  return outcome;
}

}  // namespace understudy::agent
