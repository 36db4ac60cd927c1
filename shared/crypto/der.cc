#include "shared/crypto/der.h"

#include <charconv>

namespace understudy::crypto::der {
namespace {

constexpr std::size_t kLongForm = 0x80;
constexpr std::size_t kLongestHeader = 2 + sizeof(std::size_t);

std::size_t size_of(std::initializer_list<BytesView> parts) {
  std::size_t size = 0;
  for (const BytesView part : parts) size += part.size();
  return size;
}

void append(Bytes& to, std::initializer_list<BytesView> parts) {
  for (const BytesView part : parts) to.insert(to.end(), part.begin(), part.end());
}

void append_length(Bytes& to, std::size_t size) {
  if (size < kLongForm) {
    to.push_back(static_cast<std::uint8_t>(size));
    return;
  }
  std::size_t octets = 1;
  while (octets < sizeof(size) && size >> (8 * octets) != 0) ++octets;
  to.push_back(static_cast<std::uint8_t>(kLongForm | octets));
  while (octets-- > 0) to.push_back(static_cast<std::uint8_t>(size >> (8 * octets) & 0xff));
}

}  // namespace

Bytes element(Tag tag, std::initializer_list<BytesView> parts) {
  const std::size_t size = size_of(parts);
  Bytes der;
  der.reserve(kLongestHeader + size);
  der.push_back(static_cast<std::uint8_t>(tag));
  append_length(der, size);
  append(der, parts);
  return der;
}

Bytes element(Tag tag, BytesView content) {
  return element(tag, {content});
}

Bytes indefinite(Tag tag, std::initializer_list<BytesView> parts) {
  Bytes ber;
  ber.reserve(4 + size_of(parts));
  ber.push_back(static_cast<std::uint8_t>(tag));
  ber.push_back(kLongForm);
  append(ber, parts);
  ber.insert(ber.end(), 2, 0);
  return ber;
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

}  // namespace understudy::crypto::der
