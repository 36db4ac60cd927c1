#pragma once

/// The apps that are on a stand-in before any server has been at it.

#include <vector>

#include "agent/device/device.h"

namespace understudy::agent {

/// At least half of the platform's list, chosen by seed and number.
std::vector<InstalledApp> default_apps(mdm::Platform platform, const Rng& seed,
                                       std::uint64_t number);

}  // namespace understudy::agent
