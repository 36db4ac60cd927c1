#include "shared/core/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "shared/core/errc.h"
#include "shared/core/rng.h"
#include "tests/support/command.h"

namespace understudy {
namespace {

using ::testing::HasSubstr;

TEST(Hex, EncodesInLowerCaseAndDecodesEither) {
  EXPECT_EQ(hex_encode(Bytes{0x00, 0xab, 0xff}), "00abff");
  EXPECT_EQ(hex_decode("00abFF").value(), (Bytes{0x00, 0xab, 0xff}));
  EXPECT_EQ(hex_encode({}), "");
  EXPECT_EQ(hex_decode("").value(), Bytes{});
}

TEST(Hex, RefusesOddLengthAndOtherCharacters) {
  EXPECT_EQ(hex_decode("abc").error().code, errc::invalid_argument);
  EXPECT_THAT(hex_decode("ab0g").error().message(), HasSubstr("offset 2"));
  EXPECT_FALSE(hex_decode("0x"));
  EXPECT_FALSE(hex_decode("a "));
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    EXPECT_EQ(to_text(base64_decode(encoded).value()), plain);
  }
}

TEST(Base64, DecodesWhatItEncodesForEveryLength) {
  Rng rng(1);
  for (std::size_t size = 0; size < 200; ++size) {
    const Bytes bytes = rng.bytes(size);
    EXPECT_EQ(base64_decode(base64_encode(bytes)).value(), bytes);
  }
}

TEST(Base64, SkipsWhiteSpaceAnywhere) {
  EXPECT_EQ(to_text(base64_decode("\n\tZm9v\r\n\tYm E\n =").value()), "fooba");
}

TEST(Base64, RefusesWhatIsNoBase64) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=",
                           "====", "Z===", "Zm9v=", "Zg==Zg==", "Zm9v!", "Zm-_", "Zm9v\xc3\xa9"}) {
    EXPECT_EQ(base64_decode(text).error().code, errc::invalid_argument) << text;
  }
  EXPECT_THAT(base64_decode("Zm9v!").error().message(), HasSubstr("offset 4"));
}

TEST(Base64, AgreesWithOpenssl) {
  if (!support::have_program("openssl")) GTEST_SKIP() << "openssl is not installed";
  const Bytes bytes = Rng(2).bytes(1000);
  const auto folded = support::run({"openssl", "base64"}, to_text(bytes));
  ASSERT_EQ(folded.status, 0);
  EXPECT_EQ(base64_decode(folded.out).value(), bytes);
  const auto back = support::run({"openssl", "base64", "-d", "-A"}, base64_encode(bytes));
  EXPECT_EQ(to_bytes(back.out), bytes);
}

TEST(Bytes, ViewsTheSameMemoryAsTextAndOctets) {
  const std::string text = "a\xff";
  EXPECT_EQ(to_bytes(as_bytes(text)), (Bytes{0x61, 0xff}));
  EXPECT_EQ(static_cast<const void*>(as_text(as_bytes(text)).data()), text.data());
}

TEST(Bytes, DecodesHexadecimalIntoExactlyTheRoomThereIs) {
  std::array<std::uint8_t, 2> octets{};
  EXPECT_TRUE(hex_decode_into("0aFf", octets));
  EXPECT_EQ(octets, (std::array<std::uint8_t, 2>{0x0a, 0xff}));
  for (const char* text : {"", "0a", "0aff0", "0aff00", "0aFg", "0a f"}) {
    EXPECT_FALSE(hex_decode_into(text, octets)) << text;
  }
}

}  // namespace
}  // namespace understudy
