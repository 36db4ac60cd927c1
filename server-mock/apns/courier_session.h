#pragma once

/// One device's side of the courier protocol over any transport: frames in, effects out. No I/O.

#include <optional>

#include "server-mock/apns/broker.h"
#include "shared/crypto/certificate.h"

namespace understudy::apns_mock {

/// How a device came to us.
struct CourierPeer {
  enum class Transport {
    v3,    ///< TLS; certificate, nonce and signature come in Connect
    v2,    ///< TLS with a client certificate, which is the proof
    light  ///< no TLS, otherwise as v3
  } transport = Transport::v3;
  std::optional<crypto::Certificate> certificate;  ///< of the handshake
};
std::string_view transport_name(CourierPeer::Transport transport);

class CourierSession {
 public:
  /// `broker` outlives the session.
  CourierSession(Broker& broker, ConnectionId connection, CourierPeer peer,
                 const Policies& policies)
      : broker_(broker),
        connection_(connection),
        peer_(std::move(peer)),
        check_identity_(policies.check_identity),
        nonce_window_(policies.nonce_window) {}

  /// Unknown commands are ignored. Errors: apns::errc::malformed for a known message that cannot be
  /// read, or one that comes before Connect: close the connection.
  Result<Effects> on_frame(const apns::Frame& frame, TimePoint now);
  /// Whether a Connect was accepted: from then on the connection may be silent for long.
  bool connected() const { return connected_; }
  /// Whether a Filter was: one policy closes a connection that never sends one.
  bool filtered() const { return filtered_; }
  /// Answers Connect with this status instead, and closes.
  Effects refuse(std::uint8_t status, TimePoint now) const;

  ConnectionId connection() const { return connection_; }
  CourierPeer::Transport transport() const { return peer_.transport; }

 private:
  Result<Effects> on_connect(const apns::Frame& frame, TimePoint now);
  Result<std::string> prove(const apns::Connect& message, TimePoint now) const;

  Broker& broker_;
  ConnectionId connection_;
  CourierPeer peer_;
  bool check_identity_;
  Duration nonce_window_;
  bool connected_ = false;
  bool filtered_ = false;
};

}  // namespace understudy::apns_mock
