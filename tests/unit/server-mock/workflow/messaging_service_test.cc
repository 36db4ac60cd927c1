#include "server-mock/workflow/messaging_service.h"

#include "tests/unit/server-mock/workflow/workflow_fixture.h"

namespace understudy::server {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class MessagingServiceTest : public WorkflowTest {
 protected:
  void finish(const std::string& uuid) {
    must(store_->set_command_status(uuid, "D1", CommandRecord::Status::acknowledged, "<r/>",
                                    clock_->now()));
  }
  void TearDown() override {
    parts_->messaging.stop();
    advance(seconds(0));
  }
};

TEST_F(MessagingServiceTest, WaitsForTheCommandInSafeMode) {
  const std::string apns_id = submit("U1");
  run_messaging();
  EXPECT_TRUE(pusher_.requests.empty());
  must(parts_->monitor.drain());
  advance(seconds(0));
  ASSERT_EQ(pusher_.requests.size(), 1U);
  EXPECT_EQ(pusher_.requests[0].apns_id, apns_id);
  EXPECT_EQ(pusher_.requests[0].push_magic, "magic");
  EXPECT_EQ(pusher_.requests[0].topic, "com.apple.mgmt.x");
  EXPECT_EQ(pusher_.requests[0].expiration, clock_->now() + MessagingService::kKept);
  EXPECT_EQ(hops("U1"),
            (Hops{"action", "push_queued", "event_queued", "command_stored", "push_sent"}));
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(MessagingServiceTest, SendsAtOnceInDocumentedMode) {
  restart(false);
  submit("U1");
  run_messaging();
  EXPECT_EQ(pusher_.requests.size(), 1U);
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued", "push_sent"}));
}

TEST_F(MessagingServiceTest, SendsAgainWhenKilledBeforeTheAcknowledgement) {
  must(store_->put_command(command("U1")));
  must(store_->push_enqueue(push("APNS-1", at(100), "U1")));
  must(store_->add_timeline("U1", "D1", {"push_sent", at(100), ""}));  // and then the end
  restart();
  run_messaging();
  ASSERT_EQ(pusher_.requests.size(), 1U);
  EXPECT_EQ(pusher_.requests[0].apns_id, "APNS-1") << "the same push, for APNs to know it by";
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(MessagingServiceTest, BacksOffWhileApnsDoesNotTakeIt) {
  pusher_.answers = {{0, "refused"}, {503, "ServiceUnavailable"}, {429, "TooManyRequests"}};
  submit("U1");
  must(parts_->monitor.drain());
  run_messaging();
  EXPECT_EQ(pusher_.requests.size(), 1U);
  advance(seconds(1));
  EXPECT_EQ(pusher_.requests.size(), 2U);
  advance(seconds(1));
  EXPECT_EQ(pusher_.requests.size(), 2U) << "the pause doubles";
  advance(seconds(1));
  EXPECT_EQ(pusher_.requests.size(), 3U);
  advance(seconds(4));
  EXPECT_EQ(pusher_.requests.size(), 4U);
  EXPECT_EQ(hops("U1"), (Hops{"action", "push_queued", "event_queued", "command_stored",
                              "push_retry", "push_retry", "push_retry", "push_sent"}));
}

TEST_F(MessagingServiceTest, GivesUpWhatApnsRefusesForGood) {
  pusher_.answers = {{410, "Unregistered"}};
  submit("U1");
  must(parts_->monitor.drain());
  run_messaging();
  EXPECT_EQ(hops("U1").back(), "push_failed");
  EXPECT_EQ(must(store_->timeline("U1", "D1")).back().detail, "410 Unregistered");
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
  EXPECT_EQ(must(store_->counters()).at("pushes_failed"), 1);
  advance(minutes(60));
  EXPECT_EQ(pusher_.requests.size(), 1U);
}

TEST_F(MessagingServiceTest, GivesUpAfterItsLastAttempt) {
  pusher_.answers.assign(100, PushAnswer{503, "ServiceUnavailable"});
  must(parts_->actions.push_only("D1"));
  run_messaging();
  for (int i = 0; i < 100; ++i) advance(minutes(5));
  EXPECT_EQ(pusher_.requests.size(), static_cast<std::size_t>(MessagingService::kMaxAttempts));
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

class CertificateOutage : public MessagingServiceTest {
 protected:
  CertificateOutage() {
    PushAnswer revoked;
    revoked.status = 403;
    revoked.reason = "BadCertificate";
    revoked.certificate_refused = true;
    pusher_.answers.assign(1000, revoked);
    submit("U1");
    must(parts_->monitor.drain());
  }
  void upload_another() {
    pusher_.answers.clear();
    must(parts_->messaging.certificate_changed());
    advance(seconds(0));
  }
};

TEST_F(CertificateOutage, IsTriedAgainWithBackOffAndNeverGivenUp) {
  run_messaging();
  for (int i = 0; i < 48; ++i) advance(minutes(60));
  const Hops all = hops("U1");
  EXPECT_EQ(all.back(), "push_retry");
  EXPECT_EQ(must(store_->timeline("U1", "D1")).back().detail, "403 BadCertificate");
  EXPECT_GT(pusher_.requests.size(), static_cast<std::size_t>(MessagingService::kMaxAttempts));
  EXPECT_LT(pusher_.requests.size(), 100U) << "once an hour in the end";
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 1);
  EXPECT_EQ(must(store_->counters()).at("push_certificate_refusals"),
            static_cast<std::int64_t>(pusher_.requests.size()));
}

TEST_F(CertificateOutage, EndsAtOnceWithAnUpload) {
  run_messaging();
  for (int i = 0; i < 24; ++i) advance(minutes(60));
  const std::size_t before = pusher_.requests.size();
  advance(seconds(1));
  ASSERT_EQ(pusher_.requests.size(), before) << "it waits for its time";
  upload_another();
  EXPECT_EQ(pusher_.requests.size(), before + 1);
  EXPECT_EQ(pusher_.requests.back().apns_id, pusher_.requests.front().apns_id);
  EXPECT_EQ(hops("U1").back(), "push_sent");
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(CertificateOutage, OutlivesARestart) {
  run_messaging();
  parts_->messaging.stop();
  advance(minutes(1));
  restart();
  pusher_.answers.clear();
  run_messaging();
  EXPECT_EQ(hops("U1").back(), "push_sent");
}

TEST_F(CertificateOutage, LeavesAFreshNumberOfAttemptsToWhatComesAfterIt) {
  run_messaging();
  for (int i = 0; i < 48; ++i) advance(minutes(60));
  pusher_.answers = {{503, "ServiceUnavailable"}};
  must(parts_->messaging.certificate_changed());
  advance(seconds(0));
  EXPECT_EQ(hops("U1").back(), "push_retry");
  advance(seconds(1));
  EXPECT_EQ(hops("U1").back(), "push_sent");
}

TEST_F(MessagingServiceTest, PushesAgainForACommandWithoutAnswer) {
  submit("U1");
  must(parts_->monitor.drain());
  run_messaging();
  advance(seconds(29));
  EXPECT_EQ(pusher_.requests.size(), 1U);
  advance(seconds(1));
  ASSERT_EQ(pusher_.requests.size(), 2U);
  EXPECT_NE(pusher_.requests[0].apns_id, pusher_.requests[1].apns_id);
  advance(seconds(59));
  EXPECT_EQ(pusher_.requests.size(), 2U) << "the interval doubles";
  advance(seconds(1));
  EXPECT_EQ(pusher_.requests.size(), 3U);
  finish("U1");
  advance(minutes(60));
  EXPECT_EQ(pusher_.requests.size(), 3U) << "answered";
  EXPECT_EQ(must(store_->counters()).at("pushes_repeated"), 2);
}

TEST_F(MessagingServiceTest, WakesADeviceOnceForAllItsCommands) {
  submit("U1");
  submit("U2");
  must(parts_->monitor.drain());
  run_messaging();
  EXPECT_EQ(pusher_.requests.size(), 2U);
  advance(seconds(30));
  EXPECT_EQ(pusher_.requests.size(), 3U);
  finish("U1");
  advance(seconds(30));
  EXPECT_EQ(pusher_.requests.size(), 4U) << "U2 is not forgotten";
}

TEST_F(MessagingServiceTest, RemembersARepeatAcrossARestart) {
  submit("U1");
  must(parts_->monitor.drain());
  run_messaging();
  parts_->messaging.stop();
  advance(seconds(31));
  restart();
  run_messaging();
  EXPECT_EQ(pusher_.requests.size(), 2U);
}

TEST_F(MessagingServiceTest, DropsThePushOfAFinishedCommand) {
  submit("U1");
  must(parts_->monitor.drain());
  finish("U1");
  run_messaging();
  EXPECT_TRUE(pusher_.requests.empty());
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(MessagingServiceTest, FailsThePushOfADeviceThatLeft) {
  submit("U1");
  must(parts_->monitor.drain());
  DeviceRecord device = *must(store_->device("D1"));
  device.state = DeviceRecord::State::checked_out;
  must(store_->put_device(device));
  run_messaging();
  EXPECT_TRUE(pusher_.requests.empty());
  EXPECT_EQ(hops("U1").back(), "push_failed");
}

TEST_F(MessagingServiceTest, RecordsThatTheDeviceTookThePush) {
  const std::string apns_id = submit("U1");
  parts_->messaging.delivered("somebody else's");
  parts_->messaging.delivered(apns_id);
  EXPECT_EQ(hops("U1").back(), "push_delivered");
}

TEST_F(MessagingServiceTest, SendsMoreThanFitInFlight) {
  for (int i = 0; i < 250; ++i) must(parts_->actions.push_only("D1"));
  run_messaging();
  EXPECT_EQ(pusher_.requests.size(), 250U);
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

/// Moves whenever somebody looks at it, and tells nobody.
class RestlessClock final : public Clock {
 public:
  static constexpr Duration kStep = std::chrono::milliseconds(1);
  explicit RestlessClock(TimePoint start) : now_(start) {}
  TimePoint now() const override { return now_ += kStep; }

 private:
  mutable TimePoint now_;
};

TEST_F(MessagingServiceTest, SendsWhatFallsDueBetweenTwoLooksAtTheClock) {
  constexpr int kLooks = 12;  // more than a turn of its loop takes
  for (int i = 0; i < kLooks; ++i) {
    pusher_.requests.clear();
    const RestlessClock clock(at(100));
    must(store_->push_enqueue(push("APNS", at(100) + i * RestlessClock::kStep + Duration(500))));
    asio::io_context io;
    Workflow parts(io, *store_, clock, rng_, pusher_, true);
    net::spawn(io.get_executor(), "messaging", parts.messaging.run());
    const auto until = std::chrono::steady_clock::now() + seconds(5);
    while (pusher_.requests.empty() && io.run_one_until(until) > 0) {
    }
    EXPECT_EQ(pusher_.requests.size(), 1U) << "due after look " << i;
    must(store_->push_acknowledge(i + 1, PushOutcome::sent, at(100), std::nullopt));
  }
}

}  // namespace
}  // namespace understudy::server
