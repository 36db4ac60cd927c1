#include "server-mock/console/fault_routes.h"

#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

using FaultRoutesTest = ApiTest;
using Json = nlohmann::json;

TEST_F(FaultRoutesTest, SetsShowsAndRemovesRules) {
  EXPECT_EQ(
      json(201, "POST", "/v1/faults", R"({"hop": "delivery", "action": "delay", "first_n": 2})"),
      Json({{"ids", {"fault-1"}}}));
  EXPECT_EQ(json(201, "POST", "/v1/faults",
                 R"([{"id": "a", "hop": "delivery", "action": "drop"},
                              {"id": "b", "hop": "courier.write", "action": "oversize"}])"),
            Json({{"ids", {"a", "b"}}}));
  Json rules = json(200, "GET", "/v1/faults")["faults"];
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[0]["with"]["ms"], 1000) << "what was left out is shown";
  EXPECT_EQ(rules[0]["fired"], 0);
  PushedDevice device(*hubs_.production);
  ASSERT_TRUE(device.push("A"));
  rules = json(200, "GET", "/v1/faults")["faults"];
  EXPECT_EQ(rules[0]["fired"], 1);
  EXPECT_EQ(rules[0]["last_fired"], "2023-11-14T22:15:00.000000Z");
  EXPECT_EQ(call("DELETE", "/v1/faults/a").status, 204);
  json(404, "DELETE", "/v1/faults/a");
  EXPECT_EQ(json(200, "GET", "/v1/faults")["faults"].size(), 2U);
  EXPECT_EQ(call("DELETE", "/v1/faults").status, 204);
  EXPECT_EQ(json(200, "GET", "/v1/faults")["faults"], Json::array());
}

TEST_F(FaultRoutesTest, TakesWhatItShowed) {
  json(201, "POST", "/v1/faults",
       R"({"hop": "delivery", "action": "delay", "match": {"token": "ab*"},
                    "percent": 12.5, "until": "2030-01-01T00:00:00Z"})");
  const Json shown = json(200, "GET", "/v1/faults")["faults"];
  call("DELETE", "/v1/faults");
  json(201, "POST", "/v1/faults", shown.dump());
  EXPECT_EQ(json(200, "GET", "/v1/faults")["faults"], shown);
}

TEST_F(FaultRoutesTest, RefusesARuleWithAllThatCameWithIt) {
  const auto error = [&](int status, const char* body) {
    return json(status, "POST", "/v1/faults", body)["error"].get<std::string>();
  };
  EXPECT_NE(error(400, "").find("bad JSON"), std::string::npos);
  EXPECT_NE(error(400, R"([{"hop": "delivery", "action": "drop"},
                           {"hop": "delivery", "action": "dorp"}])")
                .find("rule 2: hop delivery has no action 'dorp'"),
            std::string::npos);
  error(400, R"({"hop": "delivery", "action": "drop", "wiht": {}})");
  error(400, R"({"hop": "provider.request", "action": "answer"})");
  EXPECT_EQ(json(200, "GET", "/v1/faults")["faults"], Json::array());
}

TEST_F(FaultRoutesTest, KeepsIdsUniqueAndTheirNumberBounded) {
  const std::string rule = R"({"id": "a", "hop": "delivery", "action": "drop"})";
  json(201, "POST", "/v1/faults", rule);
  json(409, "POST", "/v1/faults", rule);
  Json many = Json::array();
  for (std::size_t i = 0; i < faults::Engine::kMaxRules; ++i) {
    many.push_back({{"hop", "delivery"}, {"action", "drop"}});
  }
  json(409, "POST", "/v1/faults", many.dump());
  EXPECT_EQ(json(200, "GET", "/v1/faults")["faults"].size(), 1U);
}

TEST_F(FaultRoutesTest, ShowsTheVocabulary) {
  const Json points = json(200, "GET", "/v1/faults/points")["points"];
  ASSERT_EQ(points.size(), apns_mock::fault_points().size());
  for (const Json& point : points) {
    EXPECT_FALSE(point["actions"].empty()) << point;
    EXPECT_FALSE(point["attributes"].empty()) << point;
  }
  const Json& answer = points[1]["actions"][0];
  EXPECT_EQ(answer["name"], "answer");
  EXPECT_EQ(answer["parameters"][0]["name"], "reason");
  EXPECT_FALSE(answer["parameters"][0].contains("default")) << "a rule must give it";
  EXPECT_EQ(answer["parameters"][1]["default"], 0);
}

}  // namespace
}  // namespace understudy::server
