#pragma once

/// One accepted connection with an outbox, so that anybody on its executor can send at any time
/// while one coroutine reads. Bounded: a peer that does not read is cut off.

#include <chrono>
#include <functional>
#include <memory>

#include "server-mock/apns/hub.h"
#include "shared/net/asio.h"
#include "shared/net/stream.h"

namespace understudy::apns_mock {

class StreamLink final : public Link, public std::enable_shared_from_this<StreamLink> {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// Octets waiting to be written: more closes the connection.
  static constexpr std::size_t kMaxQueued = std::size_t{1024} * 1024;

  explicit StreamLink(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

  net::Stream& stream() { return *stream_; }
  void send(Bytes octets) override;
  void finish() override;
  void trickle(std::size_t octets, std::chrono::milliseconds pause) override;
  void close();
  bool closed() { return !stream_->socket().is_open(); }

  /// Real time, whatever the service's clock: it bounds what a silent peer can hold. The listener
  /// closes the connection when it has passed; reading sets it anew.
  void set_deadline(std::chrono::milliseconds from_now);
  bool overdue(SteadyTime now) const { return now > deadline_; }
  /// Said to the peer when its deadline passes, before the connection closes.
  void set_farewell(std::function<void()> farewell) { farewell_ = std::move(farewell); }
  /// What the listener does to a connection that is overdue: the farewell once, and later the end.
  void expire();

 private:
  static Task<void> write_all(std::shared_ptr<StreamLink> link);
  void write_some_now();

  std::unique_ptr<net::Stream> stream_;
  Bytes outbox_;
  std::function<void()> farewell_;
  SteadyTime deadline_ = SteadyTime::max();
  /// 0: everything at once.
  std::size_t trickle_octets_ = 0;
  std::chrono::milliseconds trickle_pause_{};
  bool writing_ = false;
  bool finishing_ = false;
};

}  // namespace understudy::apns_mock
