#include "agent/push/deadline.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/run_task.h"

namespace understudy::agent {
namespace {

Task<Result<int>> break_down() {
  throw std::logic_error("a bug");
  co_return 1;
}

TEST(Deadline, PassesOnWhatTheTaskThrowsAtOnce) {
  asio::io_context io;
  const SystemClock clock;
  const TimePoint never = clock.now() + std::chrono::hours(1);
  auto task = within(clock, never, break_down(), "wait");
  EXPECT_THROW(support::run_task(io, std::move(task)), std::logic_error);
}

}  // namespace
}  // namespace understudy::agent
