#include "shared/apns/frame.h"

#include <algorithm>
#include <limits>

namespace understudy::apns {
namespace {

constexpr std::size_t kFrameHeader = 5;
constexpr std::size_t kFieldHeader = 3;
/// An idle connection keeps no more buffer than this: there are tens of thousands of them.
constexpr std::size_t kKeptCapacity = 512;

std::size_t read_be(BytesView bytes) {
  std::size_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

void append_be(Bytes& out, std::size_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::string command_label(std::uint8_t command) {
  return "courier frame 0x" + hex_encode(BytesView(&command, 1));
}

Result<std::vector<Field>> parse_fields(std::uint8_t command, BytesView body) {
  std::vector<Field> fields;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t left = body.size() - at;
    const std::size_t length = left < kFieldHeader ? 0 : read_be(body.subspan(at + 1, 2));
    if (left < kFieldHeader || left - kFieldHeader < length) {
      return fail(errc::malformed, command_label(command) + ": the field at offset " +
                                       std::to_string(at) + " runs over the frame's end");
    }
    Field& field = fields.emplace_back();
    field.id = body[at];
    field.value = to_bytes(body.subspan(at + kFieldHeader, length));
    at += kFieldHeader + length;
  }
  return fields;
}

}  // namespace

const Field* Frame::find(std::uint8_t id) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [id](const Field& field) { return field.id == id; });
  return found == fields.end() ? nullptr : &*found;
}

Result<Bytes> encode(const Frame& frame) {
  std::size_t length = 0;
  for (const Field& field : frame.fields) {
    if (field.value.size() > std::numeric_limits<std::uint16_t>::max()) {
      return fail(errc::field_too_large, command_label(static_cast<std::uint8_t>(frame.command)) +
                                             ", field " + std::to_string(field.id) + ": " +
                                             std::to_string(field.value.size()) +
                                             " octets, at most 65535 can be written");
    }
    length += kFieldHeader + field.value.size();
  }
  Bytes out;
  out.reserve(kFrameHeader + length);
  out.push_back(static_cast<std::uint8_t>(frame.command));
  append_be(out, length, 4);
  for (const Field& field : frame.fields) {
    out.push_back(field.id);
    append_be(out, field.value.size(), 2);
    out.insert(out.end(), field.value.begin(), field.value.end());
  }
  return out;
}

void FrameParser::feed(BytesView bytes) {
  if (read_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(read_));
    read_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Frame>> FrameParser::next() {
  const BytesView waiting = BytesView(buffer_).subspan(read_);
  if (waiting.size() < kFrameHeader) return std::nullopt;
  const std::size_t length = read_be(waiting.subspan(1, 4));
  if (length > max_length_) {
    return fail(errc::frame_too_large, command_label(waiting[0]) + " announces " +
                                           std::to_string(length) + " octets, at most " +
                                           std::to_string(max_length_) + " are taken");
  }
  if (waiting.size() - kFrameHeader < length) return std::nullopt;
  UNDERSTUDY_TRY(auto fields, parse_fields(waiting[0], waiting.subspan(kFrameHeader, length)));
  Frame frame;
  frame.command = static_cast<Command>(waiting[0]);
  frame.fields = std::move(fields);
  read_ += kFrameHeader + length;
  if (read_ == buffer_.size()) {
    buffer_.clear();
    read_ = 0;
    if (buffer_.capacity() > kKeptCapacity) buffer_.shrink_to_fit();
  }
  return frame;
}

}  // namespace understudy::apns

std::string understudy::ErrcTraits<understudy::apns::errc>::describe(apns::errc code) {
  switch (code) {
    case apns::errc::frame_too_large:
      return "frame over the limit";
    case apns::errc::malformed:
      return "malformed";
    case apns::errc::field_too_large:
      return "field over the limit";
    case apns::errc::refused:
      return "refused by the courier";
    case apns::errc::untrusted:
      return "identity not proven";
  }
  return "unknown error";
}
