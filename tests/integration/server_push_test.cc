// The push's way: messaging service, HTTP/2, APNs, courier, and back as a hop of the timeline.

#include "tests/integration/push_fixture.h"

namespace understudy::server {
namespace {

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
