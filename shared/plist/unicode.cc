#include "shared/plist/unicode.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace understudy::plist {
namespace {

struct Decoded {
  char32_t code_point = 0;
  std::size_t size = 0;  ///< 0: malformed
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

/// One code point at the start of `text`, which is not empty. Overlong forms, surrogates and what
/// lies above U+10FFFF are malformed (RFC 3629).
Decoded decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  char32_t code_point = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {};
    code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < kSmallest[size] || code_point > 0x10ffff || surrogate) return {};
  return {code_point, size};
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto tail = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80U | (code_point >> shift & 0x3fU)));
  };
  if (code_point < 0x80) {
    out.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out.push_back(static_cast<char>(0xc0U | code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out.push_back(static_cast<char>(0xe0U | code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0U | code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

bool fits(char32_t code_point, Charset charset) {
  if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff)) return false;
  if (charset == Charset::unicode) return true;
  if (charset == Charset::no_nul) return code_point != 0;
  if (code_point < 0x20) return code_point == '\t' || code_point == '\n' || code_point == '\r';
  return code_point != 0xfffe && code_point != 0xffff;
}

std::optional<Misfit> find_misfit(std::string_view text, Charset charset) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte >= 0x20 && byte < 0x80) || byte == '\n' || byte == '\t') {
      ++at;  // in every charset
      continue;
    }
    const Decoded one = decode(text.substr(at));
    if (one.size == 0) return Misfit{at, "bytes that are not UTF-8"};
    if (!fits(one.code_point, charset)) {
      std::array<char, 48> name{};
      std::snprintf(name.data(), name.size(), "the character U+%04X is not allowed",
                    static_cast<unsigned>(one.code_point));
      return Misfit{at, name.data()};
    }
    at += one.size;
  }
  return std::nullopt;
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);  // without a branch: vectorized
  return all < 0x80;
}

std::optional<std::string> utf8_from_utf16(BytesView units, bool big_endian) {
  if (units.size() % 2 != 0) return std::nullopt;
  const auto unit = [&](std::size_t i) {
    const std::uint32_t high = units[big_endian ? i : i + 1];
    return static_cast<char32_t>(high << 8 | units[big_endian ? i + 1 : i]);
  };
  std::string out;
  out.reserve(units.size());
  for (std::size_t i = 0; i < units.size(); i += 2) {
    char32_t code_point = unit(i);
    if (code_point >= 0xd800 && code_point <= 0xdfff) {
      if (code_point >= 0xdc00 || i + 2 >= units.size()) return std::nullopt;
      const char32_t low = unit(i + 2);
      if (low < 0xdc00 || low > 0xdfff) return std::nullopt;
      code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
      i += 2;
    }
    append_utf8(out, code_point);
  }
  return out;
}

Bytes utf16be_from_utf8(std::string_view text) {
  Bytes out;
  out.reserve(text.size() * 2);
  const auto put = [&](char32_t unit) {
    out.push_back(static_cast<std::uint8_t>(unit >> 8));
    out.push_back(static_cast<std::uint8_t>(unit));
  };
  for (std::size_t at = 0; at < text.size();) {
    const Decoded one = decode(text.substr(at));
    if (one.size == 0) break;
    at += one.size;
    if (one.code_point < 0x10000) {
      put(one.code_point);
    } else {
      put(0xd800 + ((one.code_point - 0x10000) >> 10));
      put(0xdc00 + ((one.code_point - 0x10000) & 0x3ff));
    }
  }
  return out;
}

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::string_view line = before.substr(line_start);
  const auto column =
      std::count_if(line.begin(), line.end(), [](char c) { return !is_continuation(c); });
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(column + 1);
}

}  // namespace understudy::plist
