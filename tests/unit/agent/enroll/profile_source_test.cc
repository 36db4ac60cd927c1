#include "agent/enroll/profile_source.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace understudy::agent {
namespace {

TEST(ProfileSource, TellsUrlsFromFiles) {
  EXPECT_TRUE(is_url("https://example.org/enroll"));
  EXPECT_TRUE(is_url("http://example.org/enroll"));
  EXPECT_FALSE(is_url("enroll.mobileconfig"));
  EXPECT_FALSE(is_url("httpd/enroll.mobileconfig"));
}

TEST(ProfileSource, NamesTheFileThatIsNotThere) {
  const support::TempDir directory;
  const auto path = directory / "nothing.mobileconfig";
  const auto missing = read_profile(path.string());
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find(path.string()), std::string::npos);
}

}  // namespace
}  // namespace understudy::agent
