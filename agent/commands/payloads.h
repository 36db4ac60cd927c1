#pragma once

/// What the payloads of a profile leave on a device.

#include <vector>

#include "agent/commands/wanted_identity.h"
#include "agent/device/device.h"
#include "shared/mdm/error_chain.h"

namespace understudy::agent {

/// The certificates and identities of a profile, ready for the keychain; or what has to be fetched
/// first; or why it cannot be installed, as an ErrorChain. Nothing is changed. ACME is refused.
struct KeychainPlan {
  std::vector<KeychainItem> items;
  std::vector<WantedIdentity> wants;  ///< empty: go on
  mdm::ErrorChain refusal;            ///< empty: go on
};
/// `fetched`: null before anything was.
KeychainPlan plan_keychain(const mdm::Profile& profile, const FetchedIdentities* fetched);

}  // namespace understudy::agent
