#pragma once

/// Accepts connections for the provider API and the courier, with TLS or without: at most so many,
/// each shaken hands with in time, each closed when its deadline passes. Its executor only.

#include <functional>
#include <memory>
#include <string>

#include "server-mock/apns/stream_link.h"
#include "shared/net/tls.h"

namespace understudy::apns_mock {

/// How late a passed deadline may be noticed.
inline constexpr std::chrono::milliseconds kSweepEvery{250};

struct ListenerOptions {
  std::string name;  ///< in logs: "apns.courier"
  net::HostPort address{"127.0.0.1", 0};
  std::size_t max_connections = 100'000;  ///< more are closed at once
  std::chrono::milliseconds handshake_timeout{10'000};
};

class Listener {
 public:
  /// What is spoken on an accepted socket: TLS of this context, or nothing below the protocol.
  using Wrap = std::function<std::unique_ptr<net::Stream>(net::tcp::socket)>;
  static Wrap with_tls(net::TlsContext context);
  static Wrap plain();
  /// Runs once the handshake is done; the connection is closed when it ends.
  using Serve = std::function<Task<void>(std::shared_ptr<StreamLink>)>;

  /// Errors: errc::io, naming the address.
  static Result<std::unique_ptr<Listener>> start(const asio::any_io_executor& executor, Wrap wrap,
                                                 ListenerOptions options, Serve serve);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;
  /// Takes no more connections, and closes each once what was sent to it is written, while the
  /// executor runs on. Destruction does the same.
  void stop();

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::apns_mock
