#include "server-mock/console/router.h"

#include <optional>

#include "server-mock/console/json_text.h"

namespace understudy::server {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_argument(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

/// The arguments, if the path is of that pattern.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  const auto wanted = segments_of(pattern);
  const auto given = segments_of(path);
  if (wanted.size() != given.size()) return std::nullopt;
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_argument(wanted[i])) {
      arguments.emplace_back(given[i]);
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return arguments;
}

Task<net::HttpResponse> at_once(net::HttpResponse response) {
  co_return response;
}

}  // namespace

void Router::add(std::string method, std::string pattern, RouteHandler handler) {
  routes_.push_back(Route{std::move(method), std::move(pattern), std::move(handler)});
}

void Router::add_simple(std::string method, std::string pattern, SimpleHandler handler) {
  add(std::move(method), std::move(pattern),
      [simple = std::move(handler)](const RoutedRequest& request) {
        return at_once(simple(request));
      });
}

Task<net::HttpResponse> Router::handle(net::IncomingRequest request) const {
  net::Target target = net::Target::parse(request.target);
  std::string allowed;
  for (const Route& route : routes_) {
    std::optional<std::vector<std::string>> arguments = match(route.pattern, target.path);
    if (!arguments) continue;
    if (route.method == request.method) {
      RoutedRequest routed{std::move(request), std::move(target), std::move(*arguments)};
      return route.handler(std::move(routed));
    }
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty()) {
    return at_once(error_response(404, "no such URL: " + target.path));
  }
  net::HttpResponse response = error_response(405, target.path + " takes " + allowed + " only");
  response.headers.set("Allow", allowed);
  return at_once(std::move(response));
}

}  // namespace understudy::server
