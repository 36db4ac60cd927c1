/// Source: mdm/commands/settings.yaml.

#include "agent/commands/setting_items.h"

#include <algorithm>
#include <array>

#include "agent/commands/errors.h"
#include "agent/payloads/in_force.h"
#include "shared/crypto/key.h"

namespace understudy::agent {
namespace {

using plist::Dict;
using plist::Value;

bool enabled(const Value& item) {
  return item.bool_at("Enabled").value_or(false);
}

Dict dict_at(const Value& item, std::string_view key) {
  const Value* value = item.find(key);
  return value == nullptr || value->if_dict() == nullptr ? Dict{} : *value->if_dict();
}

/// What an item says stands beside what was said before; Item itself is no setting.
void merge(Dict& into, const Value& item) {
  for (const auto& [key, value] : *item.if_dict()) {
    if (key != "Item") into.insert_or_assign(key, value);
  }
}

SettingError no_modem(const Device& device) {
  if (!device.hardware.imei.empty()) return std::nullopt;
  return {{codes::kSettingsDomain, codes::kUnknownSetting, "This device has no modem."}};
}

bool is_picture(const Bytes& image) {
  constexpr std::string_view kPng = "\x89PNG";
  constexpr std::string_view kJpeg = "\xff\xd8\xff";
  return as_text(image).starts_with(kPng) || as_text(image).starts_with(kJpeg);
}

SettingError wallpaper(Device& device, const Value& item) {
  const Bytes image = item.data_at("Image").value_or(Bytes{});
  if (!is_picture(image)) {
    return {{codes::kSettingsDomain, codes::kBadWallpaper, "The image is neither PNG nor JPEG."}};
  }
  constexpr std::int64_t kLockScreen = 1;
  constexpr std::int64_t kHomeScreen = 2;
  const Bytes digest = crypto::digest(crypto::Digest::sha256, image);
  const auto where = item.int_at("Where").value_or(0);
  DeviceSettings& now = device.settings;
  const bool first = now.lock_wallpaper.empty() && now.home_wallpaper.empty();
  // The first one goes to both places, wherever it was meant for.
  if (first || (where & kLockScreen) != 0) now.lock_wallpaper = digest;
  if (first || (where & kHomeScreen) != 0) now.home_wallpaper = digest;
  return std::nullopt;
}

SettingError data_roaming(Device& device, const Value& item) {
  if (auto error = no_modem(device)) return error;
  device.settings.data_roaming = enabled(item);
  if (enabled(item)) device.settings.voice_roaming = true;
  return std::nullopt;
}

SettingError voice_roaming(Device& device, const Value& item) {
  if (auto error = no_modem(device)) return error;
  device.settings.voice_roaming = enabled(item);
  if (!enabled(item)) device.settings.data_roaming = false;
  return std::nullopt;
}

SettingError personal_hotspot(Device& device, const Value& item) {
  if (auto error = no_modem(device)) return error;
  device.settings.personal_hotspot = enabled(item);
  return std::nullopt;
}

SettingError bluetooth(Device& device, const Value& item) {
  device.settings.bluetooth_off = !enabled(item);
  return std::nullopt;
}

/// Sets, or with the key absent removes, what a managed app is given.
SettingError set_for_app(Device& device, const Value& item, const char* key,
                         Dict ManagedApp::* member) {
  const std::string identifier = item.string_at("Identifier").value_or("");
  ManagedApp* app = device.find_managed_app(identifier);
  if (app == nullptr) {
    return {
        {mdm::kMdmErrorDomain, codes::kAppNotManaged, "\"" + identifier + "\" is no managed app."}};
  }
  app->*member = dict_at(item, key);
  return std::nullopt;
}

SettingError app_configuration(Device& device, const Value& item) {
  return set_for_app(device, item, "Configuration", &ManagedApp::configuration);
}

SettingError app_attributes(Device& device, const Value& item) {
  return set_for_app(device, item, "Attributes", &ManagedApp::attributes);
}

SettingError device_name(Device& device, const Value& item) {
  const std::string name = item.string_at("DeviceName").value_or("");
  if (name.empty()) {
    return {{mdm::kMdmErrorDomain, codes::kMalformedRequest, "DeviceName is empty."}};
  }
  device.name = name;
  return std::nullopt;
}

SettingError host_name(Device& device, const Value& item) {
  device.settings.host_name = item.string_at("HostName").value_or("");
  return std::nullopt;
}

SettingError organization(Device& device, const Value& item) {
  device.settings.organization = dict_at(item, "OrganizationInfo");  // absent: removed
  return std::nullopt;
}

SettingError mdm_options(Device& device, const Value& item) {
  merge(device.settings.mdm_options, dict_at(item, "MDMOptions"));
  return std::nullopt;
}

/// "If the value set is less than one of the known values, the next lowest value will be used."
std::int64_t known_grace_seconds(std::int64_t asked) {
  constexpr auto kKnown = std::to_array<std::int64_t>({0, 60, 300, 900, 3600, 14400});
  const auto above = std::ranges::upper_bound(kKnown, asked);
  return above == kKnown.begin() ? 0 : *(above - 1);
}

void passcode_policy(DeviceSettings& settings, const Value& policy) {
  constexpr std::int64_t kShortestAutoLock = 120;
  if (const auto grace = policy.int_at("PasscodeLockGracePeriod")) {
    settings.passcode_grace_seconds = known_grace_seconds(*grace);
  }
  if (const auto seconds = policy.int_at("AutoLockTime")) {
    settings.auto_lock_seconds = std::max(*seconds, kShortestAutoLock);
  }
}

SettingError shared_device(Device& device, const Value& item) {
  // Both say how much room a user has: the later one holds.
  if (item.find("ResidentUsers") != nullptr) device.settings.shared_device.erase("QuotaSize");
  merge(device.settings.shared_device, item);
  passcode_policy(device.settings, dict_at(item, "PasscodePolicy"));
  device.settings.shared_device.erase("PasscodePolicy");
  return std::nullopt;
}

SettingError diagnostics(Device& device, const Value& item) {
  device.settings.diagnostics = enabled(item);
  return std::nullopt;
}

SettingError app_analytics(Device& device, const Value& item) {
  device.settings.app_analytics = enabled(item);
  return std::nullopt;
}

SettingError grace_period(Device& device, const Value& item) {
  passcode_policy(device.settings, item);
  return std::nullopt;
}

/// "Europe/Paris", "Etc/GMT+1", "UTC": the form of a name; the database is not asked.
SettingError time_zone(Device& device, const Value& item) {
  if (is_forced(device, "forceAutomaticDateAndTime")) {
    return {{mdm::kMdmErrorDomain, codes::kInternalInconsistency,
             "A restriction keeps date and time automatic."}};
  }
  const std::string zone = item.string_at("TimeZone").value_or("");
  const bool plain = std::ranges::all_of(zone, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-").find(c) != std::string_view::npos;
  });
  if (zone.empty() || !plain) {
    return {{mdm::kMdmErrorDomain, codes::kMalformedRequest, "TimeZone is no name of a zone."}};
  }
  device.settings.time_zone = zone;
  return std::nullopt;
}

SettingError update_settings(Device& device, const Value& item) {
  device.settings.update_cadence = item.int_at("RecommendationCadence").value_or(0);
  return std::nullopt;
}

SettingError accessibility(Device& device, const Value& item) {
  merge(device.settings.accessibility, item);
  return std::nullopt;
}

}  // namespace

std::span<const SettingRow> setting_table() {
  static constexpr auto kTable = std::to_array<SettingRow>({
      {"AccessibilitySettings", accessibility},
      {"AppAnalytics", app_analytics},
      {"ApplicationAttributes", app_attributes},
      {"ApplicationConfiguration", app_configuration},
      {"Bluetooth", bluetooth},
      {"DataRoaming", data_roaming},
      {"DeviceName", device_name},
      {"DiagnosticSubmission", diagnostics},
      {"HostName", host_name},
      {"MDMOptions", mdm_options},
      {"MaximumResidentUsers", shared_device},
      {"OrganizationInfo", organization},
      {"PasscodeLockGracePeriod", grace_period},
      {"PersonalHotspot", personal_hotspot},
      {"SharedDeviceConfiguration", shared_device},
      {"SoftwareUpdateSettings", update_settings},
      {"TimeZone", time_zone},
      {"VoiceRoaming", voice_roaming},
      {"Wallpaper", wallpaper},
  });
  return kTable;
}

}  // namespace understudy::agent
