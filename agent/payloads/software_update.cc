#include "agent/payloads/software_update.h"

#include <algorithm>

#include "agent/payloads/in_force.h"

namespace understudy::agent {
namespace {

constexpr Switch kUpdateSwitches[] = {
    {"AutomaticCheckEnabled", "AutoCheckEnabled"},
    {"AutomaticDownload", "BackgroundDownloadEnabled"},
    {"AutomaticallyInstallAppUpdates", "AutomaticAppInstallationEnabled"},
    {"AutomaticallyInstallMacOSUpdates", "AutomaticOSInstallationEnabled"},
    {"CriticalUpdateInstall", "AutomaticSecurityUpdatesEnabled"}};

}  // namespace

plist::Dict update_switches(const Device& device) {
  plist::Dict switches;
  const auto payloads = payloads_in_force(device, {"com.apple.SoftwareUpdate"});
  for (const Switch& row : kUpdateSwitches) {
    const bool on = std::ranges::all_of(payloads, [&](const PayloadInForce& payload) {
      return payload.keys.bool_at(row.payload_key).value_or(true);
    });
    switches.emplace(row.reported_as, on);
  }
  return switches;
}

std::int64_t update_delay_days(const Device& device, bool major) {
  constexpr std::int64_t kDefaultDays = 30;
  const char* force = major ? "forceDelayedMajorSoftwareUpdates" : "forceDelayedSoftwareUpdates";
  const char* days = major ? "enforcedSoftwareUpdateMajorOSDeferredInstallDelay"
                           : "enforcedSoftwareUpdateMinorOSDeferredInstallDelay";
  if (!is_forced(device, force)) return 0;
  std::int64_t longest = 0;
  for (const auto& payload : payloads_in_force(device, {"com.apple.applicationaccess"})) {
    auto asked = payload.keys.int_at(days);
    if (!asked && !major) asked = payload.keys.int_at("enforcedSoftwareUpdateDelay");
    longest = std::max(longest, asked.value_or(0));
  }
  return longest == 0 ? kDefaultDays : longest;
}

}  // namespace understudy::agent
