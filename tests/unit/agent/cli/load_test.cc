#include "agent/cli/load.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "shared/core/errc.h"
#include "tests/support/run_task.h"

namespace understudy::agent::cli {
namespace {

using std::chrono::milliseconds;

TEST(Pace, SpacesEvenlyAndDoesNotCatchUp) {
  Pace pace(10);
  const TimePoint start = TimePoint() + std::chrono::hours(1);
  EXPECT_EQ(pace.next(start), start);
  EXPECT_EQ(pace.next(start), start + milliseconds(100));
  EXPECT_EQ(pace.next(start), start + milliseconds(200));
  const TimePoint later = start + std::chrono::seconds(5);
  EXPECT_EQ(pace.next(later), later);
  EXPECT_EQ(pace.next(later), later + milliseconds(100)) << "no burst after a pause";
}

TEST(Pace, HoldsNothingUpWithoutARate) {
  Pace pace(0);
  const TimePoint start = TimePoint() + std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pace.next(start), start);
}

class LoadTest : public testing::Test {
 protected:
  void run(Load& load, Load::Work work) { support::run_task(io, load.run(std::move(work))); }
  /// Yields once, so that others run meanwhile.
  Task<Result<void>> work(std::size_t place) {
    seen.push_back(place);
    most = std::max(most, ++now);
    co_await asio::post(io, asio::use_awaitable);
    --now;
    if (place % 3 == 2) co_return fail(errc::io, "place " + std::to_string(place));
    co_return Result<void>();
  }

  asio::io_context io;
  std::unique_ptr<VirtualClock> clock = VirtualClock::flowing();
  std::vector<std::size_t> seen;
  int now = 0, most = 0;
};

TEST_F(LoadTest, DoesEachPlaceOnceWithSoManyAtOnce) {
  Load load(io.get_executor(), *clock, {4, 0}, "work", 30);
  Load::Work one = [this](std::size_t place) { return work(place); };
  run(load, std::move(one));
  ASSERT_EQ(seen.size(), 30U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
  EXPECT_EQ(most, 4);
  EXPECT_EQ(load.tally().succeeded(), 20U);
  EXPECT_EQ(load.tally().failed(), 10U);
  ASSERT_EQ(load.tally().failures().size(), 1U);
  EXPECT_EQ(load.tally().failures()[0].step, "work");
}

TEST_F(LoadTest, EndsAtOnceWithNothingToDo) {
  Load load(io.get_executor(), *clock, {4, 0}, "work", 0);
  Load::Work one = [this](std::size_t place) { return work(place); };
  run(load, std::move(one));
  EXPECT_TRUE(seen.empty());
}

TEST_F(LoadTest, StartsNoMoreASecondThanItsRate) {
  Load load(io.get_executor(), *clock, {8, 100}, "work", 11);
  Load::Work one = [this](std::size_t place) { return work(place); };
  run(load, std::move(one));
  EXPECT_EQ(seen.size(), 11U);
  EXPECT_GE(load.elapsed(), milliseconds(100));
}

}  // namespace
}  // namespace understudy::agent::cli
