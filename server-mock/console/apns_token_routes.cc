#include <nlohmann/json.hpp>

#include "server-mock/console/apns_request.h"
#include "server-mock/console/apns_views.h"
#include "server-mock/console/json_text.h"
#include "server-mock/console/query.h"
#include "shared/core/errc.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

using apns_mock::ConnectionView;
using apns_mock::Effects;
using apns_mock::Hub;
using apns_mock::TokenLife;
using apns_mock::TokenView;
using Json = nlohmann::json;

/// In the view of one token.
constexpr std::size_t kPushesOfToken = 20;

net::HttpResponse list_tokens(Hub& hub, const RoutedRequest& request) {
  const auto limit = query_number(request.target, "limit", kDefaultList, kMaxList);
  if (!limit) return error_response(limit.error());
  const std::vector<TokenView> views = hub.broker().tokens();
  auto list = list_json<Json>(views, static_cast<std::size_t>(*limit),
                              [&](const TokenView& view) { return token_json<Json>(hub, view); });
  return json_response(200, Json{{"tokens", std::move(list)}, {"total", views.size()}});
}

/// With what was pushed to it, each push with its deliveries and acks.
net::HttpResponse token_response(Hub& hub, const apns::Token& token) {
  const std::optional<TokenView> view = hub.broker().token(token);
  if (!view) {
    return error_response(404, "token " + apns::token_label(token) + " was never minted here");
  }
  apns_mock::PushJournal::Query query;
  query.token = token;
  query.limit = kPushesOfToken;
  Json body = token_json<Json>(hub, *view);
  body["pushes"] = pushes_json<Json>(hub.journal().newest(query));
  return json_response(200, body);
}

net::HttpResponse show_token(Hub& hub, const RoutedRequest& request) {
  const Result<apns::Token> token = parse_token(request.arguments.at(0));
  return token ? token_response(hub, *token) : error_response(token.error());
}

/// The body of a POST: an object, or nothing. Errors: errc::invalid_argument.
Result<Json> body_of(const RoutedRequest& request, const char* only_member) {
  if (request.http.body.empty()) return Json::object();
  Json body = Json::parse(request.http.body, nullptr, false);
  const bool known =
      body.is_object() && body.size() <= 1 && (body.empty() || body.contains(only_member));
  if (known) return body;
  return fail(errc::invalid_argument, "not a body this takes",
              std::string("send {\"") + only_member + "\": ...}, or nothing");
}

Result<TimePoint> since_of(const RoutedRequest& request, TimePoint now) {
  UNDERSTUDY_TRY(const Json body, body_of(request, "since"));
  if (body.empty()) return now;
  if (!body["since"].is_string()) {
    return fail(errc::invalid_argument, "since: not a time", "write 2026-11-24T14:34:05Z");
  }
  UNDERSTUDY_TRY(const TimePoint since, parse_time(body["since"].get<std::string>()));
  if (since <= now) return since;
  return fail(errc::invalid_argument, "since: in the future",
              "a token ends at once, or ended before");
}

/// Carries out what the broker was told, and shows the token as it is then.
net::HttpResponse applied(Hub& hub, const apns::Token& token, const char* what,
                          const Result<Effects>& effects) {
  if (!effects) return error_response(effects.error());
  hub.apply(*effects);
  log::info("apns.token.changed", {{"token", apns::token_label(token)}, {"how", what}});
  return token_response(hub, token);
}

net::HttpResponse end_token(Hub& hub, const RoutedRequest& request, TokenLife::Kind kind) {
  const Result<apns::Token> token = parse_token(request.arguments.at(0));
  if (!token) return error_response(token.error());
  const Result<TimePoint> since = since_of(request, hub.now());
  if (!since) return error_response(since.error());
  const char* how = kind == TokenLife::Kind::expired ? "expired" : "unregistered";
  return applied(hub, *token, how, hub.broker().end_token(*token, kind, *since, hub.now()));
}

net::HttpResponse rotate_token(Hub& hub, const RoutedRequest& request) {
  const Result<apns::Token> token = parse_token(request.arguments.at(0));
  if (!token) return error_response(token.error());
  return applied(hub, *token, "rotated", hub.broker().rotate(*token, hub.now()));
}

net::HttpResponse list_connections(Hub& hub, const RoutedRequest& request) {
  const auto limit = query_number(request.target, "limit", kDefaultList, kMaxList);
  if (!limit) return error_response(limit.error());
  const std::vector<ConnectionView> views = hub.broker().connections();
  auto list =
      list_json<Json>(views, static_cast<std::size_t>(*limit),
                      [&](const ConnectionView& view) { return connection_json<Json>(hub, view); });
  return json_response(200, Json{{"connections", std::move(list)}, {"total", views.size()}});
}

net::HttpResponse disconnect(Hub& hub, const RoutedRequest& request) {
  const Result<Json> body = body_of(request, "connection");
  if (!body) return error_response(body.error());
  if (body->empty()) return json_response(200, Json{{"disconnected", hub.disconnect_all()}});
  const Json& wanted = (*body)["connection"];
  if (!wanted.is_number_unsigned()) return error_response(400, "connection: not a number");
  const auto id = wanted.get<apns_mock::ConnectionId>();
  if (hub.disconnect(id)) return json_response(200, Json{{"disconnected", 1}});
  return error_response(404, "there is no connection " + std::to_string(id));
}

}  // namespace

void add_apns_token_routes(Router& router, const ApnsAccess& access) {
  router.add_simple("GET", "/v1/apns/tokens", on_hub(access, list_tokens));
  router.add_simple("GET", "/v1/apns/tokens/{token}", on_hub(access, show_token));
  router.add_simple("POST", "/v1/apns/tokens/{token}/unregister",
                    on_hub(access, [](Hub& hub, const RoutedRequest& request) {
                      return end_token(hub, request, TokenLife::Kind::unregistered);
                    }));
  router.add_simple("POST", "/v1/apns/tokens/{token}/expire",
                    on_hub(access, [](Hub& hub, const RoutedRequest& request) {
                      return end_token(hub, request, TokenLife::Kind::expired);
                    }));
  router.add_simple("POST", "/v1/apns/tokens/{token}/rotate", on_hub(access, rotate_token));
  router.add_simple("GET", "/v1/apns/connections", on_hub(access, list_connections));
  router.add_simple("POST", "/v1/apns/disconnect", on_hub(access, disconnect));
}

}  // namespace understudy::server
