#pragma once

/// Private to scep/: the little DER that SCEP adds around what crypto/ writes and reads.

#include <optional>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"

namespace understudy::scep::der {

enum class Tag : std::uint8_t {
  octet_string = 0x04,
  utf8_string = 0x0c,
  printable_string = 0x13,
  ia5_string = 0x16,
  sequence = 0x30
};

/// Tag, length, content.
Bytes element(Tag tag, BytesView content);
inline Bytes printable(std::string_view text) {
  return element(Tag::printable_string, as_bytes(text));
}

/// The content of an element that is exactly these octets; nothing when it has another tag or does
/// not fit. A view of `der`.
std::optional<BytesView> content(Tag tag, BytesView der);
/// PrintableString, UTF8String or IA5String.
std::optional<std::string> text(BytesView der);
/// Such a text that is a decimal number of at most three digits.
std::optional<int> number(BytesView der);

}  // namespace understudy::scep::der
