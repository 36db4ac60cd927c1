#include <algorithm>

#include "shared/apns/messages.h"
#include "shared/crypto/key.h"

namespace understudy::apns {
namespace {

/// Collects fields in the order they are added; optional ones are left out when absent.
class Writer {
 public:
  explicit Writer(Command command) { frame_.command = command; }

  template <class Integer>
  Writer& integer(std::uint8_t id, Integer value) {
    Bytes bytes(sizeof(Integer));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(value >> (8 * (bytes.size() - 1 - i)));
    }
    return bytes_field(id, bytes);
  }
  template <class Integer>
  Writer& integer(std::uint8_t id, const std::optional<Integer>& value) {
    return value ? integer(id, *value) : *this;
  }
  Writer& bytes_field(std::uint8_t id, BytesView value) {
    Field& field = frame_.fields.emplace_back();
    field.id = id;
    field.value = to_bytes(value);
    return *this;
  }
  Writer& token(std::uint8_t id, const std::optional<Token>& value) {
    return value ? bytes_field(id, *value) : *this;
  }
  Writer& filled(std::uint8_t id, BytesView value) {
    return value.empty() ? *this : bytes_field(id, value);
  }
  Writer& filled(std::uint8_t id, const std::string& value) { return filled(id, as_bytes(value)); }
  Writer& topics(std::uint8_t id, const std::vector<TopicHash>& values) {
    for (const TopicHash& value : values) bytes_field(id, value);
    return *this;
  }
  Frame done() { return std::move(frame_); }

 private:
  Frame frame_;
};

}  // namespace

TopicHash topic_hash(std::string_view topic) {
  const Bytes digest = crypto::digest(crypto::Digest::sha1, as_bytes(topic));
  TopicHash hash{};
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

std::string token_hex(const Token& token) {
  return hex_encode(token);
}

Result<Token> token_from_hex(std::string_view hex) {
  Token token{};
  if (hex_decode_into(hex, token)) return token;
  return fail(errc::malformed, "device token: not 64 hexadecimal digits");
}

std::string token_label(const Token& token) {
  return hex_encode(BytesView(token).first(4));
}

Frame to_frame(const Connect& message) {
  return Writer(Command::connect)
      .token(0x01, message.token)
      .integer(0x02, message.state)
      .integer(0x05, message.flags)
      .integer(0x06, message.interface)
      .filled(0x08, message.carrier)
      .filled(0x09, message.os_version)
      .filled(0x0a, message.os_build)
      .filled(0x0b, message.model)
      .filled(0x0c, message.certificate)
      .filled(0x0d, message.nonce)
      .filled(0x0e, message.signature)
      .integer(0x10, message.protocol_version)
      .done();
}

Frame to_frame(const ConnectResponse& message) {
  return Writer(Command::connect_response)
      .integer(0x01, message.status)
      .token(0x03, message.token)
      .integer(0x04, message.max_message_size)
      .bytes_field(0x05, message.protocol)
      .bytes_field(0x06, message.capabilities)
      .integer(0x08, message.large_message_size)
      .integer(0x0a, message.server_time_ms)
      .done();
}

Frame to_frame(const Filter& message) {
  return Writer(Command::filter)
      .token(0x01, message.token)
      .topics(0x02, message.enabled)
      .topics(0x03, message.ignored)
      .topics(0x04, message.opportunistic)
      .topics(0x05, message.paused)
      .done();
}

Frame to_frame(const Notification& message) {
  const std::optional<std::uint8_t> nothing;
  const bool in_9 = message.flags_in_field_9;
  return Writer(Command::notification)
      .bytes_field(0x01, message.token)
      .bytes_field(0x02, message.topic)
      .bytes_field(0x03, message.payload)
      .integer(0x04, message.id)
      .integer(0x05, message.expiry)
      .integer(0x06, message.timestamp_ns)
      .integer(0x07, in_9 ? nothing : message.storage_flags)
      .integer(0x09, in_9 ? message.storage_flags : nothing)
      .integer(0x0d, message.priority)
      .done();
}

Frame to_frame(const Ack& message) {
  return Writer(Command::ack)
      .token(0x01, message.token)
      .integer(0x04, message.id)
      .integer(0x08, message.status)
      .done();
}

Frame to_frame(const KeepAlive& message) {
  return Writer(Command::keepalive)
      .filled(0x01, message.carrier)
      .filled(0x02, message.os_version)
      .filled(0x03, message.os_build)
      .filled(0x04, message.model)
      .integer(0x05, message.interval_minutes)
      .done();
}

Frame to_frame(const KeepAliveAck& message) {
  return Writer(Command::keepalive_ack).integer(0x01, message.status).done();
}

Frame to_frame(const NoStorage& message) {
  return Writer(Command::no_storage).bytes_field(0x01, message.token).done();
}

Frame to_frame(const AppTokenRequest& message) {
  return Writer(Command::app_token_request)
      .bytes_field(0x01, message.base)
      .bytes_field(0x02, message.topic)
      .done();
}

Frame to_frame(const AppTokenResponse& message) {
  return Writer(Command::app_token_response)
      .integer(0x01, message.status)
      .bytes_field(0x02, message.token)
      .bytes_field(0x03, message.topic)
      .done();
}

Frame to_frame(const SetState& message) {
  return Writer(Command::set_state)
      .integer(0x01, message.state)
      .integer(0x02, message.interval)
      .done();
}

}  // namespace understudy::apns
