#pragma once

/// Identities that a profile does not contain: their keys are made on the device, their
/// certificates fetched from a CA (3.2 to 3.12). Commands see no network: a handler says what it
/// wants, and is called again with what came of it.

#include <map>
#include <string>
#include <vector>

#include "shared/mdm/profile.h"

namespace understudy::agent {

struct WantedIdentity {
  std::string payload_uuid;
  mdm::ScepPayload payload;
  std::vector<crypto::Certificate> anchors;  ///< of the same profile, for a CA behind https (1.17)
};

/// By PayloadUUID: the identity, or why there is none.
using FetchedIdentities = std::map<std::string, Result<crypto::Identity>>;

}  // namespace understudy::agent
