#pragma once

/// Who sends a request: the certificate it proves to hold. Whether that certificate may speak for a
/// device is certificate_binding's business.

#include <vector>

#include "server-mock/device_services/errc.h"
#include "shared/core/clock.h"
#include "shared/crypto/certificate.h"
#include "shared/net/http_server.h"

namespace understudy::server {

class Authenticator {
 public:
  Authenticator(std::vector<crypto::Certificate> anchors, const Clock& clock)
      : anchors_(std::move(anchors)), clock_(clock) {}

  /// TLS client certificate or Mdm-Signature over the exact body; with both, both must verify and
  /// be of one certificate. It must chain to an anchor and be valid now.
  /// Errors: device_errc::unauthenticated.
  Result<crypto::Certificate> certificate_of(const net::IncomingRequest& request) const;

 private:
  const std::vector<crypto::Certificate> anchors_;
  const Clock& clock_;
};

}  // namespace understudy::server
