#include "shared/core/rng.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace understudy {
namespace {

TEST(Rng, RepeatsItselfForTheSameSeed) {
  Rng first(42);
  Rng second(42);
  EXPECT_EQ(first.bytes(33), second.bytes(33));
  EXPECT_EQ(first.uuid(), second.uuid());
  EXPECT_EQ(first.seed(), 42U);
  EXPECT_NE(Rng(42).next(), Rng(43).next());
}

TEST(Rng, DerivesIndependentlyOfUse) {
  Rng used(42);
  const auto fresh = Rng(42).derive("device-7").bytes(16);
  used.bytes(1000);
  EXPECT_EQ(used.derive("device-7").bytes(16), fresh);
  EXPECT_EQ(used.derive("a").derive("b").next(), Rng(42).derive("a").derive("b").next());
}

TEST(Rng, DerivesDifferentlyForEachLabelAndSeed) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(Rng(42).derive(std::to_string(i)).next());
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    seen.insert(Rng(seed + 1000).derive("x").next());
  EXPECT_EQ(seen.size(), 2000U);
  EXPECT_NE(Rng(1).derive("").next(), Rng(1).next());
}

TEST(Rng, StaysBelowTheBoundAndReachesEverything) {
  Rng rng(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.below(7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(rng.below(1), 0U);
  for (int i = 0; i < 1000; ++i) {
    const double fraction = rng.fraction();
    EXPECT_GE(fraction, 0.0);
    EXPECT_LT(fraction, 1.0);
  }
}

TEST(Rng, MakesVersion4UuidsInUpperCase) {
  Rng rng(5);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = rng.uuid();
    EXPECT_THAT(uuid, ::testing::MatchesRegex(
                          "[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"));
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(Rng, DiffersFromRunToRunWhenTheSystemSeedsIt) {
  EXPECT_NE(Rng::from_system().seed(), Rng::from_system().seed());
}

}  // namespace
}  // namespace understudy
