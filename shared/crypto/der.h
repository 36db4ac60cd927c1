#pragma once

/// The little DER that CMS signing and SCEP put around what OpenSSL writes and reads.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"

namespace understudy::crypto::der {

enum class Tag : std::uint8_t {
  integer = 0x02,
  octet_string = 0x04,
  utf8_string = 0x0c,
  printable_string = 0x13,
  ia5_string = 0x16,
  constructed_octet_string = 0x24,  ///< BER: its content is OCTET STRINGs
  sequence = 0x30,
  set = 0x31,
  context_0 = 0xa0
};

/// Tag, length, content.
Bytes element(Tag tag, BytesView content);
/// The same with the parts one after the other as its content.
Bytes element(Tag tag, std::initializer_list<BytesView> parts);
/// BER: of indefinite length, ended by two zero octets. The tag is a constructed one.
Bytes indefinite(Tag tag, std::initializer_list<BytesView> parts);
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

}  // namespace understudy::crypto::der
