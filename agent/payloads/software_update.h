#pragma once

/// What profiles say of software updates. Sources: mdm/profiles/com.apple.SoftwareUpdate.yaml,
/// com.apple.applicationaccess.yaml.

#include <cstdint>

#include "agent/device/device.h"

namespace understudy::agent {

/// The switches of DeviceInformation's OSUpdateSettings: on, unless a profile switches one off.
plist::Dict update_switches(const Device& device);

/// For how many days after its release an update of the system is withheld: the longest delay that
/// a profile asks for; 0: none does.
std::int64_t update_delay_days(const Device& device, bool major);

}  // namespace understudy::agent
