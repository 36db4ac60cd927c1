#include "server-mock/console/clock_routes.h"

#include <nlohmann/json.hpp>

#include "server-mock/console/json_text.h"

namespace understudy::server {
namespace {

/// A century: further than any certificate here lives.
constexpr double kMaxAdvance = 100.0 * 365 * 24 * 3600;
/// What format_time writes of later times, nobody reads back. A server runs on for a while, too.
constexpr TimePoint kEnd = std::chrono::sys_days(std::chrono::year(9999) / 1 / 1);

net::HttpResponse version() {
  return json_response(200, nlohmann::json{{"version", UNDERSTUDY_VERSION}});
}

net::HttpResponse show_clock(const ClockAccess& access) {
  return json_response(200, nlohmann::json{{"now", format_time(access.clock.now())},
                                           {"virtual", access.virtual_clock != nullptr}});
}

net::HttpResponse advance_clock(const ClockAccess& access, const RoutedRequest& request) {
  if (access.virtual_clock == nullptr) {
    return error_response(409,
                          "this server runs by the machine's clock; start it with "
                          "--virtual-clock to set it forward");
  }
  const auto json = nlohmann::json::parse(request.http.body, nullptr, false);
  const bool is_given =
      json.is_object() && json.contains("advance_seconds") && json["advance_seconds"].is_number();
  const double seconds = is_given ? json["advance_seconds"].get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kMaxAdvance)) {
    return error_response(400, "the body is {\"advance_seconds\": N}, N from 0 to a century");
  }
  const std::chrono::duration<double> step(seconds);
  const auto whole = std::chrono::round<Duration>(step);
  if (whole > kEnd - access.clock.now()) {
    return error_response(400, "the clock ends with the year 9999; it is " +
                                   format_time(access.clock.now()) + " now");
  }
  access.virtual_clock->advance(whole);
  access.clock_changed();
  return show_clock(access);
}

}  // namespace

void add_version_route(Router& router) {
  router.add_simple("GET", "/version", [](const RoutedRequest&) { return version(); });
}

void add_clock_routes(Router& router, const ClockAccess& access) {
  router.add_simple("GET", "/v1/clock",
                    [access](const RoutedRequest&) { return show_clock(access); });
  router.add_simple("POST", "/v1/clock", [access](const RoutedRequest& request) {
    return advance_clock(access, request);
  });
}

}  // namespace understudy::server
