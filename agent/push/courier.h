#pragma once

/// How the devices of this process reach one courier: its address, whom to trust for it, and a
/// bound on handshakes under way. One TLS context for all of them.

#include <memory>
#include <vector>

#include "agent/push/gate.h"
#include "shared/core/clock.h"
#include "shared/crypto/certificate.h"
#include "shared/net/tls.h"

namespace understudy::agent {

/// Use from its executor only.
class Courier {
 public:
  /// Errors: crypto::errc, errc::io. `anchors` must contain the courier's root.
  static Result<std::shared_ptr<Courier>> make(const asio::any_io_executor& executor,
                                               const Clock& clock, net::HostPort address,
                                               std::vector<crypto::Certificate> anchors);

  /// TCP and TLS with ALPN apns-security-v3. The certificate is for `courier.push.apple.com`, as
  /// at Apple's, or else for the host that is connected to. Errors: errc::io, errc::timeout, and
  /// errc::unsupported when the other side does not speak the protocol.
  Task<Result<net::TlsStream>> connect();

  const net::HostPort& address() const { return address_; }

 private:
  Courier(const asio::any_io_executor& executor, const Clock& clock, net::HostPort address,
          net::TlsContext by_service_name, net::TlsContext by_host);
  Task<Result<net::TlsStream>> attempt(bool by_host, bool& handshake_failed);

  const Clock& clock_;
  net::HostPort address_;
  net::TlsContext by_service_name_, by_host_;
  bool use_host_ = false;  ///< the service name did not fit, the host did
  Gate handshakes_;
};

}  // namespace understudy::agent
