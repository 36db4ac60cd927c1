#pragma once

/// What the payloads of a profile leave on a device.

#include <vector>

#include "agent/device/device.h"
#include "shared/mdm/error_chain.h"

namespace understudy::agent {

/// The certificates and identities of a profile, ready for the keychain; or why it cannot be
/// installed, as an ErrorChain. Nothing is changed. Identities that would have to be fetched (SCEP,
/// ACME) are refused.
struct KeychainPlan {
  std::vector<KeychainItem> items;
  mdm::ErrorChain refusal;  ///< empty: go on
};
KeychainPlan plan_keychain(const mdm::Profile& profile);

}  // namespace understudy::agent
