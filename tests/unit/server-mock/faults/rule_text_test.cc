#include "server-mock/faults/rule_text.h"

#include <gtest/gtest.h>

#include "shared/core/errc.h"
#include "tests/unit/server-mock/faults/vocabulary_fixture.h"

namespace understudy::faults {
namespace {

constexpr std::string_view kWhole = R"({
  "id": "slow", "hop": "delivery", "action": "delay", "with": {"ms": 250, "spread": 0.5},
  "match": {"token": "ab12*", "push_type": "mdm"}, "every_nth": 3, "first_n": 10, "percent": 25,
  "from": "2026-11-24T12:00:00Z", "until": "2026-11-24T13:00:00.5Z", "note": "third floor"})";

std::string refusal(std::string_view json) {
  const auto rules = rules_from_json(json);
  return rules ? "" : rules.error().message();
}

std::string flag_refusal(std::string_view flag) {
  const auto rule = rule_from_flag(flag, small_vocabulary());
  return rule ? "" : rule.error().message();
}

TEST(FaultRuleText, ReadsEveryMember) {
  const Rule rule = rules_from_json(kWhole).value().at(0);
  EXPECT_EQ(rule.id, "slow");
  EXPECT_EQ(rule.hop, "delivery");
  EXPECT_EQ(rule.action, "delay");
  EXPECT_EQ(rule.with, (std::map<std::string, Value>{{"ms", std::int64_t{250}}, {"spread", 0.5}}));
  EXPECT_EQ(rule.match,
            (std::map<std::string, std::string>{{"token", "ab12*"}, {"push_type", "mdm"}}));
  EXPECT_EQ(rule.every_nth, 3);
  EXPECT_EQ(rule.first_n, 10);
  EXPECT_EQ(rule.percent, 25.0);
  EXPECT_EQ(rule.from, kNoon);
  EXPECT_EQ(rule.until, kNoon + std::chrono::hours(1) + std::chrono::milliseconds(500));
  EXPECT_EQ(rule.note, "third floor");
}

TEST(FaultRuleText, ReadsArrays) {
  const auto rules = rules_from_json(
      R"([{"hop": "delivery", "action": "drop"}, {"hop": "delivery", "action": "delay"}])");
  EXPECT_EQ(rules.value().at(1).action, "delay");
  EXPECT_TRUE(rules_from_json("[]").value().empty());
}

TEST(FaultRuleText, WritesWhatIsSetWithItsCounts) {
  Engine engine(small_vocabulary(), Rng(7));
  Rule drop = rule("delivery", "drop", "a");
  drop.every_nth = 2;
  drop.match = {{"token", "ab*"}};
  ASSERT_TRUE(engine.add(drop));
  EXPECT_EQ(rule_to_json(engine.list().at(0)), R"({
  "id": "a",
  "hop": "delivery",
  "action": "drop",
  "match": {
    "token": "ab*"
  },
  "every_nth": 2,
  "matched": 0,
  "fired": 0
}
)");
  struck(engine);
  struck(engine);
  const std::string text = rules_to_json(engine.list());
  EXPECT_NE(text.find(R"("fired": 1,)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("last_fired": "2026-11-24T12:00:00.000000Z")"), std::string::npos) << text;
  EXPECT_EQ(rules_to_json({}), "[]\n");
}

TEST(FaultRuleText, ReadsWhatItWrote) {
  Engine engine(small_vocabulary(), Rng(7));
  ASSERT_TRUE(engine.add_all(rules_from_json(kWhole).value()));
  struck(engine);
  const std::string text = rules_to_json(engine.list());
  Engine other(small_vocabulary(), Rng(7));
  ASSERT_TRUE(other.add_all(rules_from_json(text).value()));
  EXPECT_EQ(rules_to_json(other.list()), text);
}

TEST(FaultRuleText, SaysWhereJsonIsBad) {
  EXPECT_EQ(refusal("[\n  {\"hop\": oops}]"),
            "fault rules: bad JSON at line 2, column 11; send one rule as an "
            "object, or an array of them");
  EXPECT_EQ(refusal("").substr(0, 43), "fault rules: bad JSON at line 1, column 1; ");
  EXPECT_EQ(refusal(R"({"hop": "delivery", "action": "drop", "percent": 1e999})").substr(0, 51),
            "fault rules: a number is too large for a double; wr");
}

TEST(FaultRuleText, SaysWhichMemberIsWrong) {
  const auto with = [](const std::string& members) {
    return refusal(R"([{"hop": "a", "action": "b"}, {"hop": "a", "action": "b", )" + members +
                   "}]");
  };
  const std::string two = "fault rule 2: ";
  EXPECT_EQ(with(R"("with": {"ms": true})"),
            two + "with: ms: not a value of it; it takes a text or a number");
  EXPECT_EQ(with(R"("with": 7)"), two + "with: not a value of it; it takes an object");
  EXPECT_EQ(with(R"("match": {"token": 1})"),
            two + "match: token: not a value of it; it takes a text");
  EXPECT_EQ(with(R"("every_nth": 1.5)"),
            two + "every_nth: not a value of it; it takes an integer of 64 bits");
  EXPECT_EQ(with(R"("first_n": 18446744073709551615)"),
            two + "first_n: not a value of it; it takes an integer of 64 bits");
  EXPECT_EQ(with(R"("percent": "10")"), two + "percent: not a value of it; it takes a number");
  EXPECT_EQ(with(R"("from": "noon")"),
            two + "from: 'noon' is no UTC time like 2026-11-24T14:34:05Z");
  EXPECT_EQ(with(R"("every": 3)"),
            two +
                "every: not a member of a fault rule; there are: id, hop, "
                "action, with, match, every_nth, first_n, percent, from, until, note");
  EXPECT_EQ(refusal(R"({"hop": "a"})"),
            "fault rule: action: is missing; every rule has a hop and an action");
  EXPECT_EQ(refusal("[7]"),
            "fault rule 1: not a JSON object; a rule is "
            R"({"hop": ..., "action": ...})");
}

TEST(FaultRuleFlag, ReadsConditionsAttributesAndParameters) {
  const Rule rule = rule_from_flag(
                        "delivery:delay,percent=10,topic=com.apple.mgmt.*,ms=5,"
                        "spread=0.5,every_nth=2,first_n=3,id=x,note=a=b,push_type=,"
                        "from=2026-11-24T12:00:00Z",
                        small_vocabulary())
                        .value();
  EXPECT_EQ(rule.hop, "delivery");
  EXPECT_EQ(rule.action, "delay");
  EXPECT_EQ(rule.percent, 10.0);
  EXPECT_EQ(rule.match,
            (std::map<std::string, std::string>{{"topic", "com.apple.mgmt.*"}, {"push_type", ""}}));
  EXPECT_EQ(rule.with, (std::map<std::string, Value>{{"ms", std::int64_t{5}}, {"spread", 0.5}}));
  EXPECT_EQ(rule.every_nth, 2);
  EXPECT_EQ(rule.first_n, 3);
  EXPECT_EQ(rule.id, "x");
  EXPECT_EQ(rule.note, "a=b");
  EXPECT_EQ(rule.from, kNoon);
}

TEST(FaultRuleFlag, ReadsTheShortestForm) {
  const Rule rule = rule_from_flag("provider.request:cut", small_vocabulary()).value();
  EXPECT_EQ(rule.hop, "provider.request");
  EXPECT_EQ(rule.action, "cut");
}

TEST(FaultRuleFlag, KeepsTextsThatLookLikeNumbers) {
  const Rule rule = rule_from_flag("delivery:wrong_topic,with.topic=12,match.topic=34,token=56",
                                   small_vocabulary())
                        .value();
  EXPECT_EQ(rule.with, (std::map<std::string, Value>{{"topic", "12"}}));
  EXPECT_EQ(rule.match, (std::map<std::string, std::string>{{"token", "56"}, {"topic", "34"}}));
}

TEST(FaultRuleFlag, SaysWhatIsWrong) {
  EXPECT_EQ(flag_refusal("delivery"),
            "fault 'delivery': not HOP:ACTION[,KEY=VALUE...]; hops: provider.request, delivery");
  EXPECT_EQ(
      flag_refusal("deliver:drop"),
      "fault 'deliver:drop': there is no hop 'deliver'; there are: provider.request, delivery");
  EXPECT_EQ(flag_refusal("delivery:cut"),
            "fault 'delivery:cut': hop delivery has no action 'cut'; it has: "
            "delay, drop, wrong_topic");
  EXPECT_EQ(flag_refusal("delivery:drop,"),
            "fault 'delivery:drop': '' is not KEY=VALUE; a value with a comma "
            "needs a rule in JSON");
  EXPECT_EQ(flag_refusal("delivery:drop,ms=5"),
            "fault 'delivery:drop': ms: not a key of this rule; conditions: id, "
            "from, until, note, every_nth, first_n, percent; attributes of delivery: token, topic, "
            "push_type; parameters of drop: none");
  EXPECT_EQ(
      flag_refusal("delivery:wrong_topic,topic=x"),
      "fault 'delivery:wrong_topic': topic: both an attribute of hop delivery and a parameter "
      "of action wrong_topic; write match.topic or with.topic");
  EXPECT_EQ(flag_refusal("delivery:drop,token=a,token=b"),
            "fault 'delivery:drop': token: given twice");
  EXPECT_EQ(flag_refusal("delivery:drop,percent=lots"),
            "fault 'delivery:drop': fault rule: percent: not a value of it; it "
            "takes a number");
}

TEST(FaultRuleFlag, LeavesWrongValuesToTheCheck) {
  Rule rule = rule_from_flag("delivery:delay,ms=soon", small_vocabulary()).value();
  EXPECT_EQ(check(rule, small_vocabulary()).error().context, "with.ms: not a value of it");
}

}  // namespace
}  // namespace understudy::faults
