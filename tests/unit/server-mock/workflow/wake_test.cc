#include "server-mock/workflow/wake.h"

#include <gtest/gtest.h>

#include "server-mock/workflow/command_watch.h"
#include "tests/support/run_task.h"

namespace understudy::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Task<void> wait_for(Wake& wake, std::optional<TimePoint> when, bool& ended) {
  co_await wake.wait_until(when);
  ended = true;
}

Task<void> wait_for(CommandWatch& watch, std::string uuid, std::vector<std::string>& woken) {
  co_await watch.wait(uuid, hours(1));
  woken.push_back(uuid);
}

TEST(Wake, EndsAtANotifyBeforeOrDuringTheWait) {
  asio::io_context io;
  const SystemClock clock;
  Wake wake(io.get_executor(), clock);
  wake.notify();
  support::run_task(io, wake.wait_until(std::nullopt));
  bool ended = false;
  net::spawn(io.get_executor(), "wait", wait_for(wake, std::nullopt, ended));
  io.restart();
  io.poll();
  EXPECT_FALSE(ended);
  wake.notify();
  io.restart();
  io.run_for(milliseconds(1000));
  EXPECT_TRUE(ended);
}

TEST(Wake, EndsWhenAVirtualClockJumps) {
  asio::io_context io;
  const auto clock = VirtualClock::frozen_at(TimePoint());
  Wake wake(io.get_executor(), *clock);
  bool ended = false;
  net::spawn(io.get_executor(), "wait", wait_for(wake, TimePoint(hours(5)), ended));
  io.poll();
  EXPECT_FALSE(ended);
  clock->advance(hours(5));
  io.restart();
  io.poll();
  EXPECT_TRUE(ended);
}

TEST(Wake, EndsAtItsTime) {
  asio::io_context io;
  const SystemClock clock;
  Wake wake(io.get_executor(), clock);
  const TimePoint when = clock.now() + milliseconds(20);
  support::run_task(io, wake.wait_until(when));
  EXPECT_GE(clock.now(), when);
  support::run_task(io, wake.wait_until(when));
}

TEST(CommandWatch, WakesThoseWhoWaitForThatCommand) {
  asio::io_context io;
  CommandWatch watch(io.get_executor());
  std::vector<std::string> woken;
  for (const char* uuid : {"U1", "U1", "U2"}) {
    net::spawn(io.get_executor(), "wait", wait_for(watch, uuid, woken));
  }
  io.poll();
  watch.changed("U1");
  watch.changed("nobody waits");
  io.restart();
  io.poll();
  EXPECT_EQ(woken, (std::vector<std::string>{"U1", "U1"}));
  watch.changed("U2");
  io.restart();
  io.poll();
  EXPECT_EQ(woken.size(), 3U);
}

TEST(CommandWatch, EndsAfterItsTimeout) {
  asio::io_context io;
  CommandWatch watch(io.get_executor());
  support::run_task(io, watch.wait("U1", milliseconds(5)));
}

}  // namespace
}  // namespace understudy::server
