#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {
namespace {

using Queues = StoreTest;

EventEntry event(const std::string& uuid) {
  EventEntry entry;
  entry.command_uuid = uuid;
  entry.device_id = "D1";
  entry.request_type = "DeviceLock";
  entry.body = "<plist/>";
  return entry;
}

TEST_F(Queues, GivesDuePushesOldestFirst) {
  must(store_->push_enqueue(push("late", at(20))));
  must(store_->push_enqueue(push("b", at(10))));
  must(store_->push_enqueue(push("a", at(5))));
  const auto due = must(store_->push_due(at(10), 10, false));
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].apns_id, "a");
  EXPECT_EQ(due[1].apns_id, "b");
  EXPECT_EQ(must(store_->push_due(at(10), 1, false)).size(), 1U);
  EXPECT_EQ(must(store_->push_next_due(at(10), false)), at(20));
  EXPECT_FALSE(must(store_->push_next_due(at(20), false)));
}

TEST_F(Queues, HoldsAPushBackUntilItsCommandIsStored) {
  must(store_->push_enqueue(push("a", at(0), "U1")));
  must(store_->push_enqueue(push("b", at(0))));
  must(store_->push_enqueue(push("later", at(7), "U1")));
  ASSERT_EQ(must(store_->push_due(at(1), 10, true)).size(), 1U);
  EXPECT_EQ(must(store_->push_due(at(1), 10, true))[0].apns_id, "b");
  EXPECT_FALSE(must(store_->push_next_due(at(1), true)));
  must(store_->put_command(command("U1", "D2")));
  EXPECT_EQ(must(store_->push_due(at(1), 10, true)).size(), 1U) << "another device's command";
  must(store_->put_command(command("U1")));
  EXPECT_EQ(must(store_->push_due(at(1), 10, true)).size(), 2U);
  EXPECT_EQ(must(store_->push_next_due(at(1), true)), at(7));
}

TEST_F(Queues, CountsAttemptsAndForgetsWhatIsAcknowledged) {
  const auto id = must(store_->push_enqueue(push("a", at(0), "U1")));
  must(store_->push_retry(id, at(9)));
  EXPECT_TRUE(must(store_->push_due(at(8), 10, false)).empty());
  const auto due = must(store_->push_due(at(9), 10, false));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempts, 1);
  must(store_->push_acknowledge(id, PushOutcome::sent, at(10), at(40)));
  reopen();
  EXPECT_TRUE(must(store_->push_due(at(99), 10, false)).empty());
  EXPECT_EQ(must(store_->push_by_apns_id("a"))->command_uuid, "U1");
  EXPECT_EQ(must(store_->push_next_repeat()), at(40));
  EXPECT_TRUE(must(store_->push_repeat_due(at(39), 10)).empty());
  EXPECT_EQ(must(store_->push_repeat_due(at(40), 10)).size(), 1U);
}

TEST_F(Queues, PurgesWhatWaitsForNothing) {
  const auto done = must(store_->push_enqueue(push("done", at(0))));
  const auto repeats = must(store_->push_enqueue(push("repeats", at(0), "U1")));
  must(store_->push_enqueue(push("waits", at(0))));
  must(store_->push_acknowledge(done, PushOutcome::failed, at(1), std::nullopt));
  must(store_->push_acknowledge(repeats, PushOutcome::sent, at(1), at(9)));
  must(store_->push_purge(at(2)));
  EXPECT_FALSE(must(store_->push_by_apns_id("done")));
  EXPECT_TRUE(must(store_->push_by_apns_id("repeats")));
  EXPECT_TRUE(must(store_->push_by_apns_id("waits")));
  must(store_->push_set_repeat(repeats, std::nullopt));
  must(store_->push_purge(at(2)));
  EXPECT_FALSE(must(store_->push_by_apns_id("repeats")));
}

TEST_F(Queues, KnowsWhatWasPushedForButNotStored) {
  const auto id = must(store_->push_enqueue(push("a", at(0), "U1")));
  must(store_->event_append(event("U1")));
  must(store_->event_append(event("U2")));
  EXPECT_TRUE(must(store_->pushed_but_not_stored("D1")).empty());
  must(store_->push_acknowledge(id, PushOutcome::sent, at(1), std::nullopt));
  EXPECT_EQ(must(store_->pushed_but_not_stored("D1")), std::vector<std::string>{"U1"});
  EXPECT_TRUE(must(store_->pushed_but_not_stored("D2")).empty());
  must(store_->put_command(command("U1")));
  EXPECT_TRUE(must(store_->pushed_but_not_stored("D1")).empty());
}

TEST_F(Queues, ReadsEventsInOrderUntilAcknowledged) {
  const auto first = must(store_->event_append(event("U1")));
  must(store_->event_append(event("U2")));
  reopen();
  auto events = must(store_->event_read(10));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].command_uuid, "U1");
  must(store_->event_acknowledge(first));
  events = must(store_->event_read(10));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].command_uuid, "U2");
  EXPECT_EQ(must(store_->queue_depths()).event_log, 1);
}

TEST_F(Queues, TakesAnActionOnceInWhateverFormItIsKnown) {
  ActionEntry action;
  action.command_uuid = "U1";
  action.device_id = "D1";
  action.request_type = "DeviceLock";
  EXPECT_TRUE(must(store_->put_action(action)));
  EXPECT_FALSE(must(store_->put_action(action))) << "as an action";
  EXPECT_EQ(must(store_->not_stored_yet("U1")).size(), 1U);
  must(store_->action_push_queued("U1", "D1", "apns"));
  EXPECT_EQ(must(store_->actions())[0].apns_id, "apns");
  must(store_->forget_action("U1", "D1"));
  EXPECT_TRUE(must(store_->not_stored_yet("U1")).empty());

  const auto id = must(store_->event_append(event("U1")));
  EXPECT_FALSE(must(store_->put_action(action))) << "as an event";
  EXPECT_EQ(must(store_->not_stored_yet("U1")).size(), 1U);
  must(store_->put_command(command("U1")));
  EXPECT_TRUE(must(store_->not_stored_yet("U1")).empty()) << "stored, not acknowledged yet";
  must(store_->event_acknowledge(id));
  EXPECT_FALSE(must(store_->put_action(action))) << "as a command";
}

}  // namespace
}  // namespace understudy::server
