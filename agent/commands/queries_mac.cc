/// DeviceInformation: what only Macs are asked. Source: mdm/commands/information.device.yaml.

#include <array>

#include "agent/commands/queries.h"

namespace understudy::agent {
namespace {

using H = Hardware;

/// "Understudy-MacBook-Air-1": letters, digits and hyphens, as Bonjour wants it.
std::string local_host_name(const Device& device) {
  std::string name;
  for (const char c : device.name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name.push_back(plain ? c : '-');
  }
  return name;
}

Answer bonjour_name(const Device& device, const Surroundings&) {
  return local_host_name(device);
}

Answer host_name(const Device& device, const Surroundings&) {
  return local_host_name(device) + ".local";
}

Answer apple_silicon(const Device& device, const Surroundings&) {
  return device.hardware.apple_silicon;
}

Answer has_battery(const Device& device, const Surroundings&) {
  return device.hardware.battery;
}

/// Managed users come with the user channel.
Answer nobody(const Device&, const Surroundings&) {
  return plist::Array{};
}

Answer update_settings(const Device&, const Surroundings& around) {
  plist::Dict settings;
  settings.emplace("IsDefaultCatalog", true);
  settings.emplace("PreviousScanDate", plist::Date::from_time(around.clock.now()));
  settings.emplace("PreviousScanResult", "0");
  settings.emplace("PerformPeriodicCheck", true);
  for (const char* key :
       {"AutoCheckEnabled", "BackgroundDownloadEnabled", "AutomaticAppInstallationEnabled",
        "AutomaticOSInstallationEnabled", "AutomaticSecurityUpdatesEnabled"}) {
    settings.emplace(key, true);
  }
  return settings;
}

Answer erase_preflight(const Device&, const Surroundings&) {
  return "success";
}

}  // namespace

std::span<const Query> mac_queries() {
  static constexpr auto kQueries = std::to_array<Query>({
      {"ActiveManagedUsers", nobody},
      {"AutoSetupAdminAccounts", nobody},
      {"EACSPreflight", erase_preflight},
      {"HasBattery", has_battery},
      {"HostName", host_name},
      {"IsActivationLockSupported", true},  // Apple silicon, or the T2 chip of the Intel models
      {"IsAppleSilicon", apple_silicon},
      {"LocalHostName", bonjour_name},
      {"OSUpdateSettings", update_settings},
      {"PINRequiredForDeviceLock", true},
      {"PINRequiredForEraseDevice", false},  // all of them erase content and settings by key
      {"ProvisioningUDID", &H::provisioning_udid},
      {"SupportsLOMDevice", false},
      {"SupportsiOSAppInstalls", apple_silicon},
      {"SystemIntegrityProtectionEnabled", true},
  });
  return kQueries;
}

}  // namespace understudy::agent
