#pragma once

/// Which profiles with an MDM payload an enrolled device refuses, and why.

#include <optional>

#include "agent/commands/perform.h"

namespace understudy::agent {

/// nullopt: the profile has nothing to do with this device's enrollment. Sources:
/// device-behaviour.md 1.16, 1.20 to 1.22.
std::optional<Outcome> refuse_mdm_profile(const Device& device, const mdm::Profile& profile);

}  // namespace understudy::agent
