#include <gtest/gtest.h>

#include "tests/unit/shared/plist/support.h"

namespace understudy::plist {
namespace {

using testing::message;
using testing::read_body;
using testing::tolerant;

void expect_body(const std::string& body, const Value& wanted, const ReadOptions& options = {}) {
  SCOPED_TRACE(body);
  const auto result = read_body(body, options);
  ASSERT_TRUE(result) << message(result);
  EXPECT_EQ(*result, wanted);
}

TEST(XmlRead, ReadsEveryType) {
  expect_body("<dict><key>t</key><true/><key>f</key><false></false></dict>",
              Dict{{"t", true}, {"f", false}});
  expect_body("<array><string>a</string><string/><string></string></array>", Array{"a", "", ""});
  expect_body("<array/>", Array{});
  expect_body("<dict> </dict>", Dict{});
  expect_body("<dict><key/><integer>1</integer></dict>", Dict{{"", 1}});
  expect_body("<data>\n\tAAEC\n\tAw==\n\t</data>", Bytes{0, 1, 2, 3});
  expect_body("<data></data>", Bytes{});
  expect_body("<date>2001-01-01T00:01:00Z</date>", Date{60});
  expect_body("<date>0001-01-01T00:00:00Z</date>", Date{-63113904000.0});
}

TEST(XmlRead, ReadsIntegersExactly) {
  expect_body("<integer>18446744073709551615</integer>", ~std::uint64_t{0});
  expect_body("<integer>-9223372036854775808</integer>", std::int64_t{-1} << 63);
  expect_body("<integer>+007</integer>", 7);
  expect_body("<integer>-0</integer>", 0);
}

TEST(XmlRead, ReadsRealsExactly) {
  expect_body("<real>1</real>", 1.0);
  expect_body("<real>+1.</real>", 1.0);
  expect_body("<real>-2.5E-3</real>", -2.5e-3);
  expect_body("<real>0.1</real>", 0.1);
  expect_body("<real>4.9406564584124654e-324</real>", 5e-324);
  expect_body("<real>-infinity</real>", -std::numeric_limits<double>::infinity());
}

TEST(XmlRead, ReadsEntitiesAndCdata) {
  expect_body("<string>&lt;&gt;&amp;&apos;&quot;&#65;&#x1F4F1;</string>",
              "<>&'\"A\xf0\x9f\x93\xb1");
  expect_body("<string> <![CDATA[<a>&amp;]]> </string>", " <a>&amp; ");
  expect_body("<dict><key><![CDATA[k]]>2</key><true/></dict>", Dict{{"k2", true}});
}

TEST(XmlRead, KeepsLineEndsAsTheyAre) {
  expect_body("<string>a\r\nb\rc\n</string>", "a\r\nb\rc\n");
}

TEST(XmlRead, SkipsCommentsAndInstructionsBetweenElements) {
  expect_body("<!-- a --><dict><!-- b --><key>k</key><?x y?> <true/><!-- c --></dict><!-- d -->",
              Dict{{"k", true}});
}

TEST(XmlRead, TakesDeclarationAndDoctypeInEveryUsualForm) {
  for (const char* head :
       {"", "\xEF\xBB\xBF", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='utf-8'?>\n",
        "<?xml version=\"1.0\" encoding=\"US-ASCII\" standalone=\"yes\"?>",
        "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- c -->", "<!DOCTYPE plist>",
        "<!DOCTYPE plist SYSTEM \"file://localhost/x.dtd\">",
        "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" "
        "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"}) {
    const auto result = read(as_bytes(head + std::string("<plist><true/></plist>\n")));
    EXPECT_EQ(message(result), "accepted") << head;
  }
}

TEST(XmlRead, ReadsAKeyedArchiverReference) {
  expect_body("<dict><key>CF$UID</key><integer>7</integer></dict>", Uid{7});
  expect_body("<dict><key>CF$UID</key><integer>4294967296</integer></dict>",
              Dict{{"CF$UID", std::uint64_t{1} << 32}});
  expect_body("<dict><key>CF$UID</key><string>7</string></dict>", Dict{{"CF$UID", "7"}});
}

TEST(XmlTolerant, ReadsWhatApplesParsersRead) {
  const auto also = tolerant();
  expect_body("<integer> 5</integer>", 5, also);
  expect_body("<integer>- 5</integer>", -5, also);
  expect_body("<integer>0x1F</integer>", 31, also);
  expect_body("<integer>-0X10</integer>", -16, also);
  expect_body("<real> .5</real>", 0.5, also);
  expect_body("<real>INF</real>", std::numeric_limits<double>::infinity(), also);
  expect_body("<date>2001-01-01T00:00:60Z</date>", Date{60}, also);
  expect_body("<date>2001-02-29T00:00:00Z</date>", Date{59 * 86400}, also);
  expect_body("<date>-0044-03-15T00:00:00Z</date>", Date{-64527667200.0}, also);
  expect_body("<data>AA-EC!</data>", Bytes{0, 1, 2}, also);
  expect_body("<data>AAECAw</data>", Bytes{0, 1, 2}, also);
  expect_body("<data>AA==</data>", Bytes{0}, also);
  expect_body("<string lang='en'>a</string>", "a", also);
  expect_body("<array><key>a</key></array>", Array{"a"}, also);
  expect_body("<dict><key>a</key><key>b</key></dict>", Dict{{"a", "b"}}, also);
  expect_body("<dict><key>a</key><true/><key>a</key><false/></dict>", Dict{{"a", false}}, also);
  expect_body("<array><plist><true/></plist></array>", Array{true}, also);
  expect_body("<string>a]]>b\x01&#2;</string>", "a]]>b\x01\x02", also);
  expect_body("<!-- a -- b --><true/>", true, also);
}

TEST(XmlTolerant, ReadsAnyPrologueAndStopsAfterTheRoot) {
  for (const char* text :
       {"<true/>", " \n<?xml version='1.1'?><plist><true/></plist>",
        "<plist version='2.0' x='y'><true/></plist>", "<plist><true/></plist>junk & <more",
        "<plist><true/></plist><plist/>", "<!DOCTYPE html><plist><true/></plist>"}) {
    const auto result = read(as_bytes(text), tolerant());
    ASSERT_TRUE(result) << text << ": " << message(result);
    EXPECT_EQ(*result, Value(true));
  }
}

TEST(XmlTolerant, ReadsUtf16WithAByteOrderMark) {
  const std::string ascii =
      "<?xml version='1.0' encoding='UTF-16'?><plist><string>hi</string></plist>";
  std::string big = "\xFE\xFF";
  std::string little = "\xFF\xFE";
  for (const char c : ascii) {
    big += std::string(1, '\0') + c;
    little += std::string(1, c) + '\0';
  }
  EXPECT_EQ(read(as_bytes(big), tolerant()).value(), Value("hi"));
  EXPECT_EQ(read(as_bytes(little), tolerant()).value(), Value("hi"));
  EXPECT_NE(message(read(as_bytes(big))).find("UTF-16"), std::string::npos);
  EXPECT_FALSE(read(as_bytes(big + "x"), tolerant()));
}

TEST(XmlTolerant, StillRefusesWhatApplesParsersRefuse) {
  for (const char* body :
       {"<integer>5 </integer>", "<integer>99999999999999999999</integer>", "<data/>", "<integer/>",
        "<true>x</true>", "<true/><false/>", "<dict><key>a</key></dict>", "<real>1,5</real>",
        "<date>2024-01-01</date>", "<date>99999-01-01T00:00:00Z</date>", "<string>&nbsp;</string>",
        "<string>\xff</string>", "<string>a<!-- c --></string>", "<foo/>", ""}) {
    EXPECT_FALSE(read_body(body, tolerant())) << body;
  }
}

}  // namespace
}  // namespace understudy::plist
