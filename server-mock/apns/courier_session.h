#pragma once

/// One device's side of the courier protocol over any transport: frames in, effects out. No I/O.

#include "server-mock/apns/broker.h"

namespace understudy::apns_mock {

class CourierSession {
 public:
  /// `broker` outlives the session.
  CourierSession(Broker& broker, ConnectionId connection)
      : broker_(broker), connection_(connection) {}

  /// Unknown commands are ignored. Errors: apns::errc::malformed for a known message that cannot be
  /// read, or one that comes before Connect: close the connection.
  Result<Effects> on_frame(const apns::Frame& frame, TimePoint now);
  /// Whether a Connect was accepted: from then on the connection may be silent for long.
  bool connected() const { return connected_; }

 private:
  Result<Effects> on_connect(const apns::Frame& frame, TimePoint now);

  Broker& broker_;
  ConnectionId connection_;
  bool connected_ = false;
};

}  // namespace understudy::apns_mock
