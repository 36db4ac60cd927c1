#include "agent/push/backoff.h"

#include <gtest/gtest.h>

namespace understudy::agent {
namespace {

using std::chrono::seconds;

TEST(Backoff, DoublesUpToTheCapWithJitter) {
  Backoff backoff(seconds(1), seconds(60), Rng(1));
  Duration step = seconds(1);
  for (int i = 0; i < 12; ++i) {
    const Duration pause = backoff.next();
    EXPECT_GE(pause, step / 2);
    EXPECT_LE(pause, step);
    step = std::min<Duration>(seconds(60), step * 2);
  }
}

TEST(Backoff, BeginsAgainWhenReset) {
  Backoff backoff(seconds(1), seconds(60), Rng(1));
  for (int i = 0; i < 5; ++i) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next(), seconds(1));
}

TEST(Backoff, DiffersBetweenDevicesOfOneSeed) {
  const Rng seed(1);
  Backoff a(seconds(60), seconds(60), seed.derive("a")),
      b(seconds(60), seconds(60), seed.derive("b"));
  EXPECT_NE(a.next(), b.next());
}

}  // namespace
}  // namespace understudy::agent
