#pragma once

/// Who is on a stand-in before any server has been at it.

#include <vector>

#include "agent/device/device.h"

namespace understudy::agent {

/// A Mac has its owner, logged in; the others have no accounts. One that waits in Setup Assistant
/// gets its owner afterwards (agent/commands/account_setup.cc).
std::vector<User> default_users(mdm::Platform platform, const Rng& seed, std::uint64_t number);

}  // namespace understudy::agent
