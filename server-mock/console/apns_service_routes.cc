#include <nlohmann/json.hpp>

#include "server-mock/console/apns_request.h"
#include "server-mock/console/apns_views.h"
#include "server-mock/console/json_text.h"
#include "server-mock/faults/rule_text.h"

namespace understudy::server {
namespace {

using apns_mock::ConnectionView;
using apns_mock::Counters;
using apns_mock::Hub;
using apns_mock::TokenView;
using Json = nlohmann::json;

/// Of each list of a snapshot.
constexpr auto kMostListed = static_cast<std::size_t>(kMaxList);

net::HttpResponse show_policies(const ApnsAccess& access) {
  Json list = Json::array();
  for (const apns_mock::PolicyText& policy : policy_table(access.production.policies())) {
    list.push_back({{"name", policy.name},
                    {"value", policy.value},
                    {"values", policy.values},
                    {"about", policy.about}});
  }
  return json_response(200, Json{{"policies", std::move(list)}});
}

Json counters_json(const Counters& counters) {
  Json rejected = Json::object();
  for (std::size_t i = 0; i < Counters::kReasons; ++i) {
    if (counters.rejected[i] == 0) continue;
    rejected[std::string(apns::reason_name(static_cast<apns::Reason>(i)))] = counters.rejected[i];
  }
  return {{"received", counters.received},
          {"accepted", counters.accepted},
          {"rejected", std::move(rejected)},
          {"delivered", counters.delivered},
          {"delivered_from_storage", counters.delivered_from_storage},
          {"stored", counters.stored},
          {"coalesced", counters.coalesced},
          {"expired", counters.expired},
          {"discarded", counters.discarded},
          {"acked", counters.acked},
          {"refused_by_device", counters.refused_by_device},
          {"redelivered", counters.redelivered},
          {"faulted", counters.faulted}};
}

Json environment_json(Hub& hub) {
  apns_mock::PushJournal::Query all;
  all.limit = kMostListed;
  return {{"counters", counters_json(hub.counters())},
          {"tokens",
           list_json<Json>(hub.broker().tokens(), kMostListed,
                           [&](const TokenView& view) { return token_json<Json>(hub, view); })},
          {"connections", list_json<Json>(hub.broker().connections(), kMostListed,
                                          [&](const ConnectionView& view) {
                                            return connection_json<Json>(hub, view);
                                          })},
          {"pending", list_json<Json>(hub.broker().pending({}), kMostListed,
                                      [&](const apns_mock::Push& push) {
                                        return pending_json<Json>(hub, push);
                                      })},
          {"pushes", pushes_json<Json>(hub.journal().newest(all))}};
}

net::HttpResponse snapshot(const ApnsAccess& access) {
  Json policies = Json::object();
  for (const apns_mock::PolicyText& policy : policy_table(access.production.policies())) {
    policies[policy.name] = policy.value;
  }
  return json_response(
      200, Json{{"at", format_time(access.production.now())},
                {"policies", std::move(policies)},
                {"faults", Json::parse(rules_to_json(access.production.faults().list()))},
                {"production", environment_json(access.production)},
                {"sandbox", environment_json(access.sandbox)}});
}

/// As after a start with the same tokens.
net::HttpResponse reset(const ApnsAccess& access) {
  access.production.faults().clear();
  for (Hub* hub : {&access.production, &access.sandbox}) hub->reset();
  return no_content();
}

}  // namespace

void add_apns_service_routes(Router& router, const ApnsAccess& access) {
  router.add_simple("GET", "/v1/apns/policies",
                    [access](const RoutedRequest&) { return show_policies(access); });
  router.add_simple("GET", "/v1/apns/snapshot",
                    [access](const RoutedRequest&) { return snapshot(access); });
  router.add_simple("POST", "/v1/apns/reset",
                    [access](const RoutedRequest&) { return reset(access); });
}

void add_apns_routes(Router& router, const ApnsAccess& access) {
  add_apns_push_routes(router, access);
  add_apns_token_routes(router, access);
  add_apns_service_routes(router, access);
}

}  // namespace understudy::server
