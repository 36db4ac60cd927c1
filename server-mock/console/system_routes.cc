#include <nlohmann/json.hpp>

#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

/// Shown from the start, so that a script need not know that absent means none.
constexpr const char* kCounters[] = {"empty_wakes", "pushes_failed", "pushes_repeated",
                                     "results_of_unknown_commands", "results_repeated"};
/// A century: further than any certificate here lives.
constexpr double kMaxAdvance = 100.0 * 365 * 24 * 3600;

net::HttpResponse version() {
  return json_response(200, nlohmann::json{{"version", UNDERSTUDY_VERSION}});
}

net::HttpResponse queues(const ConsoleParts& parts) {
  const Result<QueueDepths> depths = parts.store.queue_depths();
  if (!depths) return error_response(depths.error());
  nlohmann::json commands = nlohmann::json::object();
  for (const auto& [status, count] : depths->commands) commands[status] = count;
  return json_response(200, nlohmann::json{{"actions", depths->actions},
                                           {"outbound_push", depths->outbound_push},
                                           {"event_log", depths->event_log},
                                           {"commands", std::move(commands)}});
}

net::HttpResponse counters(const ConsoleParts& parts) {
  const Result<std::map<std::string, std::int64_t>> values = parts.store.counters();
  if (!values) return error_response(values.error());
  nlohmann::json json = nlohmann::json::object();
  for (const char* name : kCounters) json[name] = 0;
  for (const auto& [name, value] : *values) json[name] = value;
  return json_response(200, json);
}

net::HttpResponse show_clock(const ConsoleParts& parts) {
  return json_response(200, nlohmann::json{{"now", format_time(parts.clock.now())},
                                           {"virtual", parts.virtual_clock != nullptr}});
}

net::HttpResponse advance_clock(const ConsoleParts& parts, const RoutedRequest& request) {
  if (parts.virtual_clock == nullptr) {
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
  parts.virtual_clock->advance(std::chrono::round<Duration>(step));
  parts.clock_changed();
  return show_clock(parts);
}

}  // namespace

void add_system_routes(Router& router, const ConsoleParts& parts) {
  router.add_simple("GET", "/version", [](const RoutedRequest&) { return version(); });
  router.add_simple("GET", "/v1/queues", [&parts](const RoutedRequest&) { return queues(parts); });
  router.add_simple("GET", "/v1/counters",
                    [&parts](const RoutedRequest&) { return counters(parts); });
  router.add_simple("GET", "/v1/clock",
                    [&parts](const RoutedRequest&) { return show_clock(parts); });
  router.add_simple("POST", "/v1/clock", [&parts](const RoutedRequest& request) {
    return advance_clock(parts, request);
  });
}

}  // namespace understudy::server
