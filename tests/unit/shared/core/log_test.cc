#include "shared/core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "shared/core/errc.h"

namespace understudy {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

class Log : public ::testing::Test {
 protected:
  Log() { log::set_level(log::Level::info); }
  ~Log() override { log::set_level(log::Level::warn); }

  static std::string line(log::Fields fields) {
    CaptureStderr();
    log::info("event", fields);
    return GetCapturedStderr();
  }
};

TEST_F(Log, WritesTimeLevelEventAndFields) {
  EXPECT_THAT(
      line({{"device", "ABC"}, {"count", "7"}}),
      ::testing::MatchesRegex(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z info event device=ABC count=7\n"));
}

TEST_F(Log, QuotesWhatWouldBreakTheForm) {
  EXPECT_THAT(line({{"k", "a b"}}), EndsWith("k=\"a b\"\n"));
  EXPECT_THAT(line({{"k", ""}}), EndsWith("k=\"\"\n"));
  EXPECT_THAT(line({{"k", "a=b"}}), EndsWith("k=\"a=b\"\n"));
  EXPECT_THAT(line({{"k", "say \"hi\" \\"}}), EndsWith("k=\"say \\\"hi\\\" \\\\\"\n"));
  EXPECT_THAT(line({{"k", "{} %s {0}"}}), EndsWith("k=\"{} %s {0}\"\n"));
  EXPECT_THAT(line({{"k", "\xc3\xa9"}}), EndsWith("k=\xc3\xa9\n"));
}

TEST_F(Log, StaysOnOneLineWithoutControlCharacters) {
  const std::string text = line({{"k", std::string("a\nb\r\t\x1b[31m\x7f\0z", 13)}});
  EXPECT_THAT(text, EndsWith("k=\"a\\nb\\r\\t\\x1b[31m\\x7f\\x00z\"\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(Log, DropsWhatIsBelowTheLevel) {
  log::set_level(log::Level::warn);
  CaptureStderr();
  log::debug("event.debug");
  log::info("event.info");
  log::warn("event.warn");
  log::error("event.error");
  const std::string text = GetCapturedStderr();
  EXPECT_THAT(text, ::testing::Not(HasSubstr("event.info")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("event.debug")));
  EXPECT_THAT(text, HasSubstr("warning event.warn"));
  EXPECT_THAT(text, HasSubstr("error event.error"));
  log::set_level(log::Level::off);
  CaptureStderr();
  log::error("event");
  EXPECT_EQ(GetCapturedStderr(), "");
}

TEST(LogLevel, IsParsedByName) {
  EXPECT_EQ(log::parse_level("debug").value(), log::Level::debug);
  EXPECT_EQ(log::parse_level("off").value(), log::Level::off);
  EXPECT_EQ(log::parse_level("Info").error().code, errc::invalid_argument);
  EXPECT_THAT(log::parse_level("loud").error().message(), HasSubstr("use debug, info, warn"));
}

}  // namespace
}  // namespace understudy
