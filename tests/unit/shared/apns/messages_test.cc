#include "shared/apns/messages.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/apns/golden.h"

namespace understudy::apns {
namespace {

using golden::app_token;
using golden::base_token;

template <class Message>
std::string hex_of(const Message& message) {
  return hex_encode(encode_message(message).value());
}

Frame frame_of(std::string_view hex) {
  FrameParser parser;
  parser.feed(hex_decode(hex).value());
  return parser.next().value().value();
}

/// The frame with one field's value replaced.
Frame with(Frame frame, std::uint8_t id, const Bytes& value) {
  for (Field& field : frame.fields) {
    if (field.id == id) field.value = value;
  }
  return frame;
}

Frame without(Frame frame, std::uint8_t id) {
  std::erase_if(frame.fields, [id](const Field& field) { return field.id == id; });
  return frame;
}

TEST(TopicHash, IsSha1OfTheName) {
  EXPECT_EQ(hex_encode(topic_hash(golden::kTopic)), golden::kTopicHash);
  EXPECT_EQ(hex_encode(topic_hash("com.apple.madrid")), "e4e6d952954168d0a5db02dbaf27cc35fc18d159");
}

TEST(Token, HasItsTextForms) {
  const std::string hex = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
  EXPECT_EQ(token_hex(app_token()), hex);
  EXPECT_EQ(token_from_hex(hex).value(), app_token());
  EXPECT_EQ(token_label(app_token()), "20212223");
  for (const std::string& bad : {hex.substr(2), hex + "00", "zz" + hex.substr(2), std::string()}) {
    EXPECT_EQ(token_from_hex(bad).error().code, make_error_code(errc::malformed)) << bad;
  }
}

TEST(Messages, WriteTheGoldenVectors) {
  EXPECT_EQ(hex_of(KeepAlive{}), golden::kKeepAlive);
  EXPECT_EQ(hex_of(KeepAliveAck{}), golden::kKeepAliveAck);
  EXPECT_EQ(hex_of(KeepAliveAck{.status = 0}), golden::kKeepAliveAckStatus);
  EXPECT_EQ(hex_of(SetState{}), golden::kSetState);
  EXPECT_EQ(hex_of(Filter{.token = base_token(),
                          .enabled = {topic_hash(golden::kTopic)},
                          .ignored = {},
                          .opportunistic = {},
                          .paused = {}}),
            golden::kFilter);
  EXPECT_EQ(hex_of(AppTokenRequest{base_token(), topic_hash(golden::kTopic)}),
            golden::kAppTokenRequest);
  EXPECT_EQ(hex_of(AppTokenResponse{0, app_token(), topic_hash(golden::kTopic)}),
            golden::kAppTokenResponse);
  EXPECT_EQ(hex_of(NoStorage{base_token()}), golden::kNoStorage);
  EXPECT_EQ(hex_of(Ack{app_token(), 1, 0}), golden::kAck);

  ConnectResponse response;
  response.token = base_token();
  response.server_time_ms = 1'700'000'000'000;
  EXPECT_EQ(hex_of(response), golden::kConnectResponse);

  Notification push;
  push.token = app_token();
  push.topic = topic_hash(golden::kTopic);
  push.payload = to_bytes(golden::kPayload);
  push.id = 1;
  push.expiry = 0xffffffff;
  push.timestamp_ns = 1'700'000'000'000'000'000;
  push.storage_flags = 0;
  push.priority = 10;
  EXPECT_EQ(hex_of(push), golden::kNotification);
}

TEST(Messages, ReadTheGoldenVectors) {
  EXPECT_TRUE(parse_keepalive(frame_of(golden::kKeepAlive)));
  EXPECT_EQ(parse_keepalive_ack(frame_of(golden::kKeepAliveAck)).value().status, std::nullopt);
  EXPECT_EQ(parse_keepalive_ack(frame_of(golden::kKeepAliveAckStatus)).value().status, 0);
  EXPECT_EQ(parse_set_state(frame_of(golden::kSetState)).value().interval, 0x7fffffffU);
  const auto filter = parse_filter(frame_of(golden::kFilter)).value();
  EXPECT_EQ(filter.token, base_token());
  EXPECT_EQ(filter.enabled, std::vector{topic_hash(golden::kTopic)});
  EXPECT_EQ(parse_app_token_request(frame_of(golden::kAppTokenRequest)).value().base, base_token());
  EXPECT_EQ(parse_app_token_response(frame_of(golden::kAppTokenResponse)).value().token,
            app_token());
  EXPECT_EQ(parse_no_storage(frame_of(golden::kNoStorage)).value().token, base_token());
  EXPECT_EQ(parse_ack(frame_of(golden::kAck)).value().id, 1U);
  const auto response = parse_connect_response(frame_of(golden::kConnectResponse)).value();
  EXPECT_EQ(response.token, base_token());
  EXPECT_EQ(response.server_time_ms, 1'700'000'000'000U);
  EXPECT_EQ(response.large_message_size, 15360);
  const auto push = parse_notification(frame_of(golden::kNotification)).value();
  EXPECT_EQ(to_text(push.payload), golden::kPayload);
  EXPECT_EQ(push.timestamp_ns, 1'700'000'000'000'000'000U);
  EXPECT_EQ(push.expiry, 0xffffffffU);
  EXPECT_EQ(push.storage_flags, 0);
  EXPECT_EQ(push.priority, 10);
}

TEST(Messages, ConnectRoundTripsWhole) {
  Connect message;
  message.token = base_token();
  message.flags = 0x45;
  message.carrier = "WiFi";
  message.os_version = "18.1";
  message.os_build = "22B83";
  message.model = "iPhone16,1";
  message.certificate = {0x30, 0x00};
  message.nonce = Bytes(17);
  message.signature = {1, 1, 9};
  const auto read = parse_connect(frame_of(hex_of(message))).value();
  EXPECT_EQ(read.token, message.token);
  EXPECT_EQ(read.flags, message.flags);
  EXPECT_EQ(read.model, message.model);
  EXPECT_EQ(read.certificate, message.certificate);
  EXPECT_EQ(read.signature, message.signature);
  EXPECT_EQ(read.protocol_version, message.protocol_version);
  EXPECT_EQ(hex_of(read), hex_of(message));
}

TEST(Messages, RefuseAWrongWidthNamingTheField) {
  const Frame push = frame_of(golden::kNotification);
  for (const int number : {0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x0d}) {
    const auto id = static_cast<std::uint8_t>(number);
    const auto read = parse_notification(with(push, id, Bytes(3)));
    ASSERT_FALSE(read) << int{id};
    EXPECT_EQ(read.error().code, make_error_code(errc::malformed));
    EXPECT_NE(read.error().message().find("field " + std::to_string(id) + " has 3 octets"),
              std::string::npos)
        << read.error().message();
  }
  EXPECT_FALSE(parse_filter(with(frame_of(golden::kFilter), 0x02, Bytes(19))));
  EXPECT_FALSE(parse_filter(with(frame_of(golden::kFilter), 0x01, Bytes(31))));
  EXPECT_FALSE(parse_ack(with(frame_of(golden::kAck), 0x08, {})));
  EXPECT_FALSE(parse_connect_response(with(frame_of(golden::kConnectResponse), 0x0a, Bytes(4))));
  EXPECT_FALSE(parse_app_token_request(with(frame_of(golden::kAppTokenRequest), 0x02, Bytes(32))));
}

TEST(Messages, RefuseAMissingFieldAndAnotherCommand) {
  for (const int number : {0x01, 0x02, 0x03, 0x04}) {
    const auto id = static_cast<std::uint8_t>(number);
    EXPECT_FALSE(parse_notification(without(frame_of(golden::kNotification), id))) << int{id};
  }
  EXPECT_FALSE(parse_ack(without(frame_of(golden::kAck), 0x04)));
  EXPECT_FALSE(parse_connect_response(without(frame_of(golden::kConnectResponse), 0x01)));
  EXPECT_FALSE(parse_no_storage(without(frame_of(golden::kNoStorage), 0x01)));
  EXPECT_FALSE(parse_ack(frame_of(golden::kNotification)));
  EXPECT_FALSE(parse_filter(frame_of(golden::kAppTokenRequest)));
}

TEST(Messages, IgnoreFieldsTheyDoNotKnow) {
  Frame frame = frame_of(golden::kAck);
  frame.fields.insert(frame.fields.begin(), Field{0x77, Bytes(40)});
  frame.fields.push_back(Field{0x06, {}});
  EXPECT_EQ(parse_ack(frame).value().id, 1U);
}

TEST(Messages, AckWithoutTokenIsLegal) {
  EXPECT_EQ(parse_ack(without(frame_of(golden::kAck), 0x01)).value().token, std::nullopt);
}

TEST(Messages, KeepAliveIntervalIsReadAsDigitsAndAsNumber) {
  Frame frame;
  frame.command = Command::keepalive;
  frame.fields = {Field{0x05, {'1', '5'}}};
  EXPECT_EQ(parse_keepalive(frame).value().interval_minutes, 15);
  frame.fields[0].value = {0x00, 0x14};
  EXPECT_EQ(parse_keepalive(frame).value().interval_minutes, 20);
  frame.fields[0].value = Bytes(7, 'x');
  EXPECT_EQ(parse_keepalive(frame).value().interval_minutes, std::nullopt);
  EXPECT_EQ(parse_keepalive(frame_of(hex_of(KeepAlive{"WiFi", "1", "2", "3", 20})))
                .value()
                .interval_minutes,
            20);
}

}  // namespace
}  // namespace understudy::apns
