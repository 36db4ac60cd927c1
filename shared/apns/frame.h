#pragma once

/// The courier byte stream, plain TLV framing of apns-security-v2 and -v3. No I/O.
///
///   frame = command:u8 length:u32be field*     field = id:u8 length:u16be value
///
/// Source: docs/protocol/courier.md (observed; Apple publishes no specification).

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::apns {

enum class errc {
  frame_too_large =
      1,      ///< announces more than the limit: the stream cannot be resynchronized, close it
  malformed,  ///< a field runs over its frame, or a needed field is missing or of a wrong width
  field_too_large,  ///< a value over 65,535 octets cannot be written
  refused,          ///< the courier answered Connect with a status other than 0
  untrusted,        ///< nonce or signature do not fit the certificate
};

enum class Command : std::uint8_t {
  connect = 0x07,
  connect_response = 0x08,
  filter = 0x09,
  notification = 0x0a,
  ack = 0x0b,
  keepalive = 0x0c,
  keepalive_ack = 0x0d,
  no_storage = 0x0e,
  flush = 0x0f,
  flush_response = 0x10,
  app_token_request = 0x11,
  app_token_response = 0x12,
  set_active_interval = 0x13,
  set_state = 0x14,
};

struct Field {
  std::uint8_t id = 0;
  Bytes value;
  friend bool operator==(const Field&, const Field&) = default;
};

/// One frame with its fields in order; commands and ids this library does not know are kept.
struct Frame {
  Command command{};
  std::vector<Field> fields;

  /// The first field with that id, or null.
  const Field* find(std::uint8_t id) const;
  friend bool operator==(const Frame&, const Frame&) = default;
};

/// Errors: errc::field_too_large.
Result<Bytes> encode(const Frame& frame);

/// Incremental, for pieces of any size. Holds at most one frame of `max_length` plus one piece.
class FrameParser {
 public:
  static constexpr std::size_t kDefaultMaxLength = std::size_t{64} * 1024;
  explicit FrameParser(std::size_t max_length = kDefaultMaxLength) : max_length_(max_length) {}

  void feed(BytesView bytes);
  /// The next whole frame; nullopt while more bytes are needed. After an error: close the stream.
  Result<std::optional<Frame>> next();
  /// Octets waiting for the rest of their frame.
  std::size_t buffered() const { return buffer_.size() - read_; }

 private:
  std::size_t max_length_;
  Bytes buffer_;
  std::size_t read_ = 0;
};

}  // namespace understudy::apns

template <>
struct understudy::ErrcTraits<understudy::apns::errc> {
  static constexpr const char* kName = "apns";
  static std::string describe(apns::errc code);
};
template <>
struct std::is_error_code_enum<understudy::apns::errc> : std::true_type {};
namespace understudy::apns {
UNDERSTUDY_ERRC(errc)
}
