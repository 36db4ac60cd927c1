#include "server-mock/console/apns_routes.h"

#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

using Json = nlohmann::json;

class ApnsRoutesTest : public ApiTest {
 protected:
  std::string of_device(const std::string& more = "") const {
    return "/v1/apns/tokens/" + apns::token_hex(device_.app) + more;
  }
  Json get(const std::string& path) { return json(200, "GET", path); }
  Json post(const std::string& path, const std::string& body = "") {
    return json(200, "POST", path, body);
  }

  PushedDevice device_{*hubs_.production};
};

std::string stages(const Json& push) {
  std::string text;
  for (const Json& step : push["steps"]) text += step["stage"].get<std::string>() + " ";
  return text;
}

TEST_F(ApnsRoutesTest, ShowsTheTimelineOfAPush) {
  ASSERT_TRUE(device_.push("A"));
  clock_->advance(std::chrono::milliseconds(20));
  device_.ack(1);
  const Json push = get("/v1/apns/pushes/A");
  EXPECT_EQ(push["token"], apns::token_hex(device_.app));
  EXPECT_EQ(push["topic"], PushedDevice::kTopic);
  EXPECT_EQ(push["status"], 200);
  EXPECT_EQ(push["stage"], "acked");
  EXPECT_EQ(stages(push), "accepted delivered acked ");
  EXPECT_EQ(push["steps"][2]["at"], "2023-11-14T22:15:00.020000Z");
  EXPECT_EQ(push["expires_at"], "2023-11-14T23:15:00.000000Z");
  EXPECT_EQ(push["payload_size"], 15);
  EXPECT_FALSE(push.contains("reason"));
  json(404, "GET", "/v1/apns/pushes/B");
  json(404, "GET", "/v1/apns/pushes/A?environment=sandbox");
}

TEST_F(ApnsRoutesTest, ChoosesAmongPushes) {
  ASSERT_TRUE(device_.push("A"));
  device_.ack(1);
  ASSERT_TRUE(device_.push("B"));
  hubs_.production->note_refused("C", {apns::Reason::bad_device_token, {}, 0}, "nonsense", nullptr);
  const auto ids = [&](const std::string& query) {
    std::string text;
    const Json answer = get("/v1/apns/pushes" + query);
    for (const Json& push : answer["pushes"]) {
      text += push["apns_id"].get<std::string>();
    }
    return text;
  };
  EXPECT_EQ(ids(""), "CBA");
  EXPECT_EQ(ids("?limit=1"), "C");
  EXPECT_EQ(ids("?refused=1"), "C");
  EXPECT_EQ(ids("?stage=acked"), "A");
  EXPECT_EQ(ids("?token=" + apns::token_hex(device_.app)), "BA");
  EXPECT_EQ(ids("?topic=com.example"), "");
  EXPECT_EQ(ids("?environment=sandbox"), "");
  EXPECT_EQ(get("/v1/apns/pushes")["last_sequence"], 3);
  const Json refused = get("/v1/apns/pushes/C");
  EXPECT_EQ(refused["status"], 400);
  EXPECT_EQ(refused["reason"], "BadDeviceToken");
  EXPECT_EQ(refused["token"], "nonsense");
  for (const char* query : {"?stage=lost", "?token=ab", "?limit=x", "?refused=2",
                            "?environment=moon", "?limit=100001"}) {
    json(400, "GET", std::string("/v1/apns/pushes") + query);
  }
}

TEST_F(ApnsRoutesTest, ShowsTokensConnectionsAndWhatWaits) {
  const std::string app = apns::token_hex(device_.app), base = apns::token_hex(device_.base);
  ASSERT_TRUE(device_.push("A"));
  EXPECT_EQ(get("/v1/apns/tokens")["total"], 2);
  EXPECT_EQ(get("/v1/apns/tokens?limit=1")["tokens"].size(), 1U);
  EXPECT_EQ(get("/v1/apns/tokens?environment=sandbox")["total"], 0);
  const Json token = get(of_device());
  EXPECT_EQ(token["token"], app);
  EXPECT_EQ(token["base"], base);
  EXPECT_EQ(token["topic"], PushedDevice::kTopic);
  EXPECT_EQ(token["life"], "live");
  EXPECT_EQ(token["connection"], device_.id);
  EXPECT_EQ(token["certificate"], "fingerprint");
  EXPECT_EQ(stages(token["pushes"][0]), "accepted delivered ");
  EXPECT_FALSE(get("/v1/apns/tokens/" + base).contains("topic"));
  EXPECT_EQ(get("/v1/apns/connections")["connections"][0],
            Json({{"id", device_.id}, {"transport", "light"}, {"bases", {base}}, {"unacked", 1}}));
  const Json pending = get("/v1/apns/pending?token=" + app);
  ASSERT_EQ(pending["total"], 1);
  EXPECT_EQ(pending["pending"][0]["apns_id"], "A");
  EXPECT_EQ(get("/v1/apns/pending?token=" + base)["total"], 0);
  device_.ack(1);
  EXPECT_EQ(get("/v1/apns/pending")["total"], 0);
  json(404, "GET", "/v1/apns/tokens/" + std::string(64, 'a'));
  json(400, "GET", "/v1/apns/tokens/xyz");
}

TEST_F(ApnsRoutesTest, UnregistersAToken) {
  device_.leave();
  ASSERT_TRUE(device_.push("A"));
  const Json ended = post(of_device("/unregister"), R"({"since": "2023-11-01T00:00:00Z"})");
  EXPECT_EQ(ended["life"], "unregistered");
  EXPECT_EQ(ended["ended_at"], "2023-11-01T00:00:00.000000Z");
  EXPECT_EQ(ended["pending"], 0);
  EXPECT_EQ(stages(ended["pushes"][0]), "accepted stored discarded ");
  EXPECT_FALSE(device_.push("B"));
  EXPECT_EQ(get("/v1/apns/pushes/B")["reason"], "Unregistered");
}

TEST_F(ApnsRoutesTest, ExpiresAToken) {
  EXPECT_EQ(post(of_device("/expire"))["ended_at"], "2023-11-14T22:15:00.000000Z");
  EXPECT_FALSE(device_.push("B"));
  EXPECT_EQ(get("/v1/apns/pushes/B")["reason"], "ExpiredToken");
}

TEST_F(ApnsRoutesTest, EndsTheAppTokensOfABaseToken) {
  const std::string base = "/v1/apns/tokens/" + apns::token_hex(device_.base);
  const std::string body = R"({"since": "2023-11-01T00:00:00Z"})";
  EXPECT_EQ(post(base + "/expire", body)["life"], "expired");
  const Json app = get(of_device());
  EXPECT_EQ(app["life"], "expired");
  EXPECT_EQ(app["ended_at"], "2023-11-01T00:00:00.000000Z");
  EXPECT_FALSE(device_.push("B"));
  EXPECT_EQ(get("/v1/apns/pushes/B")["reason"], "ExpiredToken");
  const apns::AppTokenRequest request{device_.base, apns::topic_hash(PushedDevice::kTopic)};
  const auto answer = hubs_.production->broker().app_token(device_.id, request);
  EXPECT_EQ(apns::parse_app_token_response(answer.sends.at(0).frame).value().status, 2)
      << "none for a base token that ended";
}

TEST_F(ApnsRoutesTest, RotatesATokenWithItsWholeFamily) {
  EXPECT_EQ(post(of_device("/rotate"))["life"], "unregistered");
  EXPECT_EQ(get("/v1/apns/tokens/" + apns::token_hex(device_.base))["life"], "unregistered");
  EXPECT_TRUE(device_.finished) << "it is to connect again";
  const PushedDevice again(*hubs_.production);
  EXPECT_NE(again.base, device_.base);
  EXPECT_NE(again.app, device_.app);
}

TEST_F(ApnsRoutesTest, RefusesWhatCannotBeDoneToAToken) {
  const std::string unknown = "/v1/apns/tokens/" + std::string(64, 'a');
  for (const char* how : {"/unregister", "/expire", "/rotate"}) {
    json(404, "POST", unknown + how);
    json(400, "POST", std::string("/v1/apns/tokens/zz") + how);
    json(404, "POST", of_device(how) + "?environment=sandbox");
  }
  for (const char* body : {"soon", "[]", R"({"since": 5})", R"({"since": "soon"})",
                           R"({"since": "2023-11-14T22:15:01Z"})",
                           R"({"since": "2023-11-01T00:00:00Z", "more": 1})"}) {
    json(400, "POST", of_device("/unregister"), body);
  }
  EXPECT_EQ(get(of_device())["life"], "live");
}

TEST_F(ApnsRoutesTest, CutsDevicesOff) {
  PushedDevice second(*hubs_.production);
  PushedDevice other(*hubs_.sandbox);
  const Json one = {{"connection", device_.id}};
  EXPECT_EQ(post("/v1/apns/disconnect", one.dump())["disconnected"], 1);
  EXPECT_TRUE(device_.finished);
  EXPECT_FALSE(second.finished);
  device_.leave();
  json(404, "POST", "/v1/apns/disconnect", one.dump());
  json(400, "POST", "/v1/apns/disconnect", R"({"connection": "all"})");
  EXPECT_EQ(post("/v1/apns/disconnect")["disconnected"], 1);
  EXPECT_TRUE(second.finished);
  EXPECT_FALSE(other.finished);
}

TEST_F(ApnsRoutesTest, WaitsUntilATokenGetsAPush) {
  std::optional<net::HttpResponse> answer;
  auto incoming = request("GET", of_device("/next?wait=60"));
  net::spawn(io_.get_executor(), "ask", ask(*api_, std::move(incoming), answer));
  const auto poll = [this] {
    io_.restart();
    io_.poll();
  };
  poll();
  PushedDevice other(*hubs_.sandbox);
  ASSERT_TRUE(other.push("elsewhere"));
  hubs_.production->note_refused("refused", {apns::Reason::bad_topic, {}, 0},
                                 apns::token_hex(device_.app), &device_.app);
  poll();
  EXPECT_FALSE(answer);
  ASSERT_TRUE(device_.push("A"));
  poll();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  const Json first = Json::parse(answer->body);
  EXPECT_EQ(first["apns_id"], "A");
  EXPECT_EQ(first["sequence"], 2);
  ASSERT_TRUE(device_.push("B"));
  ASSERT_TRUE(device_.push("C"));
  EXPECT_EQ(get(of_device("/next?after=2"))["apns_id"], "B") << "none is missed";
}

TEST_F(ApnsRoutesTest, AnswersAPollThatRunsOutWithNothing) {
  ASSERT_TRUE(device_.push("A"));
  for (const char* query : {"", "?wait=1", "?after=1"}) {
    const auto answer = call("GET", of_device("/next") + query);
    EXPECT_EQ(answer.status, 204) << query;
    EXPECT_EQ(answer.body, "");
  }
  json(409, "GET", of_device("/next?after=2&wait=60"));
  json(400, "GET", of_device("/next?wait=301"));
  json(400, "GET", "/v1/apns/tokens/zz/next");
}

TEST_F(ApnsRoutesTest, ThrowsAwayOnlyWhatWouldBeAccepted) {
  json(201, "POST", "/v1/faults", R"({"hop": "push.accepted", "action": "never_deliver"})");
  EXPECT_TRUE(device_.push("A"));
  post(of_device("/unregister"));
  EXPECT_FALSE(device_.push("B"));
  EXPECT_EQ(get("/v1/apns/pushes/B")["reason"], "Unregistered");
  EXPECT_EQ(get("/v1/faults")["faults"][0]["fired"], 1);
}

TEST_F(ApnsRoutesTest, ResetsAllButTokensAndConnections) {
  ASSERT_TRUE(device_.push("A"));
  json(201, "POST", "/v1/faults", R"({"hop": "delivery", "action": "drop"})");
  EXPECT_EQ(call("POST", "/v1/apns/reset").status, 204);
  EXPECT_EQ(get("/v1/apns/pushes")["pushes"], Json::array());
  EXPECT_EQ(get("/v1/apns/pushes")["last_sequence"], 1);
  EXPECT_EQ(get("/v1/apns/pending")["total"], 0);
  EXPECT_EQ(get("/v1/faults")["faults"], Json::array());
  EXPECT_EQ(get("/v1/apns/tokens")["total"], 2);
  const Json counters = get("/v1/apns/snapshot")["production"]["counters"];
  EXPECT_EQ(counters["accepted"], 0);
  EXPECT_EQ(counters["discarded"], 0) << "of the reset itself";
  EXPECT_FALSE(device_.finished);
  EXPECT_EQ(hubs_.production->counters().courier_light, 1U);
  ASSERT_TRUE(device_.push("B"));
  device_.ack(2);
  EXPECT_EQ(stages(get("/v1/apns/pushes/B")), "accepted delivered acked ");
}

TEST_F(ApnsRoutesTest, ShowsEverythingAtOnce) {
  ASSERT_TRUE(device_.push("A"));
  const Json all = get("/v1/apns/snapshot");
  EXPECT_EQ(all["at"], "2023-11-14T22:15:00.000000Z");
  EXPECT_EQ(all["policies"]["courier.redeliver-after"], "60");
  EXPECT_EQ(all["faults"], Json::array());
  EXPECT_EQ(all["production"]["tokens"].size(), 2U);
  EXPECT_EQ(all["production"]["connections"].size(), 1U);
  EXPECT_EQ(all["production"]["pending"].size(), 1U);
  EXPECT_EQ(all["production"]["pushes"].size(), 1U);
  EXPECT_EQ(all["production"]["counters"]["delivered"], 1);
  EXPECT_EQ(all["sandbox"]["tokens"], Json::array());
}

TEST_F(ApnsRoutesTest, ListsThePolicies) {
  const Json policies = get("/v1/apns/policies")["policies"];
  EXPECT_EQ(policies.size(), apns_mock::policy_table({}).size());
  for (const Json& policy : policies) EXPECT_EQ(policy.size(), 4U) << policy;
}

TEST_F(ApnsRoutesTest, IsNotThereWhenAnotherApnsIsPushedTo) {
  ConsoleParts parts{*store_, parts_->actions, watch_, *clock_, nullptr, rng_,
                     "",      [] {},           [] {},  "key"};
  api_.emplace(std::move(parts));
  for (const char* path : {"/v1/apns/tokens", "/v1/faults"}) {
    json(404, "GET", path);
  }
}

}  // namespace
}  // namespace understudy::server
