#pragma once

/// RSA keys by number: how long one takes to make is a matter of luck (a factor of ten), so what is
/// compared makes the same ones.

#include <atomic>

#include "shared/crypto/key.h"

namespace understudy::bench {

/// From any thread. While one exists, OpenSSL's generator is seeded where a key is being made.
class SeededKeys {
 public:
  SeededKeys();
  SeededKeys(const SeededKeys&) = delete;
  SeededKeys& operator=(const SeededKeys&) = delete;
  ~SeededKeys();
  /// The next one of the list, which begins anew with each object.
  Result<crypto::PrivateKey> next(crypto::KeyType type);

 private:
  std::atomic<std::uint64_t> made_ = 0;
};

}  // namespace understudy::bench
