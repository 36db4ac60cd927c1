#pragma once

/// SecurityInfo's FirewallSettings, as the profiles ask for: the strictest of all of them. Source:
/// mdm/profiles/com.apple.security.firewall.yaml.

#include "agent/device/device.h"

namespace understudy::agent {

plist::Dict firewall_settings(const Device& device);

}  // namespace understudy::agent
