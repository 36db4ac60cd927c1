// The courier of `understudy-server apns` over each of its transports, and its policies, as a
// device sees them that shares no code with the server.

#include "tests/integration/apns_fault_fixture.h"

namespace understudy::server {
namespace {

class ApnsCourierTest : public FarEndTest {
 protected:
  std::string stages(const json& push) const {
    std::string text;
    for (const json& step : push["steps"]) text += step["stage"].get<std::string>() + " ";
    return text;
  }
  /// Of the newest push.
  std::string newest() const { return stages(api("/v1/apns/pushes?limit=1")["pushes"][0]); }
  Answer push(const std::string& token, Arguments more = {}) const {
    more.insert(more.end(), {"-d", R"({"mdm":"stored"})"});
    return curl(ready("apns") + "/3/device/" + token, more);
  }
};

/// Listener in the ready line, options of the client, name in the API.
struct Transport {
  const char* listener;
  Arguments options;
  std::string name;
};

class TransportTest : public ApnsCourierTest, public testing::WithParamInterface<Transport> {};

TEST_P(TransportTest, BringsALiveAndAStoredPush) {
  start();
  Arguments options = GetParam().options;
  options.insert(options.end(), {"--port", std::to_string(port(GetParam().listener))});
  const std::string is_listed = "run:curl -sS -u nanomdm:" + ready("api_key") + " " + ready("api") +
                                "/v1/apns/connections | grep -q '\"" + GetParam().name + "\"'";
  const json live = device({"wait", is_listed, push_step("live"), "pushes:1", "flush"}, options);
  EXPECT_EQ(live["status"], 0) << live;
  EXPECT_EQ(live["new_token"], true);
  EXPECT_EQ(live["no_storage"], true);
  ASSERT_EQ(live["pushes"].size(), 1U) << live;
  EXPECT_EQ(live["pushes"][0]["token"], live["app"]);
  EXPECT_EQ(live["pushes"][0]["payload"], magic("live"));
  EXPECT_EQ(live["pushes"][0]["storage"], 0);
  EXPECT_EQ(newest(), "accepted delivered acked ");

  EXPECT_EQ(push(live["app"]).status, 200);
  EXPECT_EQ(newest(), "accepted stored ");
  options.insert(options.end(), {"--token", live["base"]});
  const json stored = device({"pushes:1", "flush"}, options);
  EXPECT_EQ(stored["new_token"], false) << stored;
  ASSERT_EQ(stored["pushes"].size(), 1U);
  EXPECT_EQ(stored["pushes"][0]["storage"], 3);
  EXPECT_EQ(newest(), "accepted stored delivered acked ");
  EXPECT_EQ(api("/v1/apns/pending")["total"], 0);
  EXPECT_NE(
      metrics().find("understudy_apns_push_to_ack_seconds_count{environment=\"production\"} 2"),
      std::string::npos);
}

std::string transport_name(const testing::TestParamInfo<Transport>& info) {
  const std::string& name = info.param.name;
  return name.substr(name.rfind('-') + 1);
}

INSTANTIATE_TEST_SUITE_P(
    Each, TransportTest,
    testing::Values(Transport{"courier", {}, "apns-security-v3"},
                    Transport{"courier", {"--alpn", "apns-security-v2"}, "apns-security-v2"},
                    Transport{"light", {"--light"}, "light"}),
    transport_name);

TEST_F(ApnsCourierTest, RedeliversWhatIsNotAckedAndGivesTheConnectionUp) {
  start({"--policy", "courier.redeliver-after=600", "--policy", "courier.redeliver-limit=2"});
  const json seen = device({"wait", push_step("A"), "pushes:1", "flush", "mark", pass_step(601),
                            "pushes:2", pass_step(601), "pushes:3", pass_step(601), "end"},
                           {"--no-ack"});
  EXPECT_EQ(seen["marks"], json({1})) << seen;
  ASSERT_EQ(seen["pushes"].size(), 3U) << seen;
  EXPECT_EQ(seen["pushes"][1]["id"], seen["pushes"][0]["id"]);
  EXPECT_EQ(seen["pushes"][1]["payload"], magic("A"));
  EXPECT_EQ(seen["pushes"][1]["storage"], 1);
  EXPECT_TRUE(seen.contains("closed")) << "redelivered as often as allowed";
  EXPECT_EQ(newest(), "accepted delivered redelivered redelivered ");
  const json again = device({"pushes:1", "flush"}, {"--token", seen["base"]});
  EXPECT_EQ(again["pushes"].size(), 1U) << "it was not lost";
}

TEST_F(ApnsCourierTest, KeepsWhatADeviceRefusesAndSaysSo) {
  start();
  const json seen = device({"wait", push_step("A"), "pushes:1", "flush"}, {"--ack-status", "3"});
  ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
  EXPECT_EQ(newest(), "accepted delivered refused_by_device ");
  EXPECT_EQ(api("/v1/apns/pushes")["pushes"][0]["steps"][2]["ack_status"], 3);
  EXPECT_NE(metrics().find(
                "understudy_apns_pushes_refused_by_device_total{environment=\"production\"} 1"),
            std::string::npos);
  const json again = device({"pushes:1", "flush"}, {"--token", seen["base"]});
  EXPECT_EQ(again["pushes"].size(), 1U) << "it stayed stored";
}

TEST_F(ApnsCourierTest, DeliversByTheListsOfTheFilter) {
  start();
  const std::string topic = "=" + kPushTopic;
  const json seen = device({"filter:4" + topic,
                            "flush",
                            push_step("opportunistic"),
                            "pushes:1",
                            "filter:3" + topic,
                            "flush",
                            push_step("ignored"),
                            "flush",
                            "mark",
                            "filter:5" + topic,
                            "flush",
                            push_step("paused"),
                            "flush",
                            "mark",
                            "filter:",
                            "flush",
                            "mark",
                            "filter:2" + topic,
                            "pushes:2",
                            "flush"},
                           {"--no-filter"});
  EXPECT_EQ(seen["marks"], json({1, 1, 1})) << seen;
  ASSERT_EQ(seen["pushes"].size(), 2U) << seen;
  EXPECT_EQ(seen["pushes"][0]["payload"], magic("opportunistic"));
  EXPECT_EQ(seen["pushes"][1]["payload"], magic("paused"));
  EXPECT_EQ(seen["pushes"][1]["storage"], 3);
}

TEST_F(ApnsCourierTest, NewestConnectionOfATokenWins) {
  start();
  const std::string token = device({"wait"})["app"];  // of every connection with this certificate
  std::string push = push_step("A").substr(std::string("run:").size());
  push.replace(push.find("{token}"), std::string("{token}").size(), token);
  write("push.sh", push);
  const json older =
      device({"wait", beside({"wait", "run:sh " + file("push.sh"), "pushes:1"}), "end"});
  EXPECT_TRUE(older.contains("closed")) << older;
  EXPECT_TRUE(older["pushes"].empty()) << older;
  EXPECT_EQ(newest().find("accepted delivered "), 0U) << newest();
}

TEST_F(ApnsCourierTest, OneConnectionHoldsATokenForEachUserOfAMac) {
  start();
  const json seen = device(
      {"wait", push_step("device"), "pushes:1", "connect", push_step("user"), "pushes:2", "flush"});
  ASSERT_EQ(seen["pushes"].size(), 2U) << seen;
  EXPECT_NE(seen["users"][0]["base"], seen["base"]);
  EXPECT_EQ(seen["pushes"][0]["token"], seen["users"][0]["app"]);
  EXPECT_EQ(seen["pushes"][1]["token"], seen["app"]);
  EXPECT_EQ(push(seen["users"][0]["app"]).status, 200) << "both are still good";
  EXPECT_EQ(api("/v1/apns/pending")["total"], 1);
}

TEST_F(ApnsCourierTest, HoldsLowPriorityForABatch) {
  start({"--policy", "courier.low-priority-batch=600"});
  const json seen =
      device({"wait", push_step("now"), "pushes:1", push_step("later", "apns-priority: 5"), "flush",
              "mark", pass_step(300), "flush", "mark", pass_step(301), "pushes:2", "flush"});
  EXPECT_EQ(seen["marks"], json({1, 1})) << seen;
  ASSERT_EQ(seen["pushes"].size(), 2U);
  EXPECT_EQ(seen["pushes"][0]["payload"], magic("now"));
  EXPECT_EQ(seen["pushes"][1]["payload"], magic("later"));
  EXPECT_EQ(seen["pushes"][1]["priority"], 5);
  EXPECT_EQ(newest(), "accepted stored delivered acked ");
}

TEST_F(ApnsCourierTest, SaysSinceWhenATokenIsGone) {
  start();
  const std::string app = device({"wait"})["app"];
  const std::string token = "/v1/apns/tokens/" + app;
  api(token + "/unregister", {"-d", R"({"since":"2024-01-01T00:00:00Z"})"});
  Answer answer = push(app);
  EXPECT_EQ(answer.status, 410) << answer.error;
  EXPECT_EQ(answer.body, R"({"reason":"Unregistered","timestamp":1704067200000})");
  api(token + "/expire", {"-d", R"({"since":"2024-01-01T00:00:01Z"})"});
  answer = push(app);
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.body, R"({"reason":"ExpiredToken","timestamp":1704067201000})");
  EXPECT_NE(device({"wait"})["app"], app) << "the device has another one";
}

TEST_F(ApnsCourierTest, AnswersAnUnregisteredTokenForAsLongAsThePolicySays) {
  start({"--policy", "provider.unregistered-delay=3600"});
  const std::string app = device({"wait"})["app"];
  api("/v1/apns/tokens/" + app + "/unregister", {"-X", "POST"});
  EXPECT_EQ(push(app).status, 200);
  EXPECT_EQ(newest(), "accepted discarded ");
  api("/v1/clock", {"-d", R"({"advance_seconds": 3600})"});
  EXPECT_EQ(push(app).status, 410);
}

TEST_F(ApnsCourierTest, TakesAnyTokenWhereThePolicySaysSo) {
  start({"--policy", "provider.tokens=lenient"});
  for (const std::string& token : {std::string("abcd"), kUnknownToken}) {
    EXPECT_EQ(push(token).status, 200) << token;
    EXPECT_EQ(newest(), "accepted discarded ");
  }
  for (const char* token : {"abc", "wxyz"}) EXPECT_EQ(push(token).status, 400) << token;
  const json seen = device({"wait", push_step("A"), "pushes:1"});
  EXPECT_EQ(seen["pushes"].size(), 1U) << "tokens that were minted are still good";
}

}  // namespace
}  // namespace understudy::server
