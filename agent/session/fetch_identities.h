#pragma once

/// What commands and enrollment profiles want from a CA, one after the other.

#include "agent/commands/wanted_identity.h"
#include "agent/identity/identity.h"

namespace understudy::agent {

/// Each wish ends in an identity or an error of its own. `anchors`: trusted besides those of the
/// wishes.
Task<FetchedIdentities> fetch_identities(IdentityTools tools, const Device& device,
                                         std::vector<WantedIdentity> wanted,
                                         std::vector<crypto::Certificate> anchors);

}  // namespace understudy::agent
