#pragma once

/// UTF-8 and UTF-16, as far as property lists need them.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"

namespace understudy::plist {

enum class Charset {
  unicode,  ///< any well-formed UTF-8
  no_nul,   ///< the same without U+0000
  xml,      ///< the characters of XML 1.0: no control character but tab, LF and CR
};

struct Misfit {
  std::size_t at = 0;  ///< bytes into the text
  std::string why;
};

/// The first place where `text` is no UTF-8 or leaves `charset`; nothing when all is well.
std::optional<Misfit> find_misfit(std::string_view text, Charset charset);
/// Whether a code point may stand in a text of that charset.
bool fits(char32_t code_point, Charset charset);
bool is_ascii(std::string_view text);

/// Nothing for an odd length or a surrogate without its other half.
std::optional<std::string> utf8_from_utf16(BytesView units, bool big_endian);
/// `text` must be well-formed UTF-8.
Bytes utf16be_from_utf8(std::string_view text);

/// "line 4, column 7", both from 1, columns in code points; for people.
std::string place(std::string_view text, std::size_t offset);

}  // namespace understudy::plist
