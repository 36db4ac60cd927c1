#include "shared/crypto/der.h"

#include <gtest/gtest.h>

namespace understudy::crypto {
namespace {

TEST(Der, WritesAndReadsLengthsOfEachForm) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65536U}) {
    const Bytes content(size, 'x');
    const Bytes element = der::element(der::Tag::octet_string, content);
    const auto read = der::content(der::Tag::octet_string, element);
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(to_bytes(*read), content);
    EXPECT_FALSE(der::content(der::Tag::sequence, element));
    EXPECT_FALSE(der::content(der::Tag::octet_string, BytesView(element).first(size)));
  }
  EXPECT_FALSE(der::content(der::Tag::octet_string, Bytes{0x04, 0x80, 0x00, 0x00}));
  EXPECT_FALSE(der::content(der::Tag::octet_string, Bytes{0x04, 0x89, 0x00}));
  EXPECT_FALSE(der::content(der::Tag::octet_string, Bytes{0x04, 0x82, 0xff}));
}

TEST(Der, ReadsNumbersThatAreText) {
  EXPECT_EQ(der::number(der::printable("19")), 19);
  EXPECT_EQ(der::number(der::element(der::Tag::utf8_string, as_bytes("3"))), 3);
  for (const char* text : {"", "-1", "1x", " 1", "1000", "+1"}) {
    EXPECT_EQ(der::number(der::printable(text)), std::nullopt) << text;
  }
  EXPECT_EQ(der::number(Bytes{0x02, 0x01, 0x03}), std::nullopt) << "an INTEGER is no text";
  EXPECT_EQ(der::number({}), std::nullopt);
}

TEST(Der, PutsPartsOneAfterTheOther) {
  EXPECT_EQ(der::element(der::Tag::sequence, {der::printable("a"), der::printable("bc")}),
            (Bytes{0x30, 0x07, 0x13, 0x01, 'a', 0x13, 0x02, 'b', 'c'}));
  EXPECT_EQ(der::indefinite(der::Tag::sequence, {der::printable("a")}),
            (Bytes{0x30, 0x80, 0x13, 0x01, 'a', 0x00, 0x00}));
}

}  // namespace
}  // namespace understudy::crypto
