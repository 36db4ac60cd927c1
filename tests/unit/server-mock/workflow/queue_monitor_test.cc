#include "server-mock/workflow/queue_monitor.h"

#include "tests/unit/server-mock/workflow/workflow_fixture.h"

namespace understudy::server {
namespace {

using QueueMonitorTest = WorkflowTest;

TEST_F(QueueMonitorTest, StoresTheCommandThenAcknowledgesTheEvent) {
  submit("U1");
  EXPECT_EQ(must(parts_->monitor.drain()), 1U);
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued", "command_stored"}));
  EXPECT_EQ(must(store_->command("U1", "D1"))->status, CommandRecord::Status::queued);
  EXPECT_EQ(must(store_->queue_depths()).event_log, 0);
}

TEST_F(QueueMonitorTest, SaysHowMuchWaitsForTheDevice) {
  submit("U1");
  submit("U2");
  must(parts_->monitor.drain());
  EXPECT_EQ(must(store_->timeline("U1", "D1")).at(3).detail, "1 waiting for the device");
  EXPECT_EQ(must(store_->timeline("U2", "D1")).at(3).detail, "2 waiting for the device");
}

TEST_F(QueueMonitorTest, StoresOnceWhenKilledBeforeTheAcknowledgement) {
  submit("U1");
  const EventEntry event = must(store_->event_read(1)).at(0);
  must(parts_->monitor.drain());
  must(store_->event_append(event));  // as if the acknowledgement had not been written
  must(store_->set_command_status("U1", "D1", CommandRecord::Status::acknowledged, "<r/>", at(1)));
  restart();
  EXPECT_EQ(must(parts_->monitor.drain()), 1U);
  EXPECT_EQ(must(store_->command("U1", "D1"))->status, CommandRecord::Status::acknowledged);
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued", "command_stored"}));
  EXPECT_EQ(must(store_->queue_depths()).event_log, 0);
}

TEST_F(QueueMonitorTest, IsLateWhenToldToBe) {
  restart(true, std::chrono::seconds(5));
  submit("U1");
  net::spawn(io_.get_executor(), "monitor", parts_->monitor.run());
  advance(std::chrono::seconds(4));
  EXPECT_FALSE(must(store_->command("U1", "D1")));
  advance(std::chrono::seconds(1));
  EXPECT_TRUE(must(store_->command("U1", "D1")));
  parts_->monitor.stop();
  advance(std::chrono::seconds(0));
}

TEST_F(QueueMonitorTest, WorksThroughMoreThanOneBatch) {
  for (int i = 0; i < 150; ++i) submit("U" + std::to_string(i));
  net::spawn(io_.get_executor(), "monitor", parts_->monitor.run());
  advance(std::chrono::seconds(0));
  EXPECT_EQ(must(store_->queue_depths()).event_log, 0);
  EXPECT_EQ(must(store_->queue_depths()).commands.at("queued"), 150);
  parts_->monitor.stop();
  advance(std::chrono::seconds(0));
}

}  // namespace
}  // namespace understudy::server
