#pragma once

/// One accepted TLS connection with an outbox, so that anybody on its executor can send at any time
/// while one coroutine reads. Bounded: a peer that does not read is cut off.

#include <chrono>
#include <memory>

#include "server-mock/apns/hub.h"
#include "shared/net/asio.h"
#include "shared/net/tls.h"

namespace understudy::apns_mock {

class TlsLink final : public Link, public std::enable_shared_from_this<TlsLink> {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// Octets waiting to be written: more closes the connection.
  static constexpr std::size_t kMaxQueued = std::size_t{1024} * 1024;

  TlsLink(net::tcp::socket socket, const net::TlsContext& context);

  net::TlsStream& stream() { return stream_; }
  void send(Bytes octets) override;
  void finish() override;
  void close();
  bool closed() { return !stream_.socket().is_open(); }

  /// Real time, whatever the service's clock: it bounds what a silent peer can hold. The listener
  /// closes the connection when it has passed; reading sets it anew.
  void set_deadline(std::chrono::milliseconds from_now);
  bool overdue(SteadyTime now) const { return now > deadline_; }

 private:
  static Task<void> write_all(std::shared_ptr<TlsLink> link);

  net::TlsStream stream_;
  Bytes outbox_;
  SteadyTime deadline_ = SteadyTime::max();
  bool writing_ = false;
  bool finishing_ = false;
};

}  // namespace understudy::apns_mock
