#pragma once

/// How the devices of this process reach one courier: its address, whom to trust for it, and a
/// bound on handshakes under way. One TLS context for all of them, and one timer for all their
/// deadlines.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "agent/push/deadlines.h"
#include "agent/push/gate.h"
#include "shared/core/clock.h"
#include "shared/crypto/certificate.h"
#include "shared/net/tls.h"

namespace understudy::agent {

/// "HOST:PORT", or "light:HOST:PORT" for the same frames without TLS (a mock's, on loopback).
struct CourierAddress {
  net::HostPort at;
  bool light = false;
  /// Errors: errc::invalid_argument.
  static Result<CourierAddress> parse(std::string_view text);
  std::string text() const;
};

/// Use from its executor only.
class Courier {
 public:
  /// Errors: crypto::errc, errc::io. `anchors` must contain the courier's root; not needed for a
  /// light one.
  static Result<std::shared_ptr<Courier>> make(const asio::any_io_executor& executor,
                                               const Clock& clock, CourierAddress address,
                                               const std::vector<crypto::Certificate>& anchors);

  /// So many devices connect at a time, and hold what it takes, as this lets in.
  Task<Gate::Permit> take_turn() { return handshakes_.enter(); }
  /// TCP and TLS with ALPN apns-security-v3. The certificate is for `courier.push.apple.com` (in
  /// the sandbox `courier.sandbox.push.apple.com`), as at Apple's, or else for the host that is
  /// connected to. Errors: errc::io, errc::timeout, and errc::unsupported when the other side does
  /// not speak the protocol.
  Task<Result<std::unique_ptr<net::Stream>>> connect(bool sandbox);

  const CourierAddress& address() const { return address_; }
  Deadlines& deadlines() { return deadlines_; }

 private:
  /// By which name the certificate is checked.
  struct Contexts {
    std::vector<net::TlsContext> by_service_name, by_host;  ///< production, sandbox
  };
  Courier(const asio::any_io_executor& executor, const Clock& clock, CourierAddress address,
          Contexts contexts);
  Task<Result<std::unique_ptr<net::Stream>>> connect_tls(bool sandbox);
  Task<Result<std::unique_ptr<net::Stream>>> attempt(bool sandbox, bool by_host,
                                                     bool& handshake_failed);

  const Clock& clock_;
  CourierAddress address_;
  Contexts contexts_;
  bool use_host_ = false;  ///< the service name did not fit, the host did
  Gate handshakes_;
  Deadlines deadlines_;
};

}  // namespace understudy::agent
