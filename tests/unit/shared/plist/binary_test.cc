#include <gmock/gmock.h>

#include "tests/unit/shared/plist/support.h"

namespace understudy::plist {
namespace {

using testing::Binary;
using ::testing::HasSubstr;
using testing::message;
using testing::octets;
using testing::tolerant;

Result<Value> read_one(const std::string& object, const ReadOptions& options = {}) {
  Binary binary;
  binary.objects = {object};
  return read_binary(binary.bytes(), options);
}

TEST(BinaryRead, ReadsEveryScalar) {
  EXPECT_EQ(read_one("\x08").value(), Value(false));
  EXPECT_EQ(read_one("\x09").value(), Value(true));
  EXPECT_EQ(read_one("\x10\xFF").value(), Value(255));
  EXPECT_EQ(read_one(octets("\x11\xFF\x00")).value(), Value(0xff00));
  EXPECT_EQ(read_one("\x12\xFF\xFF\xFF\xFF").value(), Value(std::uint64_t{0xffffffff}));
  EXPECT_EQ(read_one("\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF").value(), Value(-1));
  EXPECT_EQ(read_one(octets("\x14\0\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")).value(),
            Value(~std::uint64_t{0}));
  EXPECT_EQ(read_one("\x14" + std::string(16, '\xFF')).value(), Value(-1));
  EXPECT_EQ(read_one(octets("\x22\x3F\x80\0\0")).value(), Value(1.0));
  EXPECT_EQ(read_one(octets("\x23\x3F\xF0\0\0\0\0\0\0")).value(), Value(1.0));
  EXPECT_EQ(read_one(octets("\x33\x3F\xF0\0\0\0\0\0\0")).value(), Value(Date{1}));
  EXPECT_EQ(read_one(octets("\x42\x00\x01")).value(), Value(Bytes{0, 1}));
  EXPECT_EQ(read_one("\x52hi").value(), Value("hi"));
  EXPECT_EQ(read_one(octets("\x62\xD8\x3D\xDC\xF1")).value(), Value("\xf0\x9f\x93\xb1"));
  EXPECT_EQ(read_one(octets("\x81\x01\x02")).value(), Value(Uid{0x102}));
}

TEST(BinaryRead, ReadsContainersAndSharedObjects) {
  Binary binary;
  binary.objects = {octets("\xA2\x01\x01"), octets("\xD1\x02\x03"), "\x51k",
                    octets("\x5F\x10\x10") + "sixteen letters."};
  const Dict inner{{"k", "sixteen letters."}};
  EXPECT_EQ(read_binary(binary.bytes()).value(), Value(Array{inner, inner}));
}

TEST(BinaryRead, ReadsTheTopObjectWhereverItIs) {
  Binary binary;
  binary.objects = {"\x08", "\x09"};
  binary.top = 1;
  EXPECT_EQ(read_binary(binary.bytes()).value(), Value(true));
  binary.offset_size = 8;
  binary.ref_size = 8;
  EXPECT_EQ(read(binary.bytes()).value(), Value(true));
}

TEST(BinaryRead, SaysWhereAndWhyWhenAnObjectIsWrong) {
  const auto expect = [](const std::string& object, const char* why) {
    EXPECT_THAT(message(read_one(object)), HasSubstr(why));
    EXPECT_THAT(message(read_one(object)), HasSubstr("offset 8"));
  };
  expect(octets("\x00"), "stands for nothing");  // null
  expect("\x0F", "stands for nothing");
  expect("\x71x", "stands for nothing");
  expect(octets("\xC1\x00"), "stands for nothing");  // a set
  expect("\x15" + std::string(32, '\0'), "more than 128 bits");
  expect(octets("\x14\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0"), "outside -2^63 to 2^64-1");
  expect("\x14" + std::string(8, '\xFF') + std::string(8, '\0'), "outside -2^63 to 2^64-1");
  expect(octets("\x21\0\0"), "neither 4 nor 8");
  expect(octets("\x32\0\0\0\0"), "other than 8");
  expect(octets("\x33\x7F\xF8\0\0\0\0\0\0"), "no number");
  expect("\x51\xE9", "ASCII string with other bytes");
  expect(octets("\x61\xD8\x3D"), "half a surrogate pair");
  expect(octets("\x62\xDC\xF1\x00\x41"), "half a surrogate pair");
  expect(octets("\x84\x01\0\0\0\0"), "uid above");
  expect("\x5F\x52", "no integer");
  expect(octets("\x5F\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01") + "a", "no integer");
  for (const char* cut : {"\x13\x01", "\x22\x01", "\x33\x01", "\x42\x01", "\x52x", "\x61x",
                          "\x83\x01", "\xA1", "\xD1\x01", "\x5F", "\x5F\x11\x01"}) {
    expect(cut, "beyond");
  }
}

TEST(BinaryRead, SaysWhereAndWhyWhenAContainerIsWrong) {
  Binary binary;
  binary.objects = {octets("\xA1\x05"), "\x09"};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("reference to object 5 of 2"));
  binary.objects = {octets("\xD1\x01\x01"), "\x09"};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("a key that is no string"));
  binary.objects = {octets("\xA1\x01"), octets("\xA1\x00")};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("contains itself"));
  binary.objects = {octets("\xD1\x01\x00"), "\x51k"};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("contains itself"));
  binary.objects = {octets("\xD2\x01\x01\x02\x03"), "\x51k", "\x08", "\x09"};
  EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr("duplicate key"));
  EXPECT_EQ(read_binary(binary.bytes(), tolerant()).value(), Value(Dict{{"k", true}}));
}

TEST(BinaryRead, SaysWhyWhenTheTrailerIsWrong) {
  const auto expect = [](const Binary& binary, const char* why) {
    EXPECT_THAT(message(read_binary(binary.bytes())), HasSubstr(why));
  };
  Binary good;
  good.objects = {"\x09"};
  ASSERT_TRUE(read_binary(good.bytes()));

  Binary binary = good;
  binary.top = 1;
  expect(binary, "top object does not exist");
  binary = good;
  binary.extra_count = 1;
  expect(binary, "does not fill");
  binary.extra_count = std::uint64_t{1} << 63;
  expect(binary, "does not fill");
  binary = good;
  binary.after_table = "x";
  expect(binary, "does not fill");
  binary = good;
  binary.ref_size = 0;
  expect(binary, "sizes are outside");
  binary.ref_size = 9;
  expect(binary, "sizes are outside");
  binary = good;
  binary.offset_size = 0;
  expect(binary, "sizes are outside");
  binary = good;
  binary.objects.clear();
  binary.before_table = "\x09";
  expect(binary, "outside");
  binary = good;
  binary.objects.assign(256, "\x09");
  binary.offset_size = 2;
  expect(binary, "references are too small");
  binary.ref_size = 2;
  EXPECT_TRUE(read_binary(binary.bytes()));
  binary.offset_size = 1;
  expect(binary, "offsets are too small");
}

TEST(BinaryRead, RefusesWhatIsCutOffAnywhere) {
  const Value value(Dict{{"k", Array{1, "text", Bytes{1, 2, 3}, 2.5}}, {"d", Date{1}}});
  const Bytes whole = write_binary(value).value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_binary(BytesView(whole).first(size))) << size;
  }
}

TEST(BinaryRead, SurvivesEveryChangedByte) {
  const Value value(Dict{{"k", Array{1, "text", Bytes{1, 2, 3}, 2.5}}, {"d", Date{1}}});
  const Bytes whole = write_binary(value).value();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1 << bit);
      const auto result = read(changed);
      if (!result) {
        ++refused;
        continue;
      }
      EXPECT_TRUE(write_binary(*result)) << at;
    }
  }
  EXPECT_GT(refused, whole.size());
}

TEST(BinaryRead, TakesOtherMinorVersionsOnlyWhenTolerant) {
  Binary binary;
  binary.objects = {"\x09"};
  binary.head = "bplist01";
  EXPECT_EQ(read(binary.bytes()).error().code, errc::not_a_plist);
  EXPECT_TRUE(read(binary.bytes(), tolerant()));
  binary.head = "bplist15";
  EXPECT_EQ(read(binary.bytes(), tolerant()).error().code, errc::not_a_plist);
}

std::string object_octets(const Value& value) {
  const Bytes whole = write_binary(value).value();
  return hex_encode(BytesView(whole).subspan(8, whole.size() - 8 - 32 - 1));
}

TEST(BinaryWrite, PicksTheFormsOfVersionZero) {
  EXPECT_EQ(object_octets(0), "1000");
  EXPECT_EQ(object_octets(255), "10ff");
  EXPECT_EQ(object_octets(256), "110100");
  EXPECT_EQ(object_octets(65536), "1200010000");
  EXPECT_EQ(object_octets(std::uint64_t{0xffffffff}), "12ffffffff");
  EXPECT_EQ(object_octets(std::uint64_t{0x100000000}), "130000000100000000");
  EXPECT_EQ(object_octets(-1), "13ffffffffffffffff");
  EXPECT_EQ(object_octets(std::uint64_t{1} << 63), "1400000000000000008000000000000000");
  EXPECT_EQ(object_octets(1.0), "233ff0000000000000");
  EXPECT_EQ(object_octets(Date{1}), "333ff0000000000000");
  EXPECT_EQ(object_octets("hi"), "526869");
  EXPECT_EQ(object_octets("\xc3\xa9"), "6100e9");
  EXPECT_EQ(object_octets(Bytes(15)), "4f100f" + std::string(30, '0'));
  EXPECT_EQ(object_octets(Uid{0x102}), "810102");
  EXPECT_EQ(object_octets(Array{}), "a0");
}

TEST(BinaryWrite, WritesEqualScalarsOnce) {
  const Value repeated(Array(100, Dict{{"some rather long key", "and a value for it, 5"}}));
  EXPECT_LT(write_binary(repeated).value().size(), 900U);
  EXPECT_EQ(read_binary(write_binary(repeated).value()).value(), repeated);
  // Equal to ==, and still two things.
  const Value zeros(Array{0.0, -0.0, 0, false, Date{0}});
  EXPECT_EQ(read_binary(write_binary(zeros).value()).value(), zeros);
}

TEST(BinaryWrite, RefusesWhatItCannotHold) {
  EXPECT_THAT(write_binary(Dict{{"k", "\xff"}}).error().message(), HasSubstr("key 'k'"));
  EXPECT_THAT(write_binary(Uid{~std::uint64_t{0}}).error().message(), HasSubstr("uid"));
}

}  // namespace
}  // namespace understudy::plist
