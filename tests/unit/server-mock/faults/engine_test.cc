#include "server-mock/faults/engine.h"

#include <gtest/gtest.h>

#include "shared/core/errc.h"
#include "tests/unit/server-mock/faults/vocabulary_fixture.h"

namespace understudy::faults {
namespace {

using std::chrono::seconds;

/// For each of `count` subjects whether the engine struck: "..x..x".
std::string pattern(Engine& engine, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += struck(engine).empty() ? '.' : 'x';
  return text;
}

TEST(FaultEngine, DoesNothingWithoutRules) {
  Engine engine(small_vocabulary(), Rng(7));
  EXPECT_FALSE(engine.armed("delivery"));
  EXPECT_EQ(struck(engine), "");
}

TEST(FaultEngine, StrikesAtItsHopOnly) {
  Engine engine(small_vocabulary(), Rng(7));
  EXPECT_EQ(engine.add(rule("delivery", "drop")).value(), "fault-1");
  EXPECT_TRUE(engine.armed("delivery"));
  EXPECT_FALSE(engine.armed("provider.request"));
  EXPECT_EQ(struck(engine), "drop");
  EXPECT_EQ(struck(engine, "ab12", "one", kNoon, "provider.request"), "");
}

TEST(FaultEngine, HandsOutParametersWithTheirDefaults) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule late = rule("delivery", "delay", "late");
  late.with = {{"spread", std::int64_t{1}}};  // an integer where a number is wanted
  ASSERT_TRUE(engine.add(late));
  const std::array<Attribute, 1> push = {{{"token", "ab12"}}};
  const auto strike = engine.strike("delivery", push, kNoon);
  ASSERT_TRUE(strike);
  EXPECT_EQ(strike->rule_id, "late");
  EXPECT_EQ(strike->action, "delay");
  EXPECT_EQ(strike->integer("ms"), 500);
  EXPECT_DOUBLE_EQ(strike->number("spread"), 1.0);
  EXPECT_THROW(strike->integer("minutes"), std::out_of_range);
  EXPECT_THROW(strike->text("ms"), std::bad_variant_access);
}

TEST(FaultEngine, MatchesExactTextsAndPrefixesAllTogether) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule some = rule("delivery", "drop");
  some.match = {{"token", "ab*"}, {"topic", "one"}, {"push_type", ""}};
  ASSERT_TRUE(engine.add(some));
  EXPECT_EQ(struck(engine, "ab12", "one"), "drop");
  EXPECT_EQ(struck(engine, "ab", "one"), "drop");
  EXPECT_EQ(struck(engine, "a", "one"), "");
  EXPECT_EQ(struck(engine, "ab12", "one.more"), "");
  const std::array<Attribute, 2> no_type = {{{"token", "ab12"}, {"topic", "one"}}};
  EXPECT_FALSE(engine.strike("delivery", no_type, kNoon)) << "an attribute nobody gave is no match";
  EXPECT_EQ(engine.list().at(0).matched, 2U);
}

TEST(FaultEngine, StrikesEveryNthOfWhatMatches) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule third = rule("delivery", "drop");
  third.every_nth = 3;
  third.match = {{"topic", "one"}};
  ASSERT_TRUE(engine.add(third));
  EXPECT_EQ(struck(engine, "ab12", "two"), "");  // is not counted
  EXPECT_EQ(pattern(engine, 7), "..x..x.");
}

TEST(FaultEngine, StopsAfterTheFirstN) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule two = rule("delivery", "drop");
  two.first_n = 2;
  two.every_nth = 2;
  ASSERT_TRUE(engine.add(two));
  EXPECT_EQ(pattern(engine, 3), ".x.");
  EXPECT_TRUE(engine.armed("delivery"));
  EXPECT_EQ(pattern(engine, 3), "x..");
  EXPECT_FALSE(engine.armed("delivery"));
  const RuleStatus status = engine.list().at(0);
  EXPECT_EQ(status.fired, 2U);
  EXPECT_EQ(status.matched, 4U);
}

TEST(FaultEngine, StrikesInsideItsWindow) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule soon = rule("delivery", "drop");
  soon.from = kNoon;
  soon.until = kNoon + seconds(10);
  ASSERT_TRUE(engine.add(soon));
  EXPECT_EQ(struck(engine, "ab12", "one", kNoon - Duration(1)), "");
  EXPECT_EQ(struck(engine, "ab12", "one", kNoon), "drop");
  EXPECT_EQ(struck(engine, "ab12", "one", kNoon + seconds(10) - Duration(1)), "drop");
  EXPECT_EQ(struck(engine, "ab12", "one", kNoon + seconds(10)), "");
  EXPECT_EQ(engine.list().at(0).matched, 2U);
  EXPECT_EQ(engine.list().at(0).last_fired, kNoon + seconds(10) - Duration(1));
}

TEST(FaultEngine, StrikesTheSameSubjectsForTheSameSeed) {
  const auto run = [](std::uint64_t seed, const std::string& id) {
    Engine engine(small_vocabulary(), Rng(seed));
    Rule some = rule("delivery", "drop", id);
    some.percent = 25;
    EXPECT_TRUE(engine.add(some));
    return pattern(engine, 1000);
  };
  const std::string first = run(7, "some");
  EXPECT_EQ(first, run(7, "some"));
  EXPECT_NE(first, run(8, "some"));
  EXPECT_NE(first, run(7, "other"));
  const auto hits = std::count(first.begin(), first.end(), 'x');
  EXPECT_GT(hits, 200);
  EXPECT_LT(hits, 300);
}

TEST(FaultEngine, TakesZeroAndHundredPercentAtTheirWord) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule never = rule("delivery", "drop");
  never.percent = 0;
  Rule always = rule("delivery", "delay");
  always.percent = 100;
  ASSERT_TRUE(engine.add_all({never, always}));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(struck(engine), "delay");
}

TEST(FaultEngine, GivesTheSubjectToTheFirstRuleThatFires) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule second = rule("delivery", "drop");
  second.every_nth = 2;
  ASSERT_TRUE(engine.add_all({second, rule("delivery", "delay")}));
  EXPECT_EQ(struck(engine), "delay");
  EXPECT_EQ(struck(engine), "drop");
  EXPECT_EQ(engine.list().at(0).matched, 2U);
  EXPECT_EQ(engine.list().at(1).matched, 1U) << "a subject that was taken is not seen";
}

TEST(FaultEngine, AddsAllOfASetOrNone) {
  Engine engine(small_vocabulary(), Rng(7));
  const auto added = engine.add_all({rule("delivery", "drop", "a"), rule("delivery", "explode")});
  ASSERT_FALSE(added);
  EXPECT_TRUE(added.error().context.starts_with("fault rule 2: ")) << added.error().context;
  EXPECT_TRUE(engine.list().empty());
  EXPECT_EQ(engine.add(rule("delivery", "drop")).value(), "fault-1");
}

TEST(FaultEngine, NamesRulesOnce) {
  Engine engine(small_vocabulary(), Rng(7));
  ASSERT_TRUE(engine.add(rule("delivery", "drop", "fault-1")));
  EXPECT_EQ(engine.add(rule("delivery", "drop")).value(), "fault-2");
  EXPECT_EQ(engine.add(rule("delivery", "drop", "fault-2")).error().code, errc::already_exists);
  const auto twins = engine.add_all({rule("delivery", "drop", "x"), rule("delivery", "drop", "x")});
  EXPECT_EQ(twins.error().code, errc::already_exists);
  EXPECT_EQ(engine.list().size(), 2U);
}

TEST(FaultEngine, RemovesOneOrAll) {
  Engine engine(small_vocabulary(), Rng(7));
  ASSERT_TRUE(engine.add_all({rule("delivery", "drop", "a"), rule("delivery", "delay", "b")}));
  ASSERT_TRUE(engine.remove("a"));
  EXPECT_EQ(struck(engine), "delay");
  EXPECT_EQ(engine.remove("a").error().code, errc::not_found);
  engine.clear();
  EXPECT_FALSE(engine.armed("delivery"));
  EXPECT_EQ(engine.add(rule("delivery", "drop")).value(), "fault-1");
}

TEST(FaultEngine, HoldsNoMoreRulesThanItSays) {
  Engine engine(small_vocabulary(), Rng(7));
  ASSERT_TRUE(engine.add_all(std::vector<Rule>(Engine::kMaxRules, rule("delivery", "drop"))));
  EXPECT_EQ(engine.add(rule("delivery", "drop")).error().code, errc::limit);
}

}  // namespace
}  // namespace understudy::faults
