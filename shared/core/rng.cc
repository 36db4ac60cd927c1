#include "shared/core/rng.h"

#include <array>
#include <limits>

namespace understudy {
namespace {

/// FNV-1a, then the finalizer of splitmix64: short labels must not give neighboring seeds.
std::uint64_t mix(std::uint64_t seed, std::string_view label) {
  std::uint64_t hash = 0xcbf29ce484222325U ^ seed;
  for (const char c : label) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111ebU;
  return hash ^ hash >> 31;
}

}  // namespace

Rng Rng::from_system() {
  std::random_device device;
  return Rng(static_cast<std::uint64_t>(device()) << 32 | device());
}

Rng Rng::derive(std::string_view label) const {
  return Rng(mix(seed_, label));
}

std::uint64_t Rng::below(std::uint64_t bound) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t limit = kMax - kMax % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

double Rng::fraction() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

void Rng::fill(std::span<std::uint8_t> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) word = next();
    out[i] = static_cast<std::uint8_t>(word);
    word >>= 8;
  }
}

Bytes Rng::bytes(std::size_t count) {
  Bytes out(count);
  fill(out);
  return out;
}

std::string Rng::uuid() {
  std::array<std::uint8_t, 16> raw{};
  fill(raw);
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0f) | 0x40);
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3f) | 0x80);
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t octet : raw) {
    if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
    text[at++] = "0123456789ABCDEF"[octet >> 4];
    text[at++] = "0123456789ABCDEF"[octet & 0xf];
  }
  return text;
}

}  // namespace understudy
