#pragma once

/// An identity payload becomes a key and a certificate: by SCEP, or from the PKCS#12 inside.
/// Source: docs/protocol/device-facts.md section 3.

#include "agent/device/device.h"
#include "agent/identity/key_maker.h"
#include "shared/core/clock.h"
#include "shared/mdm/profile.h"
#include "shared/net/http_client.h"

namespace understudy::agent {

/// What macOS puts for %HardwareUUID% and the like (3.11).
mdm::DeviceVariables variables_of(const Device& device);

/// What a payload asks for, and by whom.
struct IdentityWish {
  mdm::IdentityPayload payload;
  mdm::DeviceVariables variables;
  /// For a SCEP URL with https; plain http is allowed there, the messages protect themselves.
  std::vector<crypto::Certificate> anchors;
};

/// What it is obtained with; all outlive the tasks.
struct IdentityTools {
  net::HttpClient& http;
  KeyMaker& keys;
  const Clock& clock;
};

/// Errors: scep::errc, crypto::errc (an expired certificate included), net::http_errc.
Task<Result<crypto::Identity>> obtain_identity(IdentityTools tools, IdentityWish wish);

}  // namespace understudy::agent
