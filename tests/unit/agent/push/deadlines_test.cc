#include "agent/push/deadlines.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "agent/push/courier.h"

namespace understudy::agent {
namespace {

using std::chrono::minutes;

class DeadlinesTest : public testing::Test {
 protected:
  /// Lets the clock jump, and what follows from it happen.
  void advance(Duration step) {
    clock->advance(step);
    io.restart();
    io.poll();
  }
  std::function<void()> note(std::string name) {
    return [this, name] { passed += name; };
  }

  const TimePoint start = from_unix_us(1'700'000'000'000'000);
  std::unique_ptr<VirtualClock> clock = VirtualClock::frozen_at(start);
  asio::io_context io;
  Deadlines all{io.get_executor(), *clock};
  std::string passed;
};

TEST_F(DeadlinesTest, PassEachOnceInTheirOrder) {
  Deadlines::Deadline later(all, note("B"));
  Deadlines::Deadline sooner(all, note("A"));
  later.set(start + minutes(2));
  sooner.set(start + minutes(1));
  advance(minutes(1));
  EXPECT_EQ(passed, "A");
  advance(minutes(10));
  EXPECT_EQ(passed, "AB");
}

TEST_F(DeadlinesTest, TheNewestSettingCounts) {
  Deadlines::Deadline deadline(all, note("A"));
  deadline.set(start + minutes(1));
  deadline.set(start + minutes(5));
  advance(minutes(4));
  EXPECT_EQ(passed, "");
  advance(minutes(1));
  EXPECT_EQ(passed, "A");
}

TEST_F(DeadlinesTest, OneThatEndedIsForgotten) {
  auto deadline = std::make_unique<Deadlines::Deadline>(all, note("A"));
  deadline->set(start + minutes(1));
  deadline.reset();
  advance(minutes(2));
  EXPECT_EQ(passed, "");
}

TEST_F(DeadlinesTest, MayBeSetAnewWhenItPasses) {
  Deadlines::Deadline* self = nullptr;
  Deadlines::Deadline deadline(all, [&] {
    passed += "A";
    self->set(clock->now() + minutes(1));
  });
  self = &deadline;
  deadline.set(start + minutes(1));
  advance(minutes(1));
  advance(minutes(1));
  EXPECT_EQ(passed, "AA");
}

TEST(CourierAddress, TellsTheLightTransport) {
  const auto tls = CourierAddress::parse("127.0.0.1:5223").value();
  EXPECT_FALSE(tls.light);
  const auto light = CourierAddress::parse("light:127.0.0.1:5224").value();
  EXPECT_TRUE(light.light);
  EXPECT_EQ(light.at.port, 5224);
  EXPECT_EQ(light.text(), "light:127.0.0.1:5224");
  EXPECT_FALSE(CourierAddress::parse("light:"));
}

}  // namespace
}  // namespace understudy::agent
