#include "shared/mdm/target.h"

#include <gmock/gmock.h>

namespace understudy::mdm {
namespace {

TEST(Platform, HasApplesName) {
  EXPECT_EQ(platform_name(Platform::ios), "iOS");
  EXPECT_EQ(platform_name(Platform::watchos), "watchOS");
  EXPECT_EQ(platform_from_name("macOS"), Platform::macos);
  EXPECT_EQ(platform_from_name("visionOS"), Platform::visionos);
  EXPECT_EQ(platform_from_name("macos"), std::nullopt);
}

TEST(Version, ComparesNumberByNumber) {
  const auto of = [](const char* text) { return Version::parse(text).value(); };
  EXPECT_LT(of("9.3"), of("10.0"));
  EXPECT_LT(of("10.13.4"), of("10.14"));
  EXPECT_EQ(of("18"), of("18.0.0"));
  EXPECT_GT(of("18.0.1"), of("18"));
  EXPECT_EQ(of("10.13.4").text(), "10.13.4");
}

TEST(Version, RefusesWhatIsNoNumbers) {
  for (const char* text :
       {"", ".", "18.", ".1", "18..1", "18.1a", "-1", "18.-1", "+1", " 18", "99999999999", "n/a"}) {
    const auto version = Version::parse(text);
    ASSERT_FALSE(version) << text;
    EXPECT_EQ(version.error().code, errc::bad_value);
  }
}

TEST(Rights, AcceptsPossibleSums) {
  for (const std::int64_t value : {1, 3, 64, 192, 4, 8191, 8189 & ~2}) {
    EXPECT_TRUE(rights::check(value)) << value;
  }
}

TEST(Rights, RefusesImpossibleSumsAndSaysWhy) {
  const auto why = [](std::int64_t value) {
    const auto result = rights::check(value);
    EXPECT_FALSE(result) << value;
    EXPECT_EQ(result.error().code, errc::bad_rights);
    return result ? std::string() : result.error().message();
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(why(0), HasSubstr("grants nothing"));
  EXPECT_THAT(why(2), HasSubstr("add 1"));
  EXPECT_THAT(why(8191 - 1), HasSubstr("add 1"));
  EXPECT_THAT(why(128), HasSubstr("add 64"));
  EXPECT_THAT(why(8192), HasSubstr("bits that mean nothing"));
  EXPECT_THAT(why(-1), HasSubstr("bits that mean nothing"));
  EXPECT_THAT(why(std::int64_t{1} << 40), HasSubstr("bits that mean nothing"));
}

}  // namespace
}  // namespace understudy::mdm
