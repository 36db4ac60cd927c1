/// DeviceInformation: what only Macs are asked. Source: mdm/commands/information.device.yaml.

#include <array>

#include "agent/commands/queries.h"
#include "agent/payloads/software_update.h"

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

Answer lights_out(const Device& device, const Surroundings&) {
  return supports_lights_out(device);
}

Answer bonjour_name(const Device& device, const Surroundings&) {
  return local_host_name(device);
}

Answer host_name(const Device& device, const Surroundings&) {
  const std::string& name = device.settings.host_name;
  return name.empty() ? local_host_name(device) + ".local" : name;
}

Answer apple_silicon(const Device& device, const Surroundings&) {
  return device.hardware.apple_silicon;
}

Answer has_battery(const Device& device, const Surroundings&) {
  return device.hardware.battery;
}

/// GUIDs of the managed users that are logged in: whoever enrolled the Mac (1.19), and whom
/// AccountConfiguration named.
Answer managed_users(const Device& device, const Surroundings&) {
  plist::Array guids;
  const User* on_channel = user_on_channel(device);
  for (const User& user : device.users) {
    const bool managed = &user == on_channel || user.name == device.setup.managed_user;
    if (user.logged_in && managed) guids.emplace_back(user.guid);
  }
  return guids;
}

Answer administrators(const Device& device, const Surroundings&) {
  plist::Array accounts;
  for (const User& user : device.users) {
    if (!user.made_by_mdm) continue;
    plist::Dict account;
    account.emplace("GUID", user.guid);
    account.emplace("shortName", user.name);
    accounts.emplace_back(std::move(account));
  }
  return accounts;
}

Answer mac_update_settings(const Device& device, const Surroundings& around) {
  const TimePoint scanned = device.update_scan_at == 0
                                ? around.clock.now()
                                : TimePoint(std::chrono::seconds(device.update_scan_at));
  plist::Dict settings;
  settings.emplace("IsDefaultCatalog", true);
  settings.emplace("PreviousScanDate", plist::Date::from_time(scanned));
  settings.emplace("PreviousScanResult", "0");
  settings.emplace("PerformPeriodicCheck", true);
  settings.merge(update_switches(device));
  return settings;
}

Answer erase_preflight(const Device& device, const Surroundings&) {
  return device.mac.unsealed ? "System is not sealed" : "success";
}

}  // namespace

std::span<const Query> mac_queries() {
  static constexpr auto kQueries = std::to_array<Query>({
      {"ActiveManagedUsers", managed_users},
      {"AutoSetupAdminAccounts", administrators},
      {"EACSPreflight", erase_preflight},
      {"HasBattery", has_battery},
      {"HostName", host_name},
      {"IsActivationLockSupported", true},  // Apple silicon, or the T2 chip of the Intel models
      {"IsAppleSilicon", apple_silicon},
      {"LocalHostName", bonjour_name},
      {"OSUpdateSettings", mac_update_settings},
      {"PINRequiredForDeviceLock", true},
      {"PINRequiredForEraseDevice", false},  // all of them erase content and settings by key
      {"ProvisioningUDID", &H::provisioning_udid},
      {"SupportsLOMDevice", lights_out},
      {"SupportsiOSAppInstalls", apple_silicon},
      {"SystemIntegrityProtectionEnabled", true},
  });
  return kQueries;
}

}  // namespace understudy::agent
