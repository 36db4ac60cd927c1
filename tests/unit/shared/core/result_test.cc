#include "shared/core/result.h"

#include <gtest/gtest.h>

#include "shared/core/errc.h"

namespace understudy {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0)
    return fail(errc::invalid_argument, "half of " + std::to_string(value), "use even");
  return value / 2;
}

Result<int> quarter(int value) {
  UNDERSTUDY_TRY(const int once, half(value));
  UNDERSTUDY_TRY(const int twice, half(once));
  return twice;
}

Result<void> even(int value) {
  UNDERSTUDY_CHECK(half(value));
  return {};
}

TEST(Result, CarriesTheValueThroughTry) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_TRUE(even(4));
}

TEST(Result, ReturnsTheFirstErrorUnchanged) {
  const auto result = quarter(6);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, errc::invalid_argument);
  EXPECT_EQ(result.error().context, "half of 3");
  EXPECT_EQ(even(5).error().hint, "use even");
}

TEST(Error, SaysContextReasonAndHintInOneLine) {
  const std::error_code words = std::make_error_code(std::errc::timed_out);
  EXPECT_EQ((Error{words, "read x", "wait", {}}).message(),
            "read x: " + words.message() + "; wait");
  EXPECT_EQ((Error{words, "", "", {}}).message(), words.message());
}

TEST(Error, LeavesAReasonOutThatItsContextSays) {
  const std::error_code words = std::make_error_code(std::errc::timed_out);
  const std::string context = "read x: " + words.message() + "; wait";
  EXPECT_EQ((Error{words, context, "or stop", {}}).message(), context + "; or stop");
  EXPECT_EQ(quarter(3).error().message(), "half of 3; use even") << "a general code has none";
  EXPECT_EQ((Error{errc::io, "", "", {}}).message(), "input/output failed");
}

TEST(Error, KnowsWhereItWasMade) {
  const auto result = half(1);
  EXPECT_NE(std::string(result.error().where.file_name()).find("result_test.cc"),
            std::string::npos);
  EXPECT_GT(result.error().where.line(), 0U);
}

TEST(Error, GetsWhatWasDoneInFront) {
  const Result<int> result = fail_in("enroll", half(3).error());
  EXPECT_EQ(result.error().message(), "enroll: half of 3; use even");
  const Result<int> bare = fail_in("enroll", Error{errc::io, "", "", {}});
  EXPECT_EQ(bare.error().context, "enroll");
}

TEST(Errc, HasAWordForEachCodeAndADomain) {
  for (int code = 1; code <= static_cast<int>(errc::unsupported); ++code) {
    const std::error_code error = static_cast<errc>(code);
    EXPECT_NE(error.message(), "unknown error") << code;
    EXPECT_STREQ(error.category().name(), "understudy");
  }
  EXPECT_EQ(std::error_code(static_cast<errc>(99)).message(), "unknown error");
}

}  // namespace
}  // namespace understudy
