#include <algorithm>

#include "shared/apns/messages.h"

namespace understudy::apns {
namespace {

/// Reads fields by id. The first wrong width or missing field is kept, and `finish` reports it, so
/// that a message reads as one plain list of its fields.
class Reader {
 public:
  Reader(const Frame& frame, Command wanted, const char* name) : frame_(frame), name_(name) {
    if (frame.command != wanted) problem_ = "is another command's frame";
  }

  template <class Integer>
  bool integer(std::uint8_t id, Integer& into) {
    const Field* field = frame_.find(id);
    if (field == nullptr || !width(*field, sizeof(Integer))) return false;
    std::uint64_t value = 0;
    for (const std::uint8_t byte : field->value) value = value << 8 | byte;
    into = static_cast<Integer>(value);
    return true;
  }
  template <class Integer>
  void integer(std::uint8_t id, std::optional<Integer>& into) {
    Integer value = 0;
    if (integer(id, value)) into = value;
  }
  template <std::size_t N>
  bool array(std::uint8_t id, std::array<std::uint8_t, N>& into) {
    const Field* field = frame_.find(id);
    if (field == nullptr || !width(*field, N)) return false;
    std::copy(field->value.begin(), field->value.end(), into.begin());
    return true;
  }
  void token(std::uint8_t id, std::optional<Token>& into) {
    Token value{};
    if (array(id, value)) into = value;
  }
  void topics(std::uint8_t id, std::vector<TopicHash>& into) {
    for (const Field& field : frame_.fields) {
      if (field.id != id || !width(field, TopicHash{}.size())) continue;
      std::copy(field.value.begin(), field.value.end(), into.emplace_back().begin());
    }
  }
  bool bytes(std::uint8_t id, Bytes& into) {
    const Field* field = frame_.find(id);
    if (field != nullptr) into = field->value;
    return field != nullptr;
  }
  void text(std::uint8_t id, std::string& into) {
    if (const Field* field = frame_.find(id)) into = to_text(field->value);
  }
  void need(std::uint8_t id, bool present) {
    if (!present) set_problem("field " + std::to_string(id) + " is missing");
  }
  Result<void> finish() const {
    if (problem_.empty()) return {};
    return fail(errc::malformed, std::string("courier ") + name_ + ": " + problem_);
  }

 private:
  bool width(const Field& field, std::size_t wanted) {
    if (field.value.size() == wanted) return true;
    set_problem("field " + std::to_string(field.id) + " has " + std::to_string(field.value.size()) +
                " octets instead of " + std::to_string(wanted));
    return false;
  }
  void set_problem(std::string text) {
    if (problem_.empty()) problem_ = std::move(text);
  }

  const Frame& frame_;
  const char* name_;
  std::string problem_;
};

/// iOS 5 wrote the interval as digits, other clients as u16; a u16 that looks like two digits would
/// be over eight days, so the two cannot be confused. Any other form is left alone.
std::optional<std::uint16_t> keepalive_interval(const Frame& frame) {
  const Field* field = frame.find(0x05);
  if (field == nullptr || field->value.empty() || field->value.size() > 4) return std::nullopt;
  const auto& value = field->value;
  if (std::all_of(value.begin(), value.end(),
                  [](std::uint8_t c) { return c >= '0' && c <= '9'; })) {
    return static_cast<std::uint16_t>(std::stoi(to_text(value)));
  }
  if (value.size() != 2) return std::nullopt;
  return static_cast<std::uint16_t>(value[0] << 8 | value[1]);
}

}  // namespace

Result<Connect> parse_connect(const Frame& frame) {
  Reader reader(frame, Command::connect, "Connect");
  Connect message;
  message.state = message.interface = 0;
  message.flags = 0;
  message.protocol_version = 0;
  reader.token(0x01, message.token);
  reader.integer(0x02, message.state);
  reader.integer(0x05, message.flags);
  reader.integer(0x06, message.interface);
  reader.text(0x08, message.carrier);
  reader.text(0x09, message.os_version);
  reader.text(0x0a, message.os_build);
  reader.text(0x0b, message.model);
  reader.bytes(0x0c, message.certificate);
  reader.bytes(0x0d, message.nonce);
  reader.bytes(0x0e, message.signature);
  reader.integer(0x10, message.protocol_version);
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<ConnectResponse> parse_connect_response(const Frame& frame) {
  Reader reader(frame, Command::connect_response, "connect response");
  ConnectResponse message;
  reader.need(0x01, reader.integer(0x01, message.status));
  reader.token(0x03, message.token);
  reader.integer(0x04, message.max_message_size);
  reader.bytes(0x05, message.protocol);
  reader.bytes(0x06, message.capabilities);
  reader.integer(0x08, message.large_message_size);
  reader.integer(0x0a, message.server_time_ms);
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<Filter> parse_filter(const Frame& frame) {
  Reader reader(frame, Command::filter, "Filter");
  Filter message;
  reader.token(0x01, message.token);
  reader.topics(0x02, message.enabled);
  reader.topics(0x03, message.ignored);
  reader.topics(0x04, message.opportunistic);
  reader.topics(0x05, message.paused);
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<Notification> parse_notification(const Frame& frame) {
  Reader reader(frame, Command::notification, "Notification");
  Notification message;
  reader.need(0x01, reader.array(0x01, message.token));
  reader.need(0x02, reader.array(0x02, message.topic));
  reader.need(0x03, reader.bytes(0x03, message.payload));
  reader.need(0x04, reader.integer(0x04, message.id));
  reader.integer(0x05, message.expiry);
  reader.integer(0x06, message.timestamp_ns);
  reader.integer(0x07, message.storage_flags);
  reader.integer(0x0d, message.priority);
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<Ack> parse_ack(const Frame& frame) {
  Reader reader(frame, Command::ack, "Ack");
  Ack message;
  reader.token(0x01, message.token);
  reader.need(0x04, reader.integer(0x04, message.id));
  reader.need(0x08, reader.integer(0x08, message.status));
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<KeepAlive> parse_keepalive(const Frame& frame) {
  Reader reader(frame, Command::keepalive, "keepalive");
  KeepAlive message;
  reader.text(0x01, message.carrier);
  reader.text(0x02, message.os_version);
  reader.text(0x03, message.os_build);
  reader.text(0x04, message.model);
  UNDERSTUDY_CHECK(reader.finish());
  message.interval_minutes = keepalive_interval(frame);
  return message;
}

Result<KeepAliveAck> parse_keepalive_ack(const Frame& frame) {
  Reader reader(frame, Command::keepalive_ack, "keepalive ack");
  KeepAliveAck message;
  reader.integer(0x01, message.status);
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<NoStorage> parse_no_storage(const Frame& frame) {
  Reader reader(frame, Command::no_storage, "NoStorage");
  NoStorage message;
  reader.need(0x01, reader.array(0x01, message.token));
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<AppTokenRequest> parse_app_token_request(const Frame& frame) {
  Reader reader(frame, Command::app_token_request, "app token request");
  AppTokenRequest message;
  reader.need(0x01, reader.array(0x01, message.base));
  reader.need(0x02, reader.array(0x02, message.topic));
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<AppTokenResponse> parse_app_token_response(const Frame& frame) {
  Reader reader(frame, Command::app_token_response, "app token response");
  AppTokenResponse message;
  reader.need(0x01, reader.integer(0x01, message.status));
  reader.need(0x02, reader.array(0x02, message.token));
  reader.need(0x03, reader.array(0x03, message.topic));
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

Result<SetState> parse_set_state(const Frame& frame) {
  Reader reader(frame, Command::set_state, "set state");
  SetState message;
  reader.need(0x01, reader.integer(0x01, message.state));
  reader.integer(0x02, message.interval);
  UNDERSTUDY_CHECK(reader.finish());
  return message;
}

}  // namespace understudy::apns
