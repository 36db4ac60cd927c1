#pragma once

/// Randomness as a port. One seed makes the same devices, tokens and faults again; keys are the
/// exception, they come from OpenSSL and differ in each run.

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string_view>

#include "shared/core/bytes.h"

namespace understudy {

/// Not thread-safe: one a thread, or one an object (see `derive`).
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : seed_(seed), engine_(seed) {}
  /// Seeded by the operating system.
  static Rng from_system();

  std::uint64_t seed() const { return seed_; }
  /// An independent generator that depends on this one's seed and the label only, not on how often
  /// this one was used: the same device gets the same numbers whatever the others do.
  Rng derive(std::string_view label) const;

  std::uint64_t next() { return engine_(); }
  /// Uniform in [0, bound); bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double fraction();
  Bytes bytes(std::size_t count);
  void fill(std::span<std::uint8_t> out);
  /// RFC 4122 version 4 in upper case, as Apple writes them.
  std::string uuid();

 private:
  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace understudy
