#pragma once

/// Carries out what the broker decides: writes to connections, closes them, reports the stages of a
/// push. The meeting point of provider API, courier and any other transport. Its executor only.

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "server-mock/apns/broker.h"
#include "server-mock/apns/courier_session.h"
#include "server-mock/apns/provider_request.h"

namespace understudy::apns_mock {

/// A courier connection, whatever carries its octets.
class Link {
 public:
  virtual ~Link() = default;
  /// Queues; never waits, never calls back into the hub.
  virtual void send(Bytes octets) = 0;
  /// Closes once everything queued is written.
  virtual void finish() = 0;
};

using PushObserver = std::function<void(const PushEvent&)>;

class Hub {
 public:
  /// `clock` outlives the hub; `observer` may be empty.
  Hub(Broker broker, const Clock& clock, const Rng& rng, PushObserver observer);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() = default;

  /// `link` lives until detach.
  ConnectionId attach(Link& link);
  void detach(ConnectionId connection);
  CourierSession session(ConnectionId connection) { return {broker_, connection}; }
  /// Feeds one frame to a session and carries the effects out. Errors: as CourierSession::on_frame.
  Result<void> receive(CourierSession& session, const apns::Frame& frame);

  /// What answers a provider: nullopt is 200.
  std::optional<apns::Reason> push(const PushOrder& order);
  /// A new apns-id, in upper case as Apple's are.
  std::string new_id() { return ids_.uuid(); }
  void expire();

  TimePoint now() const { return clock_.now(); }
  std::size_t stored() const { return broker_.stored(); }

 private:
  void carry_out(const Effects& effects);

  Broker broker_;
  const Clock& clock_;
  Rng ids_;
  PushObserver observer_;
  ConnectionId last_ = 0;
  std::unordered_map<ConnectionId, Link*> links_;
};

}  // namespace understudy::apns_mock
