#include "shared/core/clock.h"

#include <gtest/gtest.h>

#include "shared/core/errc.h"

namespace understudy {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

TEST(SystemClock, FlowsAndNeverJumps) {
  const SystemClock clock;
  EXPECT_TRUE(clock.flows());
  EXPECT_EQ(clock.subscribe([] { FAIL(); }), nullptr);
  const TimePoint first = clock.now();
  EXPECT_LE(first, clock.now());
  EXPECT_GT(first, parse_time("2024-01-01T00:00:00Z").value());
}

TEST(VirtualClock, StandsStillWhenFrozen) {
  const auto clock = VirtualClock::frozen_at(kStart);
  EXPECT_FALSE(clock->flows());
  EXPECT_EQ(clock->now(), kStart);
  EXPECT_EQ(clock->now(), kStart);
  clock->advance(hours(24 * 365));
  EXPECT_EQ(clock->now(), kStart + hours(24 * 365));
}

TEST(VirtualClock, FlowsAheadOfTheMachineWhenFlowing) {
  const auto clock = VirtualClock::flowing();
  EXPECT_TRUE(clock->flows());
  clock->advance(hours(24));
  const TimePoint machine = SystemClock().now();
  EXPECT_GE(clock->now(), machine + hours(24));
  EXPECT_LT(clock->now(), machine + hours(25));
}

TEST(VirtualClock, NeverGoesBack) {
  const auto clock = VirtualClock::frozen_at(kStart);
  int calls = 0;
  const auto subscription = clock->subscribe([&] { ++calls; });
  clock->advance(seconds(-5));
  clock->advance(seconds(0));
  EXPECT_EQ(clock->now(), kStart);
  EXPECT_EQ(calls, 0);
}

TEST(VirtualClock, TellsSubscribersAfterTheTimeHasMoved) {
  const auto clock = VirtualClock::frozen_at(kStart);
  TimePoint seen;
  int others = 0;
  const auto first = clock->subscribe([&] { seen = clock->now(); });
  const auto second = clock->subscribe([&] { ++others; });
  clock->advance(seconds(5));
  EXPECT_EQ(seen, kStart + seconds(5));
  EXPECT_EQ(others, 1);
}

TEST(VirtualClock, ForgetsASubscriptionThatIsDropped) {
  const auto clock = VirtualClock::frozen_at(kStart);
  int calls = 0;
  auto subscription = clock->subscribe([&] { ++calls; });
  subscription.reset();
  clock->advance(seconds(1));
  EXPECT_EQ(calls, 0);
}

TEST(VirtualClock, LetsASubscriberSubscribeAndUnsubscribe) {
  const auto clock = VirtualClock::frozen_at(kStart);
  int inner = 0;
  Clock::Subscription outer_subscription;
  Clock::Subscription inner_subscription;
  outer_subscription = clock->subscribe([&] {
    inner_subscription = clock->subscribe([&] { ++inner; });
    outer_subscription.reset();
  });
  clock->advance(seconds(1));
  EXPECT_EQ(inner, 0);
  clock->advance(seconds(1));
  EXPECT_EQ(inner, 1);
}

TEST(Time, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(format_time(kStart + hours(14) + milliseconds(5120)), "2026-11-24T14:00:05.120000Z");
  EXPECT_EQ(format_time(TimePoint{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(TimePoint{} - milliseconds(1)), "1969-12-31T23:59:59.999000Z");
}

TEST(Time, ReadsEveryMillisecondBackExactly) {
  for (int ms = 0; ms < 1000; ++ms) {
    const TimePoint time = kStart + milliseconds(ms);
    EXPECT_EQ(parse_time(format_time(time)).value(), time);
  }
}

TEST(Time, ReadsWithAndWithoutAFraction) {
  EXPECT_EQ(parse_time("2026-11-24T00:00:00Z").value(), kStart);
  EXPECT_EQ(parse_time("2026-11-24T00:00:00.5Z").value(), kStart + milliseconds(500));
  EXPECT_EQ(parse_time("2026-11-24T00:00:00.000001999Z").value(),
            kStart + std::chrono::microseconds(1));
  EXPECT_EQ(parse_time("2026-11-23T23:59:60Z").value(), kStart);
}

TEST(Time, RefusesAnythingElse) {
  for (const char* text :
       {"", "Z", "2026-11-24", "2026-11-24T14:34:05", "2026-11-24T14:34:05+01:00",
        "2026-11-24 14:34:05Z", "2026-11-24T14:34:05ZZ", "2026-13-24T14:34:05Z",
        "2026-02-30T14:34:05Z", "2026-11-24T24:00:00Z", "2026-11-24T14:60:00Z",
        "2026-11-24T14:34:61Z", "2026-11-24T14:34:05.Z", "2026-11-24T14:34:05.1e3Z",
        "2026-11-24T14:34:5Z", " 026-11-24T14:34:05Z", "-026-11-24T14:34:05Z",
        "2026-11-24T14:34:nanZ", "2026-11-24T14:34:0xZ"}) {
    EXPECT_EQ(parse_time(text).error().code, errc::invalid_argument) << text;
  }
}

TEST(Time, IsStoredInMicroseconds) {
  const TimePoint time = kStart + std::chrono::microseconds(7);
  EXPECT_EQ(from_unix_us(to_unix_us(time)), time);
  EXPECT_EQ(to_unix_us(TimePoint{}), 0);
}

}  // namespace
}  // namespace understudy
