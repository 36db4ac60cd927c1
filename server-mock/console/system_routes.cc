#include <nlohmann/json.hpp>

#include "server-mock/console/clock_routes.h"
#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"
#include "server-mock/console/metrics_route.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

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
  const Result<std::map<std::string, std::int64_t>> values = server_counters(parts.store);
  if (!values) return error_response(values.error());
  return json_response(200, nlohmann::json(*values));
}

}  // namespace

void add_system_routes(Router& router, const ConsoleParts& parts) {
  add_version_route(router);
  router.add_simple("GET", "/v1/queues", [&parts](const RoutedRequest&) { return queues(parts); });
  router.add_simple("GET", "/v1/counters",
                    [&parts](const RoutedRequest&) { return counters(parts); });
  add_clock_routes(router, {parts.clock, parts.virtual_clock, parts.clock_changed});
}

}  // namespace understudy::server
