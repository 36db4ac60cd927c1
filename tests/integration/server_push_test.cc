// The push's way: messaging service, HTTP/2, APNs, courier, and back as a hop of the timeline. The
// device's side is a courier client that shares no code with us.

#include "tests/integration/server_fixture.h"

namespace understudy::server {
namespace {

class ServerPush : public ServerTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "python3 is not installed";
    ServerTest::SetUp();
  }
  json courier(const Arguments& more) {
    const std::string address = ready("courier");
    Arguments arguments = {"/usr/bin/python3",
                           std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/courier_client.py",
                           "--port",
                           address.substr(address.rfind(':') + 1),
                           "--ca",
                           ready("ca"),
                           "--cert",
                           file("courier.pem"),
                           "--key",
                           file("courier.key"),
                           "--topic",
                           ready("topic")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto output = support::run(arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  /// Enrolls D1 with a token that the courier gave for it.
  void enroll_with_token() {
    make_foreign_identity("courier");
    const json connected = courier({});
    const auto token = hex_decode(connected["app"].get<std::string>());
    ASSERT_TRUE(token);
    enroll("D1", "one", *token);
  }
  std::string wait_for_hop(const std::string& uuid, const std::string& hop) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      const json answer = api_json(200, {}, "/v1/commands/" + uuid);
      for (const json& entry : answer["timeline"]) {
        if (entry["hop"] == hop) return entry["detail"];
      }
    }
    ADD_FAILURE() << hop << " did not happen";
    return "";
  }
};

TEST_F(ServerPush, ReachesADeviceThatTakesIt) {
  enroll_with_token();
  enqueue("D1", "U1");
  wait_for_hop("U1", "push_sent");
  const json seen = courier({"--expect", "1"});
  ASSERT_EQ(seen["pushes"].size(), 1U);
  EXPECT_EQ(seen["pushes"][0]["payload"], R"({"mdm":"magic"})");
  wait_for_hop("U1", "push_delivered");
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued", "command_stored",
                              "push_sent", "push_delivered"}));
}

TEST_F(ServerPush, FailsForATokenThatApnsDoesNotKnow) {
  enroll("D1", "one");
  enqueue("D1", "U1");
  EXPECT_EQ(wait_for_hop("U1", "push_failed"), "400 BadDeviceToken");
  EXPECT_EQ(api_json(200, {}, "/v1/counters")["pushes_failed"], 1);
}

TEST_F(ServerPush, IsEmptyWhenTheDeviceIsFasterThanTheMonitor) {
  stop();
  options_.workflow = ServerOptions::Workflow::documented;
  options_.monitor_delay = std::chrono::hours(1);
  start();
  enroll_with_token();
  enqueue("D1", "U1");
  wait_for_hop("U1", "push_sent");
  EXPECT_EQ(put("one", report("D1", "Idle")).body, "");
  EXPECT_EQ(api_json(200, {}, "/v1/counters")["empty_wakes"], 1);
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued", "push_sent", "empty_wake"}));
  api_json(200, {"-d", R"({"advance_seconds": 3600})"}, "/v1/clock");
  wait_for_hop("U1", "command_stored");
  EXPECT_EQ(put("one", report("D1", "Idle")).body, command("U1"));
}

}  // namespace
}  // namespace understudy::server
