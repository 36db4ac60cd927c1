#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <stdexcept>

#include "shared/crypto/key.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

const EVP_MD* fetch(const char* name) {
  const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
  if (algorithm == nullptr) throw std::runtime_error(std::string("OpenSSL has no ") + name);
  return algorithm;
}

}  // namespace

// Constants of the process: OpenSSL 3's implicit fetch takes locks each time. They live as long as
// the library, so they are never freed.
const EVP_MD* native_digest(Digest algorithm) {
  static const EVP_MD* const sha1 = fetch("SHA1");
  static const EVP_MD* const sha256 = fetch("SHA2-256");
  static const EVP_MD* const sha384 = fetch("SHA2-384");
  static const EVP_MD* const sha512 = fetch("SHA2-512");
  switch (algorithm) {
    case Digest::sha1:
      return sha1;
    case Digest::sha256:
      return sha256;
    case Digest::sha384:
      return sha384;
    case Digest::sha512:
      return sha512;
  }
  return sha256;
}

Digest digest_for(const EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) > 256 ? Digest::sha384
                                                                                  : Digest::sha256;
}

namespace {

Bytes digest_with(const EVP_MD* type, BytesView data) {
  Bytes value(static_cast<std::size_t>(EVP_MD_get_size(type)));
  if (EVP_Digest(data.data(), data.size(), value.data(), nullptr, type, nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute a digest");
  }
  return value;
}

}  // namespace

Bytes digest(Digest algorithm, BytesView data) {
  return digest_with(native_digest(algorithm), data);
}

Bytes md5(BytesView data) {
  return digest_with(EVP_md5(), data);
}

bool equal_in_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count);
  if (count > INT_MAX || RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  return bytes;
}

}  // namespace understudy::crypto
