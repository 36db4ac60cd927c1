#include "server-mock/workflow/console_action.h"

#include "shared/core/errc.h"
#include "tests/unit/server-mock/workflow/workflow_fixture.h"

namespace understudy::server {
namespace {

using ConsoleActionTest = WorkflowTest;

TEST_F(ConsoleActionTest, QueuesThePushBeforeTheEvent) {
  const std::string apns_id = submit("U1");
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued"}));
  EXPECT_EQ(must(store_->push_by_apns_id(apns_id))->command_uuid, "U1");
  ASSERT_EQ(must(store_->event_read(10)).size(), 1U);
  EXPECT_EQ(must(store_->event_read(10))[0].body, "<plist/>");
  EXPECT_TRUE(must(store_->actions()).empty());
}

TEST_F(ConsoleActionTest, QueuesNoPushWhenAskedNotTo) {
  Submission submission = lock("U1");
  submission.push = false;
  EXPECT_EQ(must(parts_->actions.submit(submission, "D1")).apns_id, "");
  EXPECT_EQ(hops("U1"), (Hops{"action", "event_queued"}));
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(ConsoleActionTest, DoesNothingForACommandThatIsKnown) {
  submit("U1");
  const Submitted again = must(parts_->actions.submit(lock("U1"), "D1"));
  EXPECT_TRUE(again.known);
  EXPECT_EQ(again.apns_id, "");
  EXPECT_EQ(hops("U1").size(), 3U);
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 1);
}

TEST_F(ConsoleActionTest, RefusesTheUuidOfAnotherCommand) {
  submit("U1");
  Submission other = lock("U1");
  other.request_type = "ProfileList";
  Submission longer = lock("U1");
  longer.body = "<plist></plist>";
  const auto refused = [&](const Submission& submission) {
    const auto answer = parts_->actions.submit(submission, "D1");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::already_exists);
    EXPECT_NE(answer.error().message().find("DeviceLock"), std::string::npos);
  };
  refused(other);
  refused(longer);
  must(parts_->monitor.drain());
  refused(other);
  refused(longer);
  EXPECT_EQ(submit("U1"), "");
}

TEST_F(ConsoleActionTest, RefusesADeviceThatIsNotEnrolled) {
  const auto unknown = parts_->actions.submit(lock("U1"), "D9");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, errc::not_found);
  DeviceRecord device = *must(store_->device("D1"));
  device.state = DeviceRecord::State::erased;
  must(store_->put_device(device));
  const auto gone = parts_->actions.submit(lock("U1"), "D1");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, errc::unsupported);
  EXPECT_FALSE(parts_->actions.push_only("D1"));
  EXPECT_TRUE(hops("U1").empty());
}

TEST_F(ConsoleActionTest, CarriesOnAfterACrashBehindTheAction) {
  ActionEntry action{"U1", "D1", "DeviceLock", "<plist/>", true, "", at(100)};
  must(store_->put_action(action));
  must(store_->add_timeline("U1", "D1", {"action", at(100), ""}));
  restart();
  must(parts_->actions.resume());
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued"}));
  EXPECT_TRUE(must(store_->actions()).empty());
}

TEST_F(ConsoleActionTest, CarriesOnAfterACrashBetweenTheQueues) {
  ActionEntry action{"U1", "D1", "DeviceLock", "<plist/>", true, "APNS-1", at(100)};
  must(store_->put_action(action));
  must(store_->push_enqueue(push("APNS-1", at(100), "U1")));
  restart();
  must(parts_->actions.resume());
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 1) << "the push is queued once";
  EXPECT_EQ(must(store_->queue_depths()).event_log, 1);
  must(parts_->actions.resume());
  EXPECT_EQ(must(store_->queue_depths()).event_log, 1);
}

}  // namespace
}  // namespace understudy::server
