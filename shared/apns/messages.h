#pragma once

/// The courier's messages as plain structs, to and from frames. Widths are binding: a field of a
/// wrong width is errc::malformed; unknown fields are ignored. Source: docs/protocol/courier.md.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/apns/frame.h"

namespace understudy::apns {

using Token = std::array<std::uint8_t, 32>;      ///< base or app token, opaque
using TopicHash = std::array<std::uint8_t, 20>;  ///< SHA-1 of the topic's name

TopicHash topic_hash(std::string_view topic);
/// Lower-case hexadecimal, 64 digits, as in the provider API's path.
std::string token_hex(const Token& token);
/// Errors: errc::malformed unless 64 hexadecimal digits.
Result<Token> token_from_hex(std::string_view hex);
/// The first eight digits: how a token is named in logs.
std::string token_label(const Token& token);

struct Connect {
  std::optional<Token> token;  ///< cached base token; absent on first connect
  std::uint8_t state = 1;
  std::uint32_t flags = 0x41;
  std::uint8_t interface = 1;  ///< 1 = Wi-Fi
  std::string carrier, os_version, os_build, model;
  Bytes certificate;  ///< DER, v3
  Bytes nonce;        ///< 17 octets
  Bytes signature;    ///< 01 01, then RSA PKCS#1 v1.5 with SHA-1 over the nonce
  std::uint16_t protocol_version = 11;
};

struct ConnectResponse {
  std::uint8_t status = 0;     ///< 0 ok, 2 refused
  std::optional<Token> token;  ///< absent when the cached one was accepted
  std::uint16_t max_message_size = 4096;
  Bytes protocol = {0x00, 0x02};
  Bytes capabilities = {0x00, 0x00, 0x30};
  std::uint16_t large_message_size = 15360;
  std::uint64_t server_time_ms = 0;
};

struct Filter {
  std::optional<Token> token;
  std::vector<TopicHash> enabled, ignored, opportunistic, paused;
};

struct Notification {
  Token token{};
  TopicHash topic{};
  Bytes payload;
  std::uint32_t id = 0;
  std::optional<std::uint32_t> expiry;        ///< Unix seconds; 0xffffffff: none
  std::optional<std::uint64_t> timestamp_ns;  ///< Unix nanoseconds
  std::optional<std::uint8_t> storage_flags;  ///< field 7: 1 from storage, 2 the last of them
  bool flags_in_field_9 = false;  ///< written there instead: sources disagree; not set by reading
  std::optional<std::uint8_t> priority;  ///< 10 or 5
};

struct Ack {
  std::optional<Token> token;
  std::uint32_t id = 0;
  std::uint8_t status = 0;
};

struct KeepAlive {
  std::string carrier, os_version, os_build, model;  ///< all optional; an empty frame is legal
  std::optional<std::uint16_t> interval_minutes;
};
struct KeepAliveAck {
  std::optional<std::uint8_t> status;
};
struct NoStorage {
  Token token{};
};
struct AppTokenRequest {
  Token base{};
  TopicHash topic{};
};
struct AppTokenResponse {
  std::uint8_t status = 0;
  Token token{};
  TopicHash topic{};
};
struct SetState {
  std::uint8_t state = 1;
  std::uint32_t interval = 0x7fffffff;
};

Frame to_frame(const Connect& message);
Frame to_frame(const ConnectResponse& message);
Frame to_frame(const Filter& message);
Frame to_frame(const Notification& message);
Frame to_frame(const Ack& message);
Frame to_frame(const KeepAlive& message);
Frame to_frame(const KeepAliveAck& message);
Frame to_frame(const NoStorage& message);
Frame to_frame(const AppTokenRequest& message);
Frame to_frame(const AppTokenResponse& message);
Frame to_frame(const SetState& message);

/// Each checks the command too. Errors: errc::malformed, naming the field.
Result<Connect> parse_connect(const Frame& frame);
Result<ConnectResponse> parse_connect_response(const Frame& frame);
Result<Filter> parse_filter(const Frame& frame);
Result<Notification> parse_notification(const Frame& frame);
Result<Ack> parse_ack(const Frame& frame);
Result<KeepAlive> parse_keepalive(const Frame& frame);
Result<KeepAliveAck> parse_keepalive_ack(const Frame& frame);
Result<NoStorage> parse_no_storage(const Frame& frame);
Result<AppTokenRequest> parse_app_token_request(const Frame& frame);
Result<AppTokenResponse> parse_app_token_response(const Frame& frame);
Result<SetState> parse_set_state(const Frame& frame);

/// The frame in octets. Errors: errc::field_too_large.
template <class Message>
Result<Bytes> encode_message(const Message& message) {
  return encode(to_frame(message));
}

}  // namespace understudy::apns
