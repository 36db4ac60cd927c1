#include <gmock/gmock.h>

#include <chrono>

#include "tests/unit/shared/plist/support.h"

namespace understudy::plist {
namespace {

using testing::Binary;
using ::testing::HasSubstr;
using testing::message;
using testing::octets;

std::string repeat(std::string_view piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

std::string nested_arrays(std::size_t depth) {
  return testing::document(repeat("<array>", depth) + repeat("</array>", depth));
}

Result<Value> read_within(const Limits& limits, const std::string& text) {
  ReadOptions options;
  options.limits = limits;
  return read(as_bytes(text), options);
}

TEST(Limits, HoldTheDepthOfXmlExactly) {
  Limits limits;
  limits.max_depth = 3;
  EXPECT_TRUE(read_within(limits, nested_arrays(3)));
  EXPECT_TRUE(read_within(limits, testing::document("<array><array><array><string>x</string>"
                                                    "</array></array></array>")));
  EXPECT_EQ(read_within(limits, nested_arrays(4)).error().code, errc::too_deep);
  limits.max_depth = 0;
  EXPECT_TRUE(read_within(limits, testing::document("<true/>")));
  EXPECT_EQ(read_within(limits, testing::document("<dict/>")).error().code, errc::too_deep);
}

TEST(Limits, RefuseAMillionLevelsBeforeATreeIsBuilt) {
  for (const char* open : {"<array>", "<dict><key>k</key>", "<a>", "<plist>"}) {
    const std::string text = repeat(open, 1'000'000);
    ReadOptions options;
    options.limits.max_bytes = text.size();
    options.limits.max_depth = 1'000'000'000;  // kMaxNesting holds whatever the caller says
    for (const Mode mode : {Mode::strict, Mode::tolerant}) {
      options.mode = mode;
      const auto result = read(as_bytes(text), options);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code, errc::too_deep) << message(result);
    }
  }
}

TEST(Limits, RefuseAHundredMegabytesBySizeAlone) {
  const Bytes body(100U * 1024 * 1024, '<');
  const auto before = std::chrono::steady_clock::now();
  const auto xml = read(body);
  const auto binary = read_binary(body);
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_EQ(xml.error().code, errc::too_large);
  EXPECT_EQ(binary.error().code, errc::too_large);
  EXPECT_THAT(message(xml), HasSubstr("104857600 bytes"));
  EXPECT_LT(took, std::chrono::milliseconds(20)) << "it looked at the bytes";
}

TEST(Limits, HoldTheCountOfXmlValuesAndKeysExactly) {
  Limits limits;
  limits.max_nodes = 3;
  const std::string fits = "<dict><key>k</key><true/></dict>";
  EXPECT_TRUE(read_within(limits, testing::document(fits)));
  const auto over = read_within(limits, testing::document("<array>" + fits + "</array>"));
  EXPECT_EQ(over.error().code, errc::too_many);
  EXPECT_THAT(message(over), HasSubstr("line 3, column 26"));
}

TEST(Limits, CountWhatElseMakesPugixmlAllocate) {
  Limits limits;
  limits.max_nodes = 100;
  for (const char* piece : {"<!---->", "<?a?>"}) {
    const auto result =
        read_within(limits, testing::document("<array>" + repeat(piece, 101) + "</array>"));
    EXPECT_EQ(result.error().code, errc::too_many) << piece;
  }
  const auto cdata = read_within(
      limits, testing::document("<string>" + repeat("<![CDATA[]]>", 101) + "</string>"));
  EXPECT_EQ(cdata.error().code, errc::too_many);
  const auto attributes = read_within(limits, "<plist" + repeat(" a=''", 100) + "><true/></plist>");
  EXPECT_THAT(message(attributes), HasSubstr("too many attributes"));
}

/// Object 0 holds object 1 twice, object 1 holds object 2 twice, and so on.
Binary doubling(std::size_t levels, const std::string& last) {
  Binary binary;
  for (std::size_t i = 1; i <= levels; ++i) {
    binary.objects.push_back("\xA2" + std::string(2, static_cast<char>(i)));
  }
  binary.objects.push_back(last);
  return binary;
}

TEST(Limits, CountSharedObjectsAtEachUse) {
  EXPECT_EQ(read_binary(doubling(3, "\x09").bytes()).value().if_array()->size(), 2U);
  const auto bomb = read_binary(doubling(60, "\x09").bytes());
  EXPECT_EQ(bomb.error().code, errc::too_many) << message(bomb);
}

TEST(Limits, CountSharedBytesAtEachUse) {
  const std::string data = octets("\x4F\x12\x00\x10\x00\x00") + std::string(0x100000, 'x');
  auto binary = doubling(5, data);
  binary.offset_size = 4;
  const auto bomb = read_binary(binary.bytes());  // 32 MB out of 1 MB
  EXPECT_EQ(bomb.error().code, errc::too_large) << message(bomb);
}

TEST(Limits, HoldTheDepthOfBinaryExactly) {
  Binary binary;
  for (int i = 1; i <= 4; ++i)
    binary.objects.push_back("\xA1" + std::string(1, static_cast<char>(i)));
  binary.objects.emplace_back("\x09");
  ReadOptions options;
  options.limits.max_depth = 4;
  EXPECT_TRUE(read_binary(binary.bytes(), options));
  options.limits.max_depth = 3;
  EXPECT_EQ(read_binary(binary.bytes(), options).error().code, errc::too_deep);
}

TEST(Limits, RefuseDeepBinaryWithoutRecursingIntoIt) {
  Binary binary;
  binary.ref_size = 4;
  binary.offset_size = 4;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) {
    std::string object = "\xA1";
    Binary::put(object, i, 4);
    binary.objects.push_back(std::move(object));
  }
  binary.objects.emplace_back("\x09");
  ReadOptions options;
  options.limits.max_depth = 1'000'000'000;
  EXPECT_EQ(read_binary(binary.bytes(), options).error().code, errc::too_deep);
}

TEST(Limits, RefuseAHugeCountBeforeReserving) {
  Binary binary;
  binary.objects = {octets("\xAF\x13\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("beyond"));
  binary.objects = {octets("\x4F\x13\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("beyond"));
}

TEST(Limits, KeepWritersFromNestingTooDeep) {
  Value value(1);
  for (std::size_t i = 0; i < kMaxNesting; ++i) value = Array{std::move(value)};
  EXPECT_TRUE(write_xml(value));
  EXPECT_TRUE(write_binary(value));
  value = Array{std::move(value)};
  EXPECT_EQ(write_xml(value).error().code, errc::unwritable);
  EXPECT_EQ(write_binary(value).error().code, errc::unwritable);
}

}  // namespace
}  // namespace understudy::plist
