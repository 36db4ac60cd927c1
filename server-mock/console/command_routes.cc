#include <nlohmann/json.hpp>

#include "server-mock/console/command_view.h"
#include "server-mock/console/console_api.h"
#include "server-mock/console/json_text.h"
#include "server-mock/console/query.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int kDefaultLimit = 100, kMaxLimit = 10'000;

/// Waits, when asked to, until the command is finished.
Task<net::HttpResponse> show_command(const ConsoleParts& parts, RoutedRequest request) {
  const std::string uuid = request.arguments.at(0);
  const std::optional<std::string> device = request.target.parameter("device");
  const Result<std::int64_t> wait = query_number(request.target, "wait", 0, kMaxWaitSeconds);
  if (!wait) co_return error_response(wait.error());
  const auto until = SteadyClock::now() + std::chrono::seconds(*wait);
  for (;;) {
    const Result<CommandView> command = find_command(parts.store, uuid, device);
    if (!command) co_return error_response(command.error());
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now());
    if (command->finished || left.count() <= 0) {
      Result<std::string> json = command_json(parts.store, *command);
      if (!json) co_return error_response(json.error());
      co_return net::HttpResponse::of(200, "application/json", std::move(*json));
    }
    co_await parts.watch.wait(uuid, left);
  }
}

net::HttpResponse show_result(const ConsoleParts& parts, const RoutedRequest& request) {
  const Result<CommandView> command =
      find_command(parts.store, request.arguments.at(0), request.target.parameter("device"));
  if (!command) return error_response(command.error());
  if (command->result.empty()) {
    return error_response(
        404, "command " + command->uuid + " has no result yet; it is " + command->status);
  }
  return net::HttpResponse::of(200, "application/xml", command->result);
}

net::HttpResponse list_commands(const ConsoleParts& parts, const RoutedRequest& request) {
  const std::optional<std::string> device = request.target.parameter("device");
  if (!device) return error_response(400, "name a device: /v1/commands?device=ID");
  const Result<std::int64_t> limit =
      query_number(request.target, "limit", kDefaultLimit, kMaxLimit);
  if (!limit) return error_response(limit.error());
  const auto known = parts.store.device(*device);
  if (!known) return error_response(known.error());
  if (!*known)
    return error_response(
        404, "device " + *device + " is not known here; GET /v1/devices lists those that are");
  const Result<std::vector<CommandRecord>> commands =
      parts.store.commands_of(*device, static_cast<std::size_t>(*limit));
  if (!commands) return error_response(commands.error());
  nlohmann::json list = nlohmann::json::array();
  for (const CommandRecord& command : *commands) {
    list.push_back({{"command_uuid", command.uuid},
                    {"device_id", command.device_id},
                    {"request_type", command.request_type},
                    {"status", status_name(command.status)},
                    {"created_at", format_time(command.created_at)},
                    {"changed_at", format_time(command.changed_at)}});
  }
  return json_response(200, nlohmann::json{{"commands", std::move(list)}});
}

}  // namespace

void add_command_routes(Router& router, const ConsoleParts& parts) {
  router.add("GET", "/v1/commands/{uuid}",
             [&parts](RoutedRequest request) { return show_command(parts, std::move(request)); });
  router.add_simple("GET", "/v1/commands/{uuid}/result",
                    [&parts](const RoutedRequest& request) { return show_result(parts, request); });
  router.add_simple("GET", "/v1/commands", [&parts](const RoutedRequest& request) {
    return list_commands(parts, request);
  });
}

}  // namespace understudy::server
