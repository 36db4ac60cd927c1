#include <gmock/gmock.h>

#include "tests/unit/shared/plist/support.h"

/// What a strict reader refuses: each with the place and the reason that a person reads.

namespace understudy::plist {
namespace {

using ::testing::HasSubstr;

struct Refused {
  const char* xml;
  const char* where;
  const char* why;
  errc code = errc::syntax;
};

void expect_refused(const std::vector<Refused>& table, bool whole) {
  for (const Refused& row : table) {
    SCOPED_TRACE(row.xml);
    const auto result = whole ? read(as_bytes(row.xml)) : testing::read_body(row.xml);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, row.code);
    EXPECT_THAT(result.error().message(), HasSubstr(row.where));
    EXPECT_THAT(result.error().message(), HasSubstr(row.why));
  }
}

TEST(XmlRefused, SaysWhereAndWhyWhenTheStructureIsWrong) {
  expect_refused(
      {
          {"", "line 2, column 1", "<plist> holds no value"},
          {"<true/><false/>", "line 3, column 8", "more than one value"},
          {"text", "line 2, column 1", "text directly inside <plist>"},
          {"<true/>text", "line 3, column 8", "text between elements"},
          {"<array>text<true/></array>", "line 3, column 1", "text directly inside <array>"},
          {"<array><true/>text</array>", "line 3, column 15", "text between elements"},
          {"<array><![CDATA[ ]]></array>", "line 3, column 8", "text between elements"},
          {"<dict><key>a</key></dict>", "line 3, column 7", "key 'a' has no value"},
          {"<dict><key>a</key><key>b</key></dict>", "line 3, column 7", "key 'a' has no value"},
          {"<dict><string>x</string></dict>", "line 3, column 7", "where a <key> must stand"},
          {"<dict>\n<key>a</key><true/>\n<key>a</key><true/></dict>", "line 5, column 1",
           "duplicate key 'a'"},
          {"<array><key>a</key></array>", "line 3, column 8", "<key> where a value must stand"},
          {"<plist><true/></plist>", "line 3, column 1", "<plist> is no element"},
          {"<array><plist><true/></plist></array>", "line 3, column 8",
           "<plist> is no element of a property list"},
          {"<Dict/>", "line 3, column 1", "<Dict> is no element"},
          {"<array><int>1</int></array>", "line 3, column 8", "<int> is no element"},
          {"<string a='b'>x</string>", "line 3, column 1", "with the attribute a"},
          {"<string>a<b/></string>", "line 3, column 10", "markup inside <string>"},
          {"<string>a<!-- c --></string>", "line 3, column 10", "markup inside <string>"},
          {"<true>x</true>", "line 3, column 1", "<true> is not empty"},
          {"<false> </false>", "line 3, column 1", "<false> is not empty"},
      },
      false);
}

TEST(XmlRefused, SaysWhereAndWhyWhenANumberIsWrong) {
  expect_refused(
      {
          {"<integer/>", "line 3, column 1", "empty <integer/>"},
          {"<integer></integer>", "line 3, column 10", "empty <integer>"},
          {"<integer>-</integer>", "line 3, column 11", "a digit is missing"},
          {"<integer>+-5</integer>", "line 3, column 11", "a digit is missing"},
          {"<integer>0x1F</integer>", "line 3, column 10", "hexadecimal"},
          {"<integer> 5</integer>", "line 3, column 10", "a digit is missing"},
          {"<integer>5 </integer>", "line 3, column 11", "no digit"},
          {"<integer>5.0</integer>", "line 3, column 11", "no digit"},
          {"<integer>12abc</integer>", "line 3, column 12", "no digit"},
          {"<integer>&#49;</integer>", "line 3, column 10", "a digit is missing"},
          {"<integer><![CDATA[1]]></integer>", "line 3, column 1", "plain text only"},
          {"<integer>18446744073709551616</integer>", "line 3, column 10", "64 bits"},
          {"<integer>99999999999999999999999</integer>", "line 3, column 10", "64 bits"},
          {"<integer>-9223372036854775809</integer>", "line 3, column 11", "below -2^63"},
          {"<real/>", "line 3, column 1", "empty <real/>"},
          {"<real></real>", "line 3, column 7", "empty <real>"},
          {"<real>1,5</real>", "line 3, column 8", "no part of a number"},
          {"<real>.5</real>", "line 3, column 7", "a digit is missing"},
          {"<real>1e</real>", "line 3, column 9", "exponent"},
          {"<real>abc</real>", "line 3, column 7", "a digit is missing"},
          {"<real>inf</real>", "line 3, column 7", "a digit is missing"},
          {"<real>0x1p3</real>", "line 3, column 8", "no part of a number"},
          {"<real> 1</real>", "line 3, column 7", "a digit is missing"},
          {"<real>1e999</real>", "line 3, column 7", "double"},
      },
      false);
}

TEST(XmlRefused, SaysWhereAndWhyWhenADateOrDataIsWrong) {
  expect_refused(
      {
          {"<date/>", "line 3, column 1", "empty <date/>"},
          {"<date></date>", "line 3, column 7", "empty <date>"},
          {"<date>not-a-date</date>", "line 3, column 7", "four digits"},
          {"<date>24-01-01T00:00:00Z</date>", "line 3, column 7", "four digits"},
          {"<date>2024-01-01</date>", "line 3, column 17", "2026-11-24T14:34:05Z"},
          {"<date>2024-01-01 00:00:00Z</date>", "line 3, column 17", "2026-11-24T14:34:05Z"},
          {"<date>2024-01-01T00:00:00</date>", "line 3, column 26", "ends with 'Z'"},
          {"<date>2024-01-01T00:00:00.5Z</date>", "line 3, column 26", "ends with 'Z'"},
          {"<date>2024-01-01T00:00:00+01:00</date>", "line 3, column 26", "ends with 'Z'"},
          {"<date>2024-13-01T00:00:00Z</date>", "line 3, column 7", "no such month"},
          {"<date>2023-02-29T00:00:00Z</date>", "line 3, column 7", "no such day"},
          {"<date>2024-01-00T00:00:00Z</date>", "line 3, column 7", "no such day"},
          {"<date>2024-01-01T24:00:00Z</date>", "line 3, column 7", "no such time"},
          {"<date>2024-01-01T00:00:60Z</date>", "line 3, column 7", "no such time"},
          {"<data/>", "line 3, column 1", "empty <data/>"},
          {"<data>!!!!</data>", "line 3, column 7", "base64"},
          {"<data>AAA</data>", "line 3, column 7", "inside a group"},
          {"<data>AA=A</data>", "line 3, column 7", "after padding"},
          {"<data>AA-_</data>", "line 3, column 7", "base64"},
      },
      false);
}

TEST(XmlRefused, SaysWhereAndWhyWhenPugixmlWouldLetItPass) {
  expect_refused(
      {
          {"junk<plist><true/></plist>", "", "neither '<' nor 'bplist'", errc::not_a_plist},
          {"\n\n  {\"a\": 1}", "", "neither '<' nor 'bplist'", errc::not_a_plist},
          {"<plist><true/></plist>junk", "line 1, column 23", "text after the root element"},
          {"<!-- c -->x<plist><true/></plist>", "line 1, column 11",
           "text before the root element"},
          {"<plist><true/></plist>\n<plist/>", "line 2, column 1", "a second root element"},
          {"<plist><true/>", "line 1, column 15", "ends inside 1 open element"},
          {"<plist><string>a", "line 1, column 17", "ends inside 2 open element"},
          {"<!-- only -->", "line 1, column 14", "ends before any element"},
          {"<plist><string>a < b</string></plist>", "line 1, column 18", "&lt;"},
          {"<plist><array></plist></array>", "line 1, column 17", "does not match its start tag"},
          {"</plist>", "line 1, column 1", "without its start tag"},
          {"<plist><string>a\x01</string></plist>", "line 1, column 17", "U+0001"},
          {"<plist><string>\xff</string></plist>", "line 1, column 16", "not UTF-8"},
          {"<plist><string>\xed\xa0\x80</string></plist>", "line 1, column 16", "not UTF-8"},
          {"<plist><string>\xc0\x80</string></plist>", "line 1, column 16", "not UTF-8"},
          {"<plist><string>\xef\xbf\xbf</string></plist>", "line 1, column 16", "U+FFFF"},
          {"<plist><string>a & b</string></plist>", "line 1, column 18", "&amp;"},
          {"<plist><string>&nbsp;</string></plist>", "line 1, column 16", "unknown entity"},
          {"<plist><string>&#0;</string></plist>", "line 1, column 16", "no character"},
          {"<plist><string>&#xD800;</string></plist>", "line 1, column 16", "no character"},
          {"<plist><string>&#x110000;</string></plist>", "line 1, column 16", "no character"},
          {"<plist><string>&#x;</string></plist>", "line 1, column 16", "no character"},
          {"<plist><string>a]]>b</string></plist>", "line 1, column 17", "']]>'"},
          {"<plist><!-- a -- b --><true/></plist>", "line 1, column 15", "'--' inside a comment"},
          {"<plist><!-- a <true/></plist>", "line 1, column 8", "the comment does not end"},
          {"<plist><string><![CDATA[a</string></plist>", "line 1, column 16", "CDATA"},
          {"<plist><?x <true/></plist>", "line 1, column 8", "does not end"},
          {"<plist><true/>< /plist>", "line 1, column 15", "starts no tag"},
          {"<plist><true</plist>", "line 1, column 13", "'<' inside a tag"},
          {"<plist><string a=b>x</string></plist>", "line 1", "malformed attribute"},
          {"<plist version='1.0' version='1.0'><true/></plist>", "line 1, column 1",
           "a second attribute"},
          {"<plist version='2.0'><true/></plist>", "line 1, column 1", "another version"},
          {"<plist encoding='1.0'><true/></plist>", "line 1, column 1", "attribute encoding"},
      },
      true);
}

TEST(XmlRefused, SaysWhereAndWhyWhenThePrologueIsWrong) {
  expect_refused(
      {
          {"<dict/>", "line 1, column 1", "<dict>, not <plist>", errc::not_a_plist},
          {"<html><body/></html>", "line 1, column 1", "<html>, not <plist>", errc::not_a_plist},
          {" <?xml version='1.0'?><plist><true/></plist>", "line 1, column 1",
           "white space before"},
          {"<?xml version='1.1'?><plist><true/></plist>", "line 1, column 1", "version=\"1.0\""},
          {"<?xml version='1.0' encoding='ISO-8859-1'?><plist><true/></plist>", "line 1, column 1",
           "encoding is not UTF-8"},
          {"<?xml version='1.0'", "line 1, column 1", "does not end"},
          {"<plist><?xml version='1.0'?><true/></plist>", "line 1, column 8", "not at the start"},
          {"<!DOCTYPE plist [<!ENTITY x 'y'>]><plist><string>&x;</string></plist>",
           "line 1, column 17", "internal subset"},
          {"<!DOCTYPE html><plist><true/></plist>", "line 1, column 1", "not that of a plist"},
          {"<!DOCTYPE plist", "line 1, column 1", "does not end"},
          {"<!DOCTYPE plist><!DOCTYPE plist><plist><true/></plist>", "line 1, column 17", "once"},
          {"<plist><!DOCTYPE plist><true/></plist>", "line 1, column 8", "once, before <plist>"},
          {"<!ELEMENT plist ANY><plist><true/></plist>", "line 1, column 1", "unknown markup"},
          {"<![CDATA[x]]><plist><true/></plist>", "line 1, column 1", "CDATA outside"},
      },
      true);
}

TEST(XmlRefused, CountsColumnsInCharacters) {
  const auto result =
      testing::read_body("<array><string>\xc3\xa9\xf0\x9f\x93\xb1</string><x/></array>");
  EXPECT_THAT(testing::message(result), HasSubstr("line 3, column 27:"));
}

TEST(XmlRefused, TellsEmptyFromWrong) {
  EXPECT_EQ(read({}).error().code, errc::empty);
  EXPECT_EQ(read(as_bytes(" \n\t")).error().code, errc::empty);
  EXPECT_EQ(read(as_bytes("\xEF\xBB\xBF")).error().code, errc::empty);
}

TEST(XmlRefused, RefusesNulWhereverItIs) {
  const std::string text = testing::octets("<plist><string>a\0b</string></plist>");
  for (const auto& options : {ReadOptions{}, testing::tolerant()}) {
    EXPECT_THAT(testing::message(read(as_bytes(text), options)), HasSubstr("U+0000"));
  }
}

TEST(XmlRefused, NeverShowsAValue) {
  for (const char* body : {"<integer>s3cret</integer>", "<data>s3cret</data>",
                           "<date>s3cret</date>", "<real>s3cret</real>"}) {
    const std::string text = testing::message(testing::read_body(body));
    EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace understudy::plist
