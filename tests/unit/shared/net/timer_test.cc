#include "shared/net/timer.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/run_task.h"

namespace understudy::net {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = TimePoint(std::chrono::hours(24 * 365 * 50));

/// What has become of a coroutine.
struct Watched {
  bool ended = false;
  bool cancelled = false;
  asio::cancellation_signal cancel;
};

void start(asio::io_context& io, Task<void> task, Watched& watched) {
  auto on_end = [&watched](const std::exception_ptr& error) {
    watched.ended = true;
    watched.cancelled = error != nullptr;
  };
  spawn(io.get_executor(), std::move(task), watched.cancel, std::move(on_end));
}

void settle(asio::io_context& io) {
  io.restart();
  io.poll();
}

TEST(SleepUntil, ReturnsAtOnceWhenTheTimeHasPassed) {
  asio::io_context io;
  const auto clock = VirtualClock::frozen_at(kStart);
  support::run_task(io, sleep_until(*clock, kStart));
}

TEST(SleepUntil, EndsByAJumpOfAFrozenClockOnly) {
  asio::io_context io;
  const auto clock = VirtualClock::frozen_at(kStart);
  Watched sleep;
  start(io, sleep_for(*clock, std::chrono::hours(24 * 365)), sleep);
  settle(io);
  EXPECT_FALSE(sleep.ended);
  clock->advance(std::chrono::hours(24 * 364));
  settle(io);
  EXPECT_FALSE(sleep.ended);
  clock->advance(24h);
  settle(io);
  EXPECT_TRUE(sleep.ended);
  EXPECT_FALSE(sleep.cancelled);
}

TEST(SleepUntil, EndsByAJumpFromAnotherThread) {
  asio::io_context io;
  const auto clock = VirtualClock::flowing();
  std::thread mover;
  auto sleep_and_jump = [&]() -> Task<void> {
    // Before the mover starts: a jump that comes first must count as time that has passed.
    const TimePoint when = clock->now() + std::chrono::hours(24 * 365);
    mover = std::thread([&clock] { clock->advance(std::chrono::hours(24 * 400)); });
    co_await sleep_until(*clock, when);
  };
  support::run_task(io, sleep_and_jump());
  mover.join();
}

TEST(SleepUntil, PassesWithTheMachinesTime) {
  asio::io_context io;
  const SystemClock clock;
  const TimePoint end = clock.now() + 20ms;
  support::run_task(io, sleep_until(clock, end));
  EXPECT_GE(clock.now(), end);
}

TEST(SleepUntil, TakesATimeThatNeverComes) {
  asio::io_context io;
  const SystemClock clock;
  Watched until;
  Watched duration;
  start(io, sleep_until(clock, TimePoint::max()), until);
  start(io, sleep_for(clock, Duration::max()), duration);
  settle(io);
  EXPECT_FALSE(until.ended);
  EXPECT_FALSE(duration.ended);
}

TEST(SleepUntil, EndsWithAnExceptionWhenCancelled) {
  asio::io_context io;
  const auto clock = VirtualClock::frozen_at(kStart);
  Watched sleep;
  start(io, sleep_for(*clock, 1h), sleep);
  settle(io);
  sleep.cancel.emit(asio::cancellation_type::terminal);
  settle(io);
  EXPECT_TRUE(sleep.ended);
  EXPECT_TRUE(sleep.cancelled);
}

TEST(SleepUntil, LeavesNoListenerBehindWhenItsLoopIsDestroyed) {
  const auto clock = VirtualClock::frozen_at(kStart);
  Watched sleep;
  {
    asio::io_context io;
    start(io, sleep_for(*clock, 1h), sleep);
    settle(io);
  }
  clock->advance(2h);
  EXPECT_FALSE(sleep.ended);
}

TEST(Event, RemembersOneNotificationWhenNobodyWaits) {
  asio::io_context io;
  Event event(io.get_executor());
  event.notify();
  event.notify();
  support::run_task(io, event.wait());
  EXPECT_FALSE(support::run_task(io, event.wait_for(1ms)));
}

TEST(Event, WakesEverybodyWhoWaits) {
  asio::io_context io;
  Event event(io.get_executor());
  std::array<Watched, 3> waits;
  for (Watched& wait : waits) start(io, event.wait(), wait);
  settle(io);
  event.notify();
  settle(io);
  for (const Watched& wait : waits) EXPECT_TRUE(wait.ended && !wait.cancelled);
  EXPECT_FALSE(support::run_task(io, event.wait_for(1ms)));
}

TEST(Event, DoesNotLoseANotificationBetweenWakingAndRunning) {
  asio::io_context io;
  Event event(io.get_executor());
  Watched first;
  start(io, event.wait(), first);
  settle(io);
  event.notify();  // wakes the first
  event.notify();  // nobody waits any more
  settle(io);
  EXPECT_TRUE(first.ended);
  support::run_task(io, event.wait());
}

TEST(Event, ReportsATimeoutAndAWakeUp) {
  asio::io_context io;
  Event event(io.get_executor());
  EXPECT_FALSE(support::run_task(io, event.wait_for(5ms)));
  auto notify_while_waiting = [&]() -> Task<bool> {
    auto notify = [&]() -> Task<void> {
      event.notify();
      co_return;
    };
    spawn(io.get_executor(), "notify", notify());
    co_return co_await event.wait_for(10s);
  };
  EXPECT_TRUE(support::run_task(io, notify_while_waiting()));
}

TEST(Event, KeepsANotificationForTheNextWhenAWaitIsCancelled) {
  asio::io_context io;
  Event event(io.get_executor());
  Watched gone;
  start(io, event.wait(), gone);
  settle(io);
  gone.cancel.emit(asio::cancellation_type::terminal);
  settle(io);
  EXPECT_TRUE(gone.cancelled);
  event.notify();
  support::run_task(io, event.wait());
}

TEST(Event, EndsItsWaitsWhenItIsDestroyed) {
  asio::io_context io;
  auto event = std::make_unique<Event>(io.get_executor());
  Watched wait;
  start(io, event->wait(), wait);
  settle(io);
  event.reset();
  settle(io);
  EXPECT_TRUE(wait.ended);
  EXPECT_TRUE(wait.cancelled);
}

}  // namespace
}  // namespace understudy::net
