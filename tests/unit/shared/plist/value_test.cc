#include <gtest/gtest.h>

#include <limits>

#include "shared/plist/plist.h"

namespace understudy::plist {
namespace {

TEST(Value, IsAnEmptyDictWhenDefault) {
  EXPECT_EQ(Value(), Value(Dict{}));
  EXPECT_TRUE(Value().is(Type::dict));
}

TEST(Value, ComparesEqualIntegersEqualWhateverTheyWereMadeFrom) {
  EXPECT_EQ(Value(5), Value(std::uint64_t{5}));
  EXPECT_EQ(Value(std::int64_t{5}), Value(std::uint64_t{5}));
  EXPECT_NE(Value(-1), Value(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_NE(Value(1), Value(true));
}

TEST(Value, GivesIntegersOnlyInRange) {
  const Value large(std::uint64_t{1} << 63);
  EXPECT_FALSE(large.if_int());
  EXPECT_EQ(large.if_uint(), std::uint64_t{1} << 63);
  EXPECT_FALSE(Value(-1).if_uint());
  EXPECT_EQ(Value(-1).if_int(), -1);
  EXPECT_FALSE(Value("1").if_int());
  EXPECT_FALSE(Value(true).if_int());
}

TEST(Value, FindsMembersOfADictOnly) {
  const Value dict(Dict{{"s", "text"}, {"d", Bytes{1, 2}}, {"i", 7}, {"b", true}});
  EXPECT_EQ(dict.string_at("s"), "text");
  EXPECT_EQ(dict.data_at("d"), (Bytes{1, 2}));
  EXPECT_EQ(dict.int_at("i"), 7);
  EXPECT_EQ(dict.bool_at("b"), true);
  EXPECT_EQ(dict.find("absent"), nullptr);
  EXPECT_FALSE(dict.string_at("i"));
  EXPECT_FALSE(dict.int_at("s"));
  EXPECT_FALSE(dict.bool_at("absent"));
  EXPECT_FALSE(dict.data_at("s"));
  EXPECT_EQ(Value("s").find("s"), nullptr);
}

TEST(Value, NamesItsTypeAsAppleDoes) {
  EXPECT_EQ(type_name(Value(1).type()), "<integer>");
  EXPECT_EQ(type_name(Value().type()), "<dictionary>");
  EXPECT_EQ(type_name(Value(Uid{1}).type()), "<uid>");
  EXPECT_EQ(type_name(Value(Date{}).type()), "<date>");
}

TEST(Date, CountsFrom2001) {
  const TimePoint epoch = std::chrono::sys_days(std::chrono::year(2001) / 1 / 1);
  EXPECT_EQ(Date::from_time(epoch).seconds, 0);
  EXPECT_EQ(Date{1.5}.to_time(), epoch + std::chrono::milliseconds(1500));
}

TEST(Date, KeepsMicrosecondsThroughATimePoint) {
  const TimePoint time = parse_time("2026-11-24T14:34:05.123Z").value();
  EXPECT_EQ(Date::from_time(time).to_time(), time);
}

TEST(Date, StaysInRangeWhenAbsurd) {
  const auto far = Date{1e300}.to_time();
  EXPECT_GT(far, parse_time("9999-01-01T00:00:00Z").value());
  EXPECT_LT(Date{-1e300}.to_time(), parse_time("1000-01-01T00:00:00Z").value());
  EXPECT_EQ(Date{std::numeric_limits<double>::quiet_NaN()}.to_time(), Date{}.to_time());
}

}  // namespace
}  // namespace understudy::plist
