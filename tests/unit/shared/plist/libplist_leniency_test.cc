#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/unit/shared/plist/libplist.h"
#include "tests/unit/shared/plist/support.h"

/// What libplist 2.2 accepts although Apple's parsers refuse it (and so do we, with a reason): the
/// list in docs/protocol/plist.md, kept true.

namespace understudy::plist {
namespace {

using testing::Binary;
using testing::libplist_read;
using testing::message;
using testing::octets;

struct Lenient {
  const char* name;  ///< as the page has it
  std::string document;
};

std::vector<Lenient> xml_rows() {
  const auto body = [](const char* text) { return testing::document(text); };
  return {
      {"key without a value", body("<dict><key>a</key></dict>")},
      {"two values in one plist", body("<string>a</string><string>b</string>")},
      {"integer beyond 64 bits", body("<integer>99999999999999999999</integer>")},
      {"integer below -2^63", body("<integer>-9223372036854775809</integer>")},
      {"integer with a fraction", body("<integer>5.5</integer>")},
      {"integer with white space after it", body("<integer>5 </integer>")},
      {"integer that is a word", body("<integer>abc</integer>")},
      {"empty integer", body("<integer></integer>")},
      {"real with a comma", body("<real>1,5</real>")},
      {"real that is a word", body("<real>abc</real>")},
      {"empty real", body("<real/>")},
      {"date that is none", body("<date>not-a-date</date>")},
      {"date without a time", body("<date>2024-02-03</date>")},
      {"date without Z", body("<date>2024-02-03T00:00:00</date>")},
      {"date with an offset", body("<date>2024-02-03T00:00:00+01:00</date>")},
      {"empty date", body("<date/>")},
      {"data as an empty tag", body("<data/>")},
      {"content in true or false", body("<true>x</true>")},
      {"comment inside a string", body("<string>a<!-- c -->b</string>")},
      {"bytes that are not UTF-8", body("<string>\xff</string>")},
      {"reference to half a surrogate pair", body("<string>&#xD800;</string>")},
      {"missing end of the root", "<plist version=\"1.0\"><true/>"},
  };
}

std::vector<Lenient> binary_rows() {
  const auto one = [](std::string object) {
    Binary binary;
    binary.objects = {std::move(object)};
    return to_text(binary.bytes());
  };
  Binary gap;
  gap.objects = {"\x09"};
  gap.after_table = "xyz";
  return {
      {"octets between offset table and trailer", to_text(gap.bytes())},
      {"ASCII string with other octets", one("\x51\xE9")},
  };
}

std::string page() {
  const std::ifstream file(std::string(UNDERSTUDY_SOURCE_DIR) + "/docs/protocol/plist.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Leniency : public ::testing::TestWithParam<Lenient> {};

TEST_P(Leniency, IsLibplistsAlone) {
  const Lenient& row = GetParam();
  EXPECT_NE(libplist_read(as_bytes(row.document)), nullptr) << "libplist refuses it by now";
  for (const auto& options : {ReadOptions{}, testing::tolerant()}) {
    const auto result = read(as_bytes(row.document), options);
    ASSERT_FALSE(result);
    EXPECT_TRUE(message(result).find("line ") != std::string::npos ||
                message(result).find("offset ") != std::string::npos)
        << message(result);
  }
  EXPECT_NE(page().find(std::string("| ") + row.name + " |"), std::string::npos)
      << "docs/protocol/plist.md does not list it";
}

std::string test_name(const ::testing::TestParamInfo<Lenient>& row) {
  std::string name = row.param.name;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Xml, Leniency, ::testing::ValuesIn(xml_rows()), test_name);
INSTANTIATE_TEST_SUITE_P(Binary, Leniency, ::testing::ValuesIn(binary_rows()), test_name);

}  // namespace
}  // namespace understudy::plist
