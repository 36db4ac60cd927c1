#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "shared/core/errc.h"
#include "tests/unit/server-mock/faults/vocabulary_fixture.h"

namespace understudy::faults {
namespace {

struct Refusal {
  std::string name;
  std::function<void(Rule&)> spoil;
  std::string context, hint;
};

class FaultRuleCheck : public testing::TestWithParam<Refusal> {};

TEST_P(FaultRuleCheck, SaysWhatIsWrongAndWhatIsAllowed) {
  Rule spoiled = rule("delivery", "delay");
  ASSERT_TRUE(check(spoiled, small_vocabulary()));
  GetParam().spoil(spoiled);
  const auto checked = check(spoiled, small_vocabulary());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, errc::invalid_argument);
  EXPECT_EQ(checked.error().context, GetParam().context);
  EXPECT_EQ(checked.error().hint, GetParam().hint);
}

Value whole(std::int64_t value) {
  return value;
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultRuleCheck,
    testing::Values(
        Refusal{"Hop", [](Rule& r) { r.hop = "deliver"; }, "there is no hop 'deliver'",
                "there are: provider.request, delivery"},
        Refusal{"Action", [](Rule& r) { r.action = "cut"; }, "hop delivery has no action 'cut'",
                "it has: delay, drop, wrong_topic"},
        Refusal{"Parameter", [](Rule& r) { r.with["s"] = whole(1); },
                "with: action delay has no parameter 's'", "it has: ms, spread"},
        Refusal{"OverTheRange", [](Rule& r) { r.with["ms"] = whole(600'001); },
                "with.ms: not a value of it", "it takes an integer from 0 to 600000"},
        Refusal{"UnderTheRange", [](Rule& r) { r.with["ms"] = whole(-1); },
                "with.ms: not a value of it", "it takes an integer from 0 to 600000"},
        Refusal{"NumberForInteger", [](Rule& r) { r.with["ms"] = 0.5; },
                "with.ms: not a value of it", "it takes an integer from 0 to 600000"},
        Refusal{"TextForNumber", [](Rule& r) { r.with["spread"] = "wide"; },
                "with.spread: not a value of it", "it takes a number from 0 to 1"},
        Refusal{"NoNumber",
                [](Rule& r) { r.with["spread"] = std::numeric_limits<double>::quiet_NaN(); },
                "with.spread: not a value of it", "it takes a number from 0 to 1"},
        Refusal{"Required", [](Rule& r) { r = rule("provider.request", "status"); },
                "with: action status needs 'code'", "give it an integer from 200 to 599"},
        Refusal{"OneOf",
                [](Rule& r) {
                  r = rule("provider.request", "status");
                  r.with = {{"code", whole(400)}, {"reason", "Gone"}};
                },
                "with.reason: not a value of it", "it takes one of: Shutdown, BadTopic"},
        Refusal{"IntegerForText",
                [](Rule& r) {
                  r = rule("delivery", "wrong_topic");
                  r.with = {{"topic", whole(1)}};
                },
                "with.topic: not a value of it", "it takes a text"},
        Refusal{"NoParametersAtAll",
                [](Rule& r) {
                  r = rule("delivery", "drop");
                  r.with = {{"ms", whole(1)}};
                },
                "with: action drop has no parameter 'ms'", "it has: none"},
        Refusal{"Attribute", [](Rule& r) { r.match["udid"] = "x"; },
                "match: hop delivery has no attribute 'udid'", "it has: token, topic, push_type"},
        Refusal{"EveryZeroth", [](Rule& r) { r.every_nth = 0; }, "every_nth: must be 1 or more",
                "1 is every subject"},
        Refusal{"FirstZero", [](Rule& r) { r.first_n = 0; }, "first_n: must be 1 or more",
                "leave it out for no limit, remove the rule to stop it"},
        Refusal{"PercentOver", [](Rule& r) { r.percent = 100.5; }, "percent: must be from 0 to 100",
                ""},
        Refusal{"PercentUnder", [](Rule& r) { r.percent = -1; }, "percent: must be from 0 to 100",
                ""},
        Refusal{"Window",
                [](Rule& r) {
                  r.from = kNoon;
                  r.until = kNoon;
                },
                "from 2026-11-24T12:00:00.000000Z is not before until 2026-11-24T12:00:00.000000Z",
                ""},
        Refusal{"Id", [](Rule& r) { r.id = "a/b"; }, "id: not what names a rule",
                "use letters, digits, '.', '_' and '-', at most 64"},
        Refusal{"LongId", [](Rule& r) { r.id = std::string(65, 'a'); }, "id: not what names a rule",
                "use letters, digits, '.', '_' and '-', at most 64"}),
    [](const auto& instance) { return instance.param.name; });

TEST(FaultRule, IsCompleteAfterTheCheck) {
  Rule late = rule("delivery", "delay");
  ASSERT_TRUE(check(late, small_vocabulary()));
  EXPECT_EQ(late.with, (std::map<std::string, Value>{{"ms", whole(500)}, {"spread", 0.25}}));
}

TEST(FaultRule, MayBeSetAgainAsItIsShown) {
  std::vector<Hop> vocabulary = small_vocabulary();
  vocabulary[0].actions[0].parameters[0] = Parameter::integer("code", 400, 599, 0);
  Rule shown = rule("provider.request", "status");
  ASSERT_TRUE(check(shown, vocabulary));
  EXPECT_EQ(shown.with["code"], whole(0)) << "none was given";
  EXPECT_TRUE(check(shown, vocabulary));
  shown.with["code"] = whole(204);
  EXPECT_FALSE(check(shown, vocabulary));
}

}  // namespace
}  // namespace understudy::faults
