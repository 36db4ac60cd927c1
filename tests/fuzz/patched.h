#pragma once

/// A way past signatures and keys that a fuzzer cannot guess: the input either *is* the message, or
/// says which octets to change in a valid one that the target made for itself.

#include <optional>
#include <vector>

#include "shared/core/bytes.h"

namespace understudy::fuzz {

/// First octet even: the rest is the message. Odd: the second octet chooses one of `valid`, and
/// each three octets after it are an offset (big-endian, modulo the size) and a value to XOR there.
inline Bytes patched(BytesView input, const std::vector<Bytes>& valid) {
  if (input.empty()) return {};
  if (input[0] % 2 == 0 || input.size() < 2) return to_bytes(input.subspan(1));
  Bytes message = valid[input[1] % valid.size()];
  for (std::size_t i = 2; i + 2 < input.size(); i += 3) {
    const std::size_t offset = static_cast<std::size_t>(input[i]) << 8 | input[i + 1];
    message[offset % message.size()] ^= input[i + 2];
  }
  return message;
}

}  // namespace understudy::fuzz
