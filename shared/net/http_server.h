#pragma once

/// An HTTP/1.1 server on Boost.Beast, plain or TLS, for device services and console.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "shared/net/asio.h"
#include "shared/net/http.h"
#include "shared/net/tls.h"

namespace understudy::net {

struct IncomingRequest {
  std::string method;
  std::string target;  ///< as received
  Headers headers;
  std::string body;
  std::string remote;  ///< "127.0.0.1:50000"
  std::optional<crypto::Certificate> peer_certificate;
};

using HttpHandler = std::function<Task<HttpResponse>(IncomingRequest)>;

struct HttpServerOptions {
  HostPort address{"127.0.0.1", 0};
  std::optional<TlsServerOptions> tls;                         ///< absent: plain HTTP
  std::size_t max_body_bytes = std::size_t{16} * 1024 * 1024;  ///< more: 413, connection closed
  std::size_t max_header_bytes = std::size_t{64} * 1024;       ///< more: 431, connection closed
  std::chrono::seconds idle_timeout{60};  ///< between requests, and for reading one
  std::size_t max_connections = 10'000;
};

/// Answers 400 to what is no HTTP, 500 to a handler that throws (and logs it). Use from its
/// executor only.
class HttpServer {
 public:
  /// Errors: errc::io (the address cannot be listened on), crypto::errc.
  static Result<std::unique_ptr<HttpServer>> start(const asio::any_io_executor& executor,
                                                   HttpServerOptions options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  std::uint16_t port() const;
  std::size_t connections() const;
  /// Stops listening, and ends every connection at its next wait; so does a handler that is under
  /// way, with the exception of a cancelled wait. The destructor does the same.
  void stop();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::net
