#include "agent/payloads/in_force.h"

#include <algorithm>

#include "agent/payloads/stored_profile.h"
#include "shared/mdm/payload_catalog.h"

namespace understudy::agent {
namespace {

/// A type with several forms is a family of settings, and one payload may have keys of each.
plist::Dict keys_of(const mdm::Payload& payload, const mdm::Target& target) {
  plist::Dict keys;
  for (const auto& form : mdm::PayloadCatalog::builtin().forms(payload.type)) {
    if (!mdm::check_allowed(form, target).empty()) continue;
    keys.merge(mdm::keys_in_force(form, payload.body, target));
  }
  return keys;
}

}  // namespace

std::vector<PayloadInForce> payloads_in_force(const Device& device,
                                              std::initializer_list<std::string_view> types) {
  std::vector<PayloadInForce> found;
  const mdm::Target target = device.target();
  for (const InstalledProfile& installed : device.profiles) {
    const auto profile = read_profile(device, installed.raw);
    if (!profile) continue;
    for (const mdm::Payload& payload : profile->payloads) {
      if (std::ranges::find(types, payload.type) == types.end()) continue;
      PayloadInForce entry{installed.identifier, payload.type, keys_of(payload, target)};
      found.push_back(std::move(entry));
    }
  }
  return found;
}

bool is_allowed(const Device& device, std::string_view restriction) {
  const auto payloads = payloads_in_force(device, {"com.apple.applicationaccess"});
  return std::ranges::all_of(payloads, [&](const PayloadInForce& payload) {
    return payload.keys.bool_at(restriction).value_or(true);
  });
}

bool is_forced(const Device& device, std::string_view restriction) {
  const auto payloads = payloads_in_force(device, {"com.apple.applicationaccess"});
  return std::ranges::any_of(payloads, [&](const PayloadInForce& payload) {
    return payload.keys.bool_at(restriction).value_or(false);
  });
}

bool is_app_locked(const Device& device) {
  const auto payloads = payloads_in_force(device, {"com.apple.app.lock"});
  return std::ranges::any_of(
      payloads, [](const PayloadInForce& payload) { return payload.keys.find("App") != nullptr; });
}

}  // namespace understudy::agent
