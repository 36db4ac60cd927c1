#pragma once

/// Octets, and their text forms. Text (XML, JSON, header values) is std::string; everything else is
/// Bytes.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"

namespace understudy {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// The same memory seen as octets or as text; no copy, so the source must outlive the view.
inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}
inline Bytes to_bytes(BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}
inline std::string to_text(BytesView bytes) {
  return std::string(as_text(bytes));
}

/// Lower-case hexadecimal.
std::string hex_encode(BytesView bytes);
/// Either case. Errors: errc::invalid_argument for an odd length or another character.
Result<Bytes> hex_decode(std::string_view text);
/// Whether `text` is hexadecimal for exactly as many octets as there is room for.
bool hex_decode_into(std::string_view text, std::span<std::uint8_t> octets);

/// RFC 4648 base64 with padding, no line breaks.
std::string base64_encode(BytesView bytes);
/// Skips ASCII white space (Apple's plist data is folded). Errors: errc::invalid_argument for any
/// other foreign character, wrong padding, or a length that is no multiple of four.
Result<Bytes> base64_decode(std::string_view text);

}  // namespace understudy
