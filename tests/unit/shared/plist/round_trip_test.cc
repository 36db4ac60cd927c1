#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "tests/unit/shared/plist/any_value.h"
#include "tests/unit/shared/plist/support.h"

namespace understudy::plist {

namespace {

using testing::any_value;

/// Bit for bit, which == is not for reals (-0.0 == 0.0).
Bytes bits(const Value& value) {
  return write_binary(value).value();
}

RC_GTEST_PROP(RoundTrip, KeepsEveryValueThroughXml, ()) {
  const Value value = *any_value({});
  const auto text = write_xml(value);
  RC_ASSERT(text.has_value());
  const auto back = read_xml(as_bytes(*text));
  if (!back) RC_FAIL(back.error().message());
  RC_ASSERT(*back == value);
  RC_ASSERT(bits(*back) == bits(value));
}

RC_GTEST_PROP(RoundTrip, KeepsEveryValueThroughBinary, ()) {
  const Value value = *any_value({.control_characters = true, .any_date = true});
  const auto encoded = write_binary(value);
  RC_ASSERT(encoded.has_value());
  const auto back = read_binary(*encoded);
  if (!back) RC_FAIL(back.error().message());
  RC_ASSERT(*back == value);
  RC_ASSERT(bits(*back) == *encoded);
}

RC_GTEST_PROP(RoundTrip, ReadsTheSameWhenTolerant, ()) {
  const Value value = *any_value({});
  const auto back = read_xml(as_bytes(write_xml(value).value()), testing::tolerant());
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == value);
}

TEST(RoundTrip, IsExactForIntegersOverTheWholeRange) {
  for (const Value& value :
       {Value(std::numeric_limits<std::uint64_t>::max()), Value(std::uint64_t{1} << 63),
        Value(std::int64_t{-1}), Value(std::numeric_limits<std::int64_t>::min()),
        Value(std::numeric_limits<std::int64_t>::max()), Value(0)}) {
    EXPECT_EQ(read_xml(as_bytes(write_xml(value).value())).value(), value);
    EXPECT_EQ(read_binary(write_binary(value).value()).value(), value);
  }
}

TEST(RoundTrip, IsExactForRealsAtTheEdges) {
  for (const double real :
       {5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1.0 / 3, -0.0,
        std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    const Value value(real);
    EXPECT_EQ(bits(read_xml(as_bytes(write_xml(value).value())).value()), bits(value)) << real;
    EXPECT_EQ(bits(read_binary(write_binary(value).value()).value()), bits(value)) << real;
  }
}

TEST(RoundTrip, KeepsNotANumberARealThatIsNoNumber) {
  const Value value(std::numeric_limits<double>::quiet_NaN());
  const auto from_xml = read_xml(as_bytes(write_xml(value).value())).value();
  const auto from_binary = read_binary(write_binary(value).value()).value();
  ASSERT_NE(from_xml.if_real(), nullptr);
  ASSERT_NE(from_binary.if_real(), nullptr);
  EXPECT_TRUE(std::isnan(*from_xml.if_real()));
  EXPECT_TRUE(std::isnan(*from_binary.if_real()));
}

TEST(RoundTrip, DropsOnlyTheFractionOfADateInXml) {
  const Value value(Date{-0.25});  // a quarter of a second before 2001
  const auto text = write_xml(value).value();
  EXPECT_NE(text.find("<date>2000-12-31T23:59:59Z</date>"), std::string::npos) << text;
  EXPECT_EQ(read_xml(as_bytes(text)).value(), Value(Date{-1}));
  EXPECT_EQ(read_binary(write_binary(value).value()).value(), value);
}

TEST(RoundTrip, KeepsWhiteSpaceAndCarriageReturnsInStrings) {
  for (const char* text : {"", " ", "\n", "\r\n", "\r", "\t x \t", " <![CDATA[ ", "]]>", "&amp;"}) {
    const Value value(text);
    EXPECT_EQ(read_xml(as_bytes(write_xml(value).value())).value(), value) << text;
  }
}

}  // namespace
}  // namespace understudy::plist
