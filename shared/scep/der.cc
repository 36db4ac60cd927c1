#include "shared/scep/der.h"

#include <charconv>

namespace understudy::scep::der {
namespace {

constexpr std::size_t kLongForm = 0x80;

}  // namespace

Bytes element(Tag tag, BytesView content) {
  Bytes der{static_cast<std::uint8_t>(tag)};
  const std::size_t size = content.size();
  if (size < kLongForm) {
    der.push_back(static_cast<std::uint8_t>(size));
  } else {
    Bytes length;
    for (std::size_t rest = size; rest != 0; rest >>= 8) {
      length.insert(length.begin(), static_cast<std::uint8_t>(rest & 0xff));
    }
    der.push_back(static_cast<std::uint8_t>(kLongForm | length.size()));
    der.insert(der.end(), length.begin(), length.end());
  }
  der.insert(der.end(), content.begin(), content.end());
  return der;
}

std::optional<BytesView> content(Tag tag, BytesView der) {
  if (der.size() < 2 || der[0] != static_cast<std::uint8_t>(tag)) return std::nullopt;
  std::size_t size = der[1];
  std::size_t header = 2;
  if (size >= kLongForm) {
    const std::size_t count = size - kLongForm;
    if (count == 0 || count > 4 || der.size() < header + count) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < count; ++i) size = size << 8 | der[header + i];
    header += count;
  }
  if (der.size() - header != size) return std::nullopt;
  return der.subspan(header);
}

std::optional<std::string> text(BytesView der) {
  for (const Tag tag : {Tag::printable_string, Tag::utf8_string, Tag::ia5_string}) {
    if (const auto found = content(tag, der)) return to_text(*found);
  }
  return std::nullopt;
}

std::optional<int> number(BytesView der) {
  const auto digits = text(der);
  if (!digits || digits->empty() || digits->size() > 3) return std::nullopt;
  int value = 0;
  const char* end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace understudy::scep::der
