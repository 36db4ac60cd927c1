#include "server-mock/workflow/certificate_reminders.h"

#include "shared/crypto/ca.h"
#include "tests/unit/server-mock/workflow/workflow_fixture.h"

namespace understudy::server {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

class RemindersTest : public StoreTest {
 protected:
  RemindersTest() { start(); }
  ~RemindersTest() override { stop(); }

  PushCertificateRecord put(const std::string& environment, TimePoint not_after) {
    const auto identity =
        must(crypto::CertificateAuthority::create(crypto::Name::of({{"UID", "com.apple.mgmt.x"}}),
                                                  crypto::KeyType::p256, at(0), not_after))
            .identity();
    PushCertificateRecord record{environment, identity.pem(), "com.apple.mgmt.x", not_after};
    must(store_->put_push_certificate(record));
    reminders_->certificate_changed();
    poll();
    return record;
  }
  void start() {
    wake_.emplace(io_.get_executor(), *clock_);
    reminders_.emplace(*store_, *clock_, *wake_);
    net::spawn(io_.get_executor(), "reminders", reminders_->run());
    poll();
  }
  void stop() {
    reminders_->stop();
    poll();
    reminders_.reset();
    wake_.reset();
  }
  void poll() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }
  void advance(Duration step) {
    clock_->advance(step);
    poll();
  }
  /// Thresholds, oldest first.
  std::vector<int> reminded() {
    std::vector<int> thresholds;
    for (const auto& record : must(store_->notifications(100))) {
      thresholds.insert(thresholds.begin(), record.days);
    }
    return thresholds;
  }

  asio::io_context io_;
  std::unique_ptr<VirtualClock> clock_ = VirtualClock::frozen_at(at(0));
  std::optional<Wake> wake_;
  std::optional<CertificateReminders> reminders_;
};

using Days = std::vector<int>;

TEST_F(RemindersTest, RemindsAtEachThresholdAndAtTheEnd) {
  put("production", at(0) + days(365));
  for (int day = 1; day <= 400; ++day) {
    advance(hours(24));
    const std::size_t expected =
        (day >= 335) + (day >= 351) + (day >= 358) + (day >= 364) + (day >= 365);
    ASSERT_EQ(reminded().size(), expected) << "day " << day;
  }
  EXPECT_EQ(reminded(), (Days{30, 14, 7, 1, 0}));
  EXPECT_EQ(must(store_->counters()).at("push_certificate_reminders"), 5);
}

TEST_F(RemindersTest, RemindsToTheSecond) {
  put("production", at(0) + days(365));
  advance(days(335) - seconds(1));
  EXPECT_EQ(reminded(), Days{});
  advance(seconds(1));
  EXPECT_EQ(reminded(), Days{30});
  const NotificationRecord first = must(store_->notifications(1)).front();
  EXPECT_EQ(first.at, at(0) + days(335));
  EXPECT_EQ(first.environment, "production");
  EXPECT_NE(first.text.find("runs out in 30 days"), std::string::npos) << first.text;
}

TEST_F(RemindersTest, NeitherRepeatsNorLosesOneAcrossARestart) {
  put("production", at(0) + days(365));
  advance(days(336));
  stop();
  reopen();
  start();
  EXPECT_EQ(reminded(), Days{30});
  stop();
  clock_->advance(days(27));  // 14 and 7 pass while the server is down
  reopen();
  start();
  EXPECT_EQ(reminded(), (Days{30, 7})) << "the most urgent one only";
  EXPECT_NE(must(store_->notifications(1)).front().text.find("in 2 days"), std::string::npos);
  advance(days(30));
  EXPECT_EQ(reminded(), (Days{30, 7, 0}));
}

TEST_F(RemindersTest, StartsAnewWithARenewedCertificate) {
  put("production", at(0) + days(365));
  advance(days(355));
  EXPECT_EQ(reminded(), Days{14});
  put("production", at(0) + days(355 + 365));
  advance(days(20));
  EXPECT_EQ(reminded(), Days{14}) << "the old one is out of use";
  advance(days(320));
  EXPECT_EQ(reminded(), (Days{14, 30}));
  const auto all = must(store_->notifications(10));
  EXPECT_NE(all[0].certificate, all[1].certificate);
}

TEST_F(RemindersTest, DoesNotRemindTwiceOfACertificateThatIsUploadedAgain) {
  const auto record = put("production", at(0) + days(20));
  EXPECT_EQ(reminded(), Days{30}) << "it is under 30 days from the start";
  must(store_->put_push_certificate(record));
  reminders_->certificate_changed();
  poll();
  EXPECT_EQ(reminded(), Days{30});
}

TEST_F(RemindersTest, KeepsTheEnvironmentsApart) {
  put("production", at(0) + days(365));
  put("sandbox", at(0) + days(100));
  advance(days(70));
  ASSERT_EQ(reminded(), Days{30});
  EXPECT_EQ(must(store_->notifications(1)).front().environment, "sandbox");
  advance(days(265));
  EXPECT_EQ(reminded(), (Days{30, 30, 0})) << "by time of both, those that passed together once";
}

}  // namespace
}  // namespace understudy::server
