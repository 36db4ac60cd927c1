#include <gmock/gmock.h>

#include "tests/unit/shared/plist/support.h"

namespace understudy::plist {
namespace {

using ::testing::HasSubstr;

std::string body(const Value& value) {
  const std::string text = write_xml(value).value();
  constexpr std::string_view kOpen = "<plist version=\"1.0\">\n";
  const std::size_t start = text.find(kOpen) + kOpen.size();
  return text.substr(start, text.find("</plist>\n") - start);
}

std::string refusal(const Value& value) {
  const auto text = write_xml(value);
  return text ? "written" : text.error().message();
}

TEST(XmlWrite, WritesApplesHeadAndSortedTabbedBody) {
  const Value value(Dict{{"b", Array{1, "x"}}, {"a", true}, {"e", Dict{}}});
  EXPECT_EQ(write_xml(value).value(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
            "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
            "<plist version=\"1.0\">\n"
            "<dict>\n"
            "\t<key>a</key>\n"
            "\t<true/>\n"
            "\t<key>b</key>\n"
            "\t<array>\n"
            "\t\t<integer>1</integer>\n"
            "\t\t<string>x</string>\n"
            "\t</array>\n"
            "\t<key>e</key>\n"
            "\t<dict/>\n"
            "</dict>\n"
            "</plist>\n");
}

TEST(XmlWrite, WritesEveryScalar) {
  EXPECT_EQ(body(0.1), "<real>0.1</real>\n");
  EXPECT_EQ(body(-0.0), "<real>-0</real>\n");
  EXPECT_EQ(body(std::numeric_limits<double>::infinity()), "<real>+infinity</real>\n");
  EXPECT_EQ(body(~std::uint64_t{0}), "<integer>18446744073709551615</integer>\n");
  EXPECT_EQ(body(std::int64_t{-5}), "<integer>-5</integer>\n");
  EXPECT_EQ(body(Date{0}), "<date>2001-01-01T00:00:00Z</date>\n");
  EXPECT_EQ(body(Array{}), "<array/>\n");
  EXPECT_EQ(body(Uid{7}), "<dict>\n\t<key>CF$UID</key>\n\t<integer>7</integer>\n</dict>\n");
}

TEST(XmlWrite, EscapesWhatMarkupNeeds) {
  EXPECT_EQ(body("<a href=\"x\">&'\r\n"), "<string>&lt;a href=\"x\"&gt;&amp;'&#13;\n</string>\n");
  EXPECT_EQ(body(Dict{{"<k>", 1}}),
            "<dict>\n\t<key>&lt;k&gt;</key>\n\t<integer>1</integer>\n</dict>\n");
}

TEST(XmlWrite, FoldsDataAsAppleDoes) {
  EXPECT_EQ(body(Bytes{}), "<data></data>\n");  // <data/> is refused by Apple's parsers
  EXPECT_EQ(body(Bytes{1, 2}), "<data>\nAQI=\n</data>\n");
  const std::string line(76, 'A');
  EXPECT_EQ(body(Bytes(58)), "<data>\n" + line + "\nAA==\n</data>\n");
  Value deep = Bytes(10);
  for (int i = 0; i < 9; ++i) deep = Array{std::move(deep)};
  EXPECT_THAT(body(deep), HasSubstr("\n" + std::string(9, '\t') + std::string(12, 'A') + "\n"));
}

TEST(XmlWrite, RefusesWhatXmlCannotHold) {
  EXPECT_THAT(refusal(Dict{{"k", testing::octets("a\0b")}}), HasSubstr("U+0000"));
  EXPECT_THAT(refusal(Dict{{"k", Array{"", "\x1b"}}}), HasSubstr("key 'k': item 1"));
  EXPECT_THAT(refusal("\xff"), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal(Dict{{"\x02", 1}}), HasSubstr("U+0002"));
  EXPECT_THAT(refusal(Date{1e12}), HasSubstr("years 0000 to 9999"));
  EXPECT_THAT(refusal(Date{std::numeric_limits<double>::quiet_NaN()}), HasSubstr("years"));
  EXPECT_THAT(refusal(Uid{std::uint64_t{1} << 32}), HasSubstr("uid"));
  EXPECT_THAT(refusal(Dict{{"CF$UID", 1}}), HasSubstr("CF$UID"));
  EXPECT_EQ(write_xml("\x01").error().code, errc::unwritable);
}

TEST(XmlWrite, WritesTheLastSecondsOfTheYearsItHolds) {
  EXPECT_EQ(body(Date{252423993599.75}), "<date>9999-12-31T23:59:59Z</date>\n");
  EXPECT_THAT(refusal(Date{252423993600.0}), HasSubstr("years"));
  EXPECT_EQ(body(Date{-63145526400.0}), "<date>0000-01-01T00:00:00Z</date>\n");
  EXPECT_THAT(refusal(Date{-63145526401.0}), HasSubstr("years"));
}

}  // namespace
}  // namespace understudy::plist
