#include "shared/apns/frame.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/apns/golden.h"

namespace understudy::apns {
namespace {

Bytes raw(std::string_view hex) {
  return hex_decode(hex).value();
}

Frame frame_of(std::uint8_t command, std::vector<Field> fields) {
  Frame frame;
  frame.command = static_cast<Command>(command);
  frame.fields = std::move(fields);
  return frame;
}

TEST(Frame, RoundTripsEveryGoldenVector) {
  for (const std::string_view vector :
       {golden::kKeepAlive, golden::kKeepAliveAck, golden::kKeepAliveAckStatus, golden::kSetState,
        golden::kFilter, golden::kAppTokenRequest, golden::kAppTokenResponse,
        golden::kConnectResponse, golden::kNoStorage, golden::kNotification, golden::kAck}) {
    FrameParser parser;
    parser.feed(raw(vector));
    const auto frame = parser.next();
    ASSERT_TRUE(frame && *frame) << vector;
    EXPECT_EQ(hex_encode(encode(**frame).value()), vector);
    EXPECT_EQ(parser.buffered(), 0U);
  }
}

TEST(FrameParser, GivesTheSameFramesWhereverTheStreamIsSplit) {
  Bytes stream = raw(golden::kNotification);
  const Bytes second = raw(golden::kAck);
  stream.insert(stream.end(), second.begin(), second.end());
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    FrameParser parser;
    std::vector<std::string> seen;
    for (const BytesView piece :
         {BytesView(stream).first(split), BytesView(stream).subspan(split)}) {
      parser.feed(piece);
      for (;;) {
        const auto frame = parser.next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        seen.push_back(hex_encode(encode(**frame).value()));
      }
    }
    ASSERT_EQ(seen.size(), 2U) << "split at " << split;
    EXPECT_EQ(seen[0], golden::kNotification);
    EXPECT_EQ(seen[1], golden::kAck);
  }
}

TEST(FrameParser, WaitsForTheLastOctetWhenFedOneByOne) {
  const Bytes stream = raw(golden::kFilter);
  FrameParser parser;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    parser.feed(BytesView(stream).subspan(i, 1));
    const auto frame = parser.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->has_value(), i + 1 == stream.size());
  }
}

TEST(FrameParser, FailsAtOnceWhenAFrameAnnouncesFourGibibytes) {
  FrameParser parser;
  parser.feed(raw("0affffffff"));
  const auto frame = parser.next();
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, make_error_code(errc::frame_too_large));
  EXPECT_NE(frame.error().message().find("4294967295"), std::string::npos);
  EXPECT_EQ(parser.buffered(), 5U);
  EXPECT_FALSE(parser.next()) << "the stream cannot come back";
}

TEST(FrameParser, TakesAFrameOfExactlyTheLimitAndNoneAbove) {
  const Bytes at_limit = encode(frame_of(0x0a, {{3, Bytes(7)}})).value();
  const Bytes above = encode(frame_of(0x0a, {{3, Bytes(8)}})).value();
  FrameParser parser(10);
  parser.feed(at_limit);
  EXPECT_TRUE(parser.next().value());
  parser.feed(above);
  EXPECT_EQ(parser.next().error().code, make_error_code(errc::frame_too_large));
}

TEST(FrameParser, FailsWhenAFieldRunsOverItsFrame) {
  for (const std::string_view bad : {
           "0a0000000103",        // an identifier only
           "0a000000020300",      // half a length
           "0a0000000403000201",  // two octets announced, one there
           "0a0000000403ffff01",
       }) {
    FrameParser parser;
    parser.feed(raw(bad));
    const auto frame = parser.next();
    ASSERT_FALSE(frame) << bad;
    EXPECT_EQ(frame.error().code, make_error_code(errc::malformed)) << bad;
    EXPECT_FALSE(parser.next());
  }
}

TEST(FrameParser, KeepsUnknownCommandsAndFieldsAndEmptyValues) {
  FrameParser parser;
  parser.feed(raw("99000000087a00000a000201027a"));
  const auto frame = parser.next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ(static_cast<int>((*frame)->command), 0x99);
  ASSERT_EQ((*frame)->fields.size(), 2U);
  EXPECT_TRUE((*frame)->fields[0].value.empty());
  EXPECT_EQ((*frame)->find(0x0a)->value, (Bytes{1, 2}));
  EXPECT_EQ((*frame)->find(0x55), nullptr);
  EXPECT_EQ(parser.buffered(), 1U);
}

TEST(Frame, RefusesToWriteAValueOver65535Octets) {
  EXPECT_TRUE(encode(frame_of(0x0a, {{3, Bytes(65535)}})));
  const auto encoded = encode(frame_of(0x0a, {{3, Bytes(65536)}}));
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, make_error_code(errc::field_too_large));
}

}  // namespace
}  // namespace understudy::apns
