#pragma once

/// One connection of an HttpServer. Private to net/.

#include <memory>

#include "shared/net/http_server.h"

namespace understudy::net {

/// What the connections of one server share.
struct HttpService {
  HttpServerOptions options;
  HttpHandler handler;
  std::optional<TlsContext> tls;  ///< absent: plain HTTP
};

/// Answers the requests of one connection, in order, until either side is done with it. Ends when
/// cancelled.
Task<void> serve_connection(std::shared_ptr<const HttpService> service, tcp::socket socket);

}  // namespace understudy::net
