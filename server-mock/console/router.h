#pragma once

/// Finds the handler for a request by method and path pattern ("/v1/commands/{uuid}").

#include <functional>
#include <string>
#include <vector>

#include "shared/net/http_server.h"

namespace understudy::server {

struct RoutedRequest {
  net::IncomingRequest http;
  net::Target target;
  std::vector<std::string> arguments;  ///< what stood at each {name}, in order
};
using RouteHandler = std::function<Task<net::HttpResponse>(RoutedRequest)>;
/// For what needs no waiting.
using SimpleHandler = std::function<net::HttpResponse(const RoutedRequest&)>;

struct Route {
  std::string method, pattern;
  RouteHandler handler;
};

/// Its executor only.
class Router {
 public:
  void add(std::string method, std::string pattern, RouteHandler handler);
  void add_simple(std::string method, std::string pattern, SimpleHandler handler);

  /// 404 for an unknown path, 405 with Allow for a known one.
  Task<net::HttpResponse> handle(net::IncomingRequest request) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace understudy::server
