#pragma once

/// How profiles go. Sources: mdm/profiles/TopLevel.yaml, com.apple.profileRemovalPassword.yaml;
/// docs/protocol/device-facts.md 2.3.

#include <cstdint>
#include <optional>
#include <string>

#include "agent/device/device.h"

namespace understudy::agent {

/// The earlier of RemovalDate and DurationUntilRemoval, in seconds since 1970; 0: never. `now` is
/// when the profile is installed.
std::int64_t removal_time(const mdm::Profile& profile, TimePoint now);

/// A profile and the certificates it brought. What else it did is derived from what is installed.
void remove_installed_profile(Device& device, const std::string& identifier);

/// Removes what is due; true when something was. The enrollment profile goes as if its user had
/// removed it: the device is leaving then.
bool remove_due_profiles(Device& device, TimePoint now);
/// When the next profile falls due; nullopt: none does.
std::optional<TimePoint> next_removal(const Device& device);

/// What a user has to type to remove the profile; empty: nothing.
std::string removal_password(const mdm::Profile& profile);

}  // namespace understudy::agent
