#include "server-mock/console/fault_routes.h"

#include <nlohmann/json.hpp>

#include "server-mock/console/json_text.h"
#include "server-mock/faults/rule_text.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

using Json = nlohmann::json;

Json action_json(const faults::Action& action) {
  Json parameters = Json::array();
  for (const faults::Parameter& parameter : action.parameters) {
    Json item = {{"name", parameter.name}, {"about", parameter.describe()}};
    if (parameter.otherwise) {
      std::visit([&](const auto& value) { item["default"] = value; }, *parameter.otherwise);
    }
    parameters.push_back(std::move(item));
  }
  return {{"name", action.name}, {"about", action.about}, {"parameters", std::move(parameters)}};
}

net::HttpResponse show_points(const faults::Engine& engine) {
  Json points = Json::array();
  for (const faults::Hop& hop : engine.vocabulary()) {
    Json actions = Json::array();
    for (const faults::Action& action : hop.actions) actions.push_back(action_json(action));
    points.push_back({{"hop", hop.name},
                      {"about", hop.about},
                      {"attributes", hop.attributes},
                      {"actions", std::move(actions)}});
  }
  return json_response(200, Json{{"points", std::move(points)}});
}

net::HttpResponse list_rules(const faults::Engine& engine) {
  return json_response(200, Json{{"faults", Json::parse(rules_to_json(engine.list()))}});
}

net::HttpResponse refusal(const Error& error) {
  return error.code == errc::limit ? error_response(409, error.message()) : error_response(error);
}

net::HttpResponse add_rules(faults::Engine& engine, const RoutedRequest& request) {
  Result<std::vector<faults::Rule>> rules = faults::rules_from_json(request.http.body);
  if (!rules) return refusal(rules.error());
  const Result<std::vector<std::string>> ids = engine.add_all(std::move(*rules));
  if (!ids) return refusal(ids.error());
  return json_response(201, Json{{"ids", *ids}});
}

}  // namespace

void add_fault_routes(Router& router, faults::Engine& engine) {
  router.add_simple("GET", "/v1/faults",
                    [&engine](const RoutedRequest&) { return list_rules(engine); });
  router.add_simple("GET", "/v1/faults/points",
                    [&engine](const RoutedRequest&) { return show_points(engine); });
  router.add_simple("POST", "/v1/faults",
                    [&engine](const RoutedRequest& request) { return add_rules(engine, request); });
  router.add_simple("DELETE", "/v1/faults", [&engine](const RoutedRequest&) {
    engine.clear();
    return no_content();
  });
  router.add_simple("DELETE", "/v1/faults/{rule}", [&engine](const RoutedRequest& request) {
    const Result<void> gone = engine.remove(request.arguments.at(0));
    return gone ? no_content() : error_response(gone.error());
  });
}

}  // namespace understudy::server
