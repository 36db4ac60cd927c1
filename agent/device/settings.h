#pragma once

/// What the Settings command sets. Source: mdm/commands/settings.yaml.

#include <cstdint>
#include <string>

#include "shared/plist/value.h"

namespace understudy::agent {

struct DeviceSettings {
  Bytes lock_wallpaper, home_wallpaper;  ///< SHA-256 of the image; empty: never set
  bool data_roaming = false, voice_roaming = false, personal_hotspot = false;
  bool bluetooth_off = false;
  std::string time_zone;  ///< empty: Etc/UTC
  std::string host_name;  ///< empty: made of the device's name
  bool diagnostics = false, app_analytics = false;
  std::int64_t passcode_grace_seconds = 0;
  std::int64_t auto_lock_seconds = 0;  ///< Shared iPad; 0: never set
  std::int64_t update_cadence = 0;     ///< RecommendationCadence
  // With the keys of the schema; what is absent has its default.
  plist::Dict organization;   ///< OrganizationInfo
  plist::Dict mdm_options;    ///< MDMOptions
  plist::Dict shared_device;  ///< SharedDeviceConfiguration, MaximumResidentUsers
  plist::Dict accessibility;  ///< AccessibilitySettings

  friend bool operator==(const DeviceSettings&, const DeviceSettings&) = default;
};

}  // namespace understudy::agent
