#include "shared/net/http.h"

#include <gtest/gtest.h>

namespace understudy::net {
namespace {

TEST(Headers, FindsANameInAnyCase) {
  Headers headers;
  headers.items = {{"Content-Type", "text/xml"}, {"X-A", "1"}, {"x-a", "2"}};
  EXPECT_EQ(headers.find("content-TYPE"), "text/xml");
  EXPECT_EQ(headers.find("X-A"), "1");
  EXPECT_EQ(headers.find("X-"), std::nullopt);
  EXPECT_EQ(headers.find("X-AB"), std::nullopt);
}

TEST(Headers, SettingReplacesEveryEarlierValue) {
  Headers headers;
  headers.items = {{"X-A", "1"}, {"B", "b"}, {"x-a", "2"}};
  headers.set("X-a", "3");
  ASSERT_EQ(headers.items.size(), 2U);
  EXPECT_EQ(headers.find("x-a"), "3");
  EXPECT_EQ(headers.find("b"), "b");
}

TEST(IsOneLine, KnowsWhatEndsALine) {
  EXPECT_TRUE(is_one_line(""));
  EXPECT_TRUE(is_one_line("Basic bmFub21kbTprZXk=\t\x7f"));
  for (const char end : {'\r', '\n', '\0'}) {
    EXPECT_FALSE(is_one_line(std::string("a") + end + "b"));
    EXPECT_FALSE(is_one_line(std::string(1, end)));
  }
}

TEST(Target, SplitsAndDecodes) {
  const Target target = Target::parse("/v1/push/A%2CB,C%20+?force=1&note=a+b%26c&flag&=x&&e=");
  EXPECT_EQ(target.path, "/v1/push/A,B,C +");
  EXPECT_EQ(target.parameter("force"), "1");
  EXPECT_EQ(target.parameter("note"), "a b&c");
  EXPECT_EQ(target.parameter("flag"), "");
  EXPECT_EQ(target.parameter("e"), "");
  EXPECT_EQ(target.parameter("absent"), std::nullopt);
  EXPECT_EQ(target.query.size(), 5U);
}

TEST(Target, KeepsWhatIsNoPercentCode) {
  EXPECT_EQ(Target::parse("/%").path, "/%");
  EXPECT_EQ(Target::parse("/%4").path, "/%4");
  EXPECT_EQ(Target::parse("/%4g%zz%41").path, "/%4g%zzA");
}

TEST(Target, TakesTheAbsoluteFormAndDropsAFragment) {
  EXPECT_EQ(Target::parse("HTTPS://host:8443/a?b=c#d").path, "/a");
  EXPECT_EQ(Target::parse("http://host?b=c").parameter("b"), "c");
  EXPECT_EQ(Target::parse("http://host").path, "/");
  EXPECT_EQ(Target::parse("").path, "/");
  EXPECT_EQ(Target::parse("/x#y?z").path, "/x");
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/?&=%,+\xC3\xA9"), "a%20b%2F%3F%26%3D%25%2C%2B%C3%A9");
}

TEST(PercentEncode, IsUndoneByTheTargetParser) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(Target::parse("/?v=" + percent_encode(all)).parameter("v"), all);
  EXPECT_EQ(Target::parse("/" + percent_encode(all)).path, "/" + all);
}

}  // namespace
}  // namespace understudy::net
