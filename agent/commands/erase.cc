/// EraseDevice. Sources: mdm/commands/device.erase.yaml; docs/protocol/device-facts.md 11.3, 11.4.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kErasePinLength = 6;

/// Why a Mac will not take the command; empty when it will.
std::string mac_objection(const mdm::Command& command) {
  const auto pin = text_argument(command, "PIN");
  if (pin && pin->size() != kErasePinLength) return "PIN has to have six characters";
  constexpr std::array<std::string_view, 4> kBehaviors = {"Default", "DoNotObliterate",
                                                          "ObliterateWithWarning", "Always"};
  const auto behavior = text_argument(command, "ObliterationBehavior");
  if (behavior && std::ranges::find(kBehaviors, *behavior) == kBehaviors.end()) {
    return "ObliterationBehavior is none of the four that exist";
  }
  return "";
}

/// What the Mac says where Erase All Content and Settings (macOS 12) fails its preflight; nullopt:
/// it does not try that, or need not. All of the hardware here has the T2 chip or a newer one.
std::optional<Outcome> failed_preflight(const Device& device, const mdm::Command& command) {
  const mdm::Version twelve{{12}};
  if (!device.mac.unsealed || device.target().os < twelve) return std::nullopt;
  const std::string behavior = text_argument(command, "ObliterationBehavior").value_or("Default");
  if (behavior == "Always" || behavior == "ObliterateWithWarning") return std::nullopt;
  Outcome outcome = Outcome::refusal(
      codes::kInternalInconsistency,
      "EraseDevice: Erase All Content and Settings cannot run: System is not sealed.");
  // An error that is no proof of survival.
  if (behavior == "Default") outcome.then = Outcome::Then::erase;
  return outcome;
}

/// ReturnToService, where it is there, enabled, and known to the device's system.
const plist::Value* return_settings(const Device& device, const mdm::Command& command) {
  const std::array<std::pair<mdm::Platform, mdm::Version>, 2> since = {
      {{mdm::Platform::ios, {{17}}}, {mdm::Platform::tvos, {{18}}}}};
  const mdm::Target target = device.target();
  const bool is_known = std::ranges::any_of(since, [&](const auto& one) {
    return one.first == target.platform && !(target.os < one.second);
  });
  const plist::Value* settings = is_known ? argument(command, "ReturnToService") : nullptr;
  const bool is_enabled = settings != nullptr && settings->bool_at("Enabled").value_or(false);
  return is_enabled ? settings : nullptr;
}

/// What the device takes with it; an error where it could not come back with that.
tl::expected<ReturnToService, Outcome> read_return(const Device& device,
                                                   const plist::Value& settings) {
  const auto refuse = [](std::int64_t code, const std::string& why) {
    return tl::unexpected(Outcome::refusal(
        code, "EraseDevice with ReturnToService: " + why + ". Nothing was erased."));
  };
  const auto mdm_profile = settings.data_at("MDMProfileData");
  if (!mdm_profile) {
    // Then the profile comes from Automated Device Enrollment.
    return refuse(codes::kInvalidRequestType,
                  "without MDMProfileData it is a valid command that this stand-in does not model");
  }
  ReturnToService back = return_with(*mdm_profile, device);
  mdm::EnrollmentRules rules;
  rules.allow_http = back.allow_http;
  const auto parsed = mdm::parse_enrollment_profile(back.mdm_profile, rules);
  if (!parsed) {
    return refuse(codes::kMalformedRequest, "MDMProfileData: " + parsed.error().message());
  }
  back.wifi_profile = settings.data_at("WiFiProfileData").value_or(Bytes());
  if (back.wifi_profile.empty()) return back;
  const auto wifi = mdm::parse_profile(back.wifi_profile);
  if (!wifi) {
    return refuse(codes::kMalformedRequest, "WiFiProfileData: " + wifi.error().message());
  }
  return back;
}

}  // namespace

Outcome erase_device(Device& device, const mdm::Command& command, const Surroundings& around) {
  if (device.hardware.platform == mdm::Platform::macos) {
    if (const std::string objection = mac_objection(command); !objection.empty()) {
      return Outcome::error(mdm::kMdmErrorDomain, codes::kMalformedRequest,
                            "EraseDevice: " + objection + ".");
    }
  }
  Outcome outcome = failed_preflight(device, command).value_or(Outcome::acknowledged());
  const bool survives =
      outcome.status == mdm::Status::error && outcome.then == Outcome::Then::go_on;
  if (survives) return outcome;
  device.return_to_service.reset();
  if (const plist::Value* settings = return_settings(device, command)) {
    auto back = read_return(device, *settings);
    if (!back) return std::move(back).error();
    device.return_to_service = std::move(*back);
  }
  // Obliterated or not: what is left is a device as new.
  erase(device, around.seed, around.number);
  outcome.then = Outcome::Then::erase;
  return outcome;
}

}  // namespace understudy::agent
