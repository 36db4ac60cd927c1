#include "shared/core/bytes.h"

#include <array>

#include "shared/core/errc.h"

namespace understudy {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kForeign = 0xff;
constexpr std::uint8_t kSpace = 0xfe;

constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kForeign);
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    table[static_cast<unsigned char>(kBase64[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char space : {' ', '\t', '\r', '\n'})
    table[static_cast<unsigned char>(space)] = kSpace;
  return table;
}
constexpr auto kBase64Values = base64_values();

constexpr std::array<std::int8_t, 256> hex_values() {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < kHex.size(); ++i) {
    table[static_cast<unsigned char>(kHex[i])] = static_cast<std::int8_t>(i);
    if (i >= 10)
      table[static_cast<unsigned char>(kHex[i] - 'a' + 'A')] = static_cast<std::int8_t>(i);
  }
  return table;
}
constexpr auto kHexValues = hex_values();

int hex_value(char c) {
  return kHexValues[static_cast<unsigned char>(c)];
}

}  // namespace

std::string hex_encode(BytesView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 0xf]);
  }
  return text;
}

Result<Bytes> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0)
    return fail(errc::invalid_argument, "hexadecimal text has an odd length");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return fail(errc::invalid_argument,
                  "offset " + std::to_string(i) + ": not a hexadecimal digit");
    }
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

bool hex_decode_into(std::string_view text, std::span<std::uint8_t> octets) {
  if (text.size() != 2 * octets.size()) return false;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    octets[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string base64_encode(BytesView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  std::size_t i = 0;
  std::size_t at = 0;
  for (; i + 2 < bytes.size(); i += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                static_cast<std::uint32_t>(bytes[i + 1]) << 8 | bytes[i + 2];
    for (const int shift : {18, 12, 6, 0}) text[at++] = kBase64[group >> shift & 0x3f];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return text;
  std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16;
  if (rest == 2) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
  text[at++] = kBase64[group >> 18 & 0x3f];
  text[at++] = kBase64[group >> 12 & 0x3f];
  if (rest == 2) text[at] = kBase64[group >> 6 & 0x3f];
  return text;
}

Result<Bytes> base64_decode(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  int in_group = 0;
  int padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '=') {
      if (in_group < 2 || ++padding + in_group > 4) {
        return fail(errc::invalid_argument,
                    "base64 offset " + std::to_string(i) + ": stray padding");
      }
      continue;
    }
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kSpace) continue;
    if (value == kForeign || padding > 0) {
      return fail(errc::invalid_argument,
                  "base64 offset " + std::to_string(i) +
                      (padding > 0 ? ": text after padding" : ": character outside the alphabet"));
    }
    group = group << 6 | value;
    if (++in_group == 4) {
      bytes.push_back(static_cast<std::uint8_t>(group >> 16));
      bytes.push_back(static_cast<std::uint8_t>(group >> 8));
      bytes.push_back(static_cast<std::uint8_t>(group));
      group = 0;
      in_group = 0;
    }
  }
  if (in_group == 0) return bytes;
  if (in_group + padding != 4)
    return fail(errc::invalid_argument, "base64 text ends inside a group");
  group <<= 6 * padding;
  bytes.push_back(static_cast<std::uint8_t>(group >> 16));
  if (padding == 1) bytes.push_back(static_cast<std::uint8_t>(group >> 8));
  return bytes;
}

}  // namespace understudy
