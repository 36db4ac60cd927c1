#pragma once

/// The CONNECT proxy: an MDM server that honors HTTPS_PROXY pushes to us through it without a
/// change to it or to the machine. It passes octets on and reads none of them: the TLS session is
/// the MDM server's with the provider API. Its executor only.

#include <chrono>
#include <memory>
#include <optional>

#include "server-mock/apns/proxy_request.h"
#include "shared/core/result.h"
#include "shared/net/asio.h"

namespace understudy::apns_mock {

struct ConnectProxyOptions {
  net::HostPort address{"127.0.0.1", 0};
  std::optional<net::HostPort> production;  ///< where its tunnels lead; absent: 503
  std::optional<net::HostPort> sandbox;
  std::size_t max_connections = 1000;                             ///< more are closed at once
  std::chrono::milliseconds head_timeout{10'000};                 ///< real time, as all of these
  std::chrono::milliseconds idle_timeout{std::chrono::hours(2)};  ///< of a tunnel
};

class ConnectProxy {
 public:
  struct Counts {
    std::size_t connections = 0;  ///< now, with or without a tunnel
    std::size_t tunnels = 0;      ///< now
    std::uint64_t opened = 0;     ///< tunnels since the start
    std::uint64_t refused = 0;    ///< requests since the start, and connections over the limit
  };

  /// Errors: errc::io, naming the address.
  static Result<std::unique_ptr<ConnectProxy>> start(const asio::any_io_executor& executor,
                                                     ConnectProxyOptions options);
  ~ConnectProxy();
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  std::uint16_t port() const;
  Counts counts() const;
  /// Stops listening and cuts every tunnel, while the executor runs on. Destruction does the same.
  void stop();

 private:
  struct Impl;
  explicit ConnectProxy(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::apns_mock
