#include "agent/cli/tally.h"

#include <gtest/gtest.h>

#include "agent/cli/progress.h"
#include "shared/core/errc.h"

namespace understudy::agent::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Error error(const std::string& context, errc code = errc::io) {
  return fail(code, context).value();
}

TEST(Tally, CountsFailuresByStepAndKindAndNotByDevice) {
  Tally tally;
  for (const char* device : {"d1", "d2", "d3"}) {
    tally.failed(error(std::string("Authenticate: the server at https://x refused ") + device +
                       " with HTTP 503: busy"),
                 "device");
  }
  tally.failed(error("Authenticate: refused with HTTP 403: no"), "device");
  tally.failed(error("identity: SCEP: no answer", errc::timeout), "device");
  tally.failed(error("d7 is not enrolled", errc::not_found), "conversation");
  EXPECT_EQ(tally.failed(), 6U);
  const auto all = tally.failures();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].count, 3U);
  EXPECT_EQ(all[0].step, "Authenticate");
  EXPECT_EQ(all[0].kind, "HTTP 503");
  EXPECT_NE(all[0].example.find("d1"), std::string::npos) << "the first of them";
  EXPECT_EQ(all[1].kind, "HTTP 403");
  EXPECT_EQ(all[2].step, "conversation");
  EXPECT_EQ(all[3].step, "identity");
  EXPECT_EQ(all[3].kind, make_error_code(errc::timeout).message());
}

TEST(Tally, TakesNoOtherNumberForAStatus) {
  Tally tally;
  EXPECT_EQ(tally.failed(error("HTTP 50x, HTTP and HTTP"), "x").kind,
            make_error_code(errc::io).message());
}

TEST(Tally, GivesPercentilesOfThoseThatCameThrough) {
  Tally tally;
  EXPECT_FALSE(tally.times());
  tally.failed(error("x"), "x");
  EXPECT_FALSE(tally.times());
  for (int i = 100; i >= 1; --i) tally.succeeded(milliseconds(i));
  const auto times = tally.times();
  ASSERT_TRUE(times);
  EXPECT_EQ(times->min, milliseconds(1));
  EXPECT_EQ(times->median, milliseconds(50));
  EXPECT_EQ(times->p95, milliseconds(95));
  EXPECT_EQ(times->p99, milliseconds(99));
  EXPECT_EQ(times->max, milliseconds(100));
}

TEST(Tally, GivesTheOnlyTimeForEachPercentile) {
  Tally tally;
  tally.succeeded(seconds(2));
  const auto times = tally.times();
  ASSERT_TRUE(times);
  for (const Duration one : {times->min, times->median, times->p95, times->p99, times->max}) {
    EXPECT_EQ(one, seconds(2));
  }
}

TEST(ProgressText, TellsRateAndTimeLeft) {
  EXPECT_EQ(progress_text(0, 0, 10, seconds(1)), "0 of 10");
  EXPECT_EQ(progress_text(5, 0, 10, seconds(2)), "5 of 10, 2.5 a second, 2 s left");
  EXPECT_EQ(progress_text(100, 3, 10'000, seconds(10)),
            "100 of 10000, 10.0 a second, 16 min left, 3 failed");
  EXPECT_EQ(progress_text(1, 0, 10'000, seconds(2)), "1 of 10000, 0.5 a second, 6 h left");
}

}  // namespace
}  // namespace understudy::agent::cli
