#define OPENSSL_SUPPRESS_DEPRECATED  // RAND_METHOD: a provider of our own would be the other way

#include "tests/bench/seeded_keys.h"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>

#include "shared/core/rng.h"

namespace understudy::bench {
namespace {

thread_local std::optional<Rng> seeded;  ///< while this thread makes a key

int give(unsigned char* out, int size) {
  if (!seeded) return RAND_OpenSSL()->bytes(out, size);
  std::ranges::copy(seeded->bytes(static_cast<std::size_t>(size)), out);
  return 1;
}

int is_ready() {
  return 1;
}

const RAND_METHOD kMethod = {nullptr, give, nullptr, nullptr, give, is_ready};

}  // namespace

SeededKeys::SeededKeys() {
  RAND_set_rand_method(&kMethod);
}

SeededKeys::~SeededKeys() {
  RAND_set_rand_method(nullptr);
}

Result<crypto::PrivateKey> SeededKeys::next(crypto::KeyType type) {
  seeded.emplace(made_++);
  auto key = crypto::PrivateKey::generate(type);
  seeded.reset();
  return key;
}

}  // namespace understudy::bench
