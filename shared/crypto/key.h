#pragma once

/// Key pairs. Values are immutable, cheap to copy (shared), and safe to use from several threads.

#include <memory>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"
#include "shared/crypto/errc.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY; only crypto/ and net/ look inside

namespace understudy::crypto {

enum class KeyType { rsa_2048, rsa_3072, rsa_4096, p256, p384 };
enum class Digest { sha1, sha256, sha384, sha512 };

/// Digest of some bytes; never fails.
Bytes digest(Digest algorithm, BytesView data);
/// For SCEP's CAFingerprint, which old profiles give as MD5; nothing of ours signs with it.
Bytes md5(BytesView data);
/// Compares in time that depends on the length only (challenges, API keys, tokens).
bool equal_in_constant_time(BytesView a, BytesView b);
/// Bytes from OpenSSL's generator, for secrets; everything reproducible uses understudy::Rng.
Bytes random_bytes(std::size_t count);

class PublicKey {
 public:
  /// SubjectPublicKeyInfo. Errors: errc::malformed.
  static Result<PublicKey> from_der(BytesView der);
  Bytes der() const;
  std::string pem() const;
  bool is_rsa() const;
  int bits() const;
  /// RSA PKCS#1 v1.5 or ECDSA (DER) over `data`. False when it does not verify, whatever the cause.
  bool verify(Digest algorithm, BytesView data, BytesView signature) const;
  friend bool operator==(const PublicKey& a, const PublicKey& b);

  explicit PublicKey(std::shared_ptr<evp_pkey_st> native) : native_(std::move(native)) {}
  evp_pkey_st* native() const { return native_.get(); }

 private:
  std::shared_ptr<evp_pkey_st> native_;
};

class PrivateKey {
 public:
  /// RSA generation is slow (2048 bits: about 100 ms): keep it off an event loop.
  static Result<PrivateKey> generate(KeyType type);
  /// PKCS#8 or traditional PEM; `password` for an encrypted one.
  /// Errors: errc::malformed, errc::wrong_password.
  static Result<PrivateKey> from_pem(std::string_view pem, std::string_view password = "");
  static Result<PrivateKey> from_der(BytesView der);
  std::string pem() const;  ///< unencrypted PKCS#8
  Bytes der() const;        ///< unencrypted PKCS#8

  PublicKey public_key() const;
  bool is_rsa() const;
  int bits() const;
  /// RSA PKCS#1 v1.5 or ECDSA (DER). SHA-1 is allowed: the courier nonce needs it.
  Result<Bytes> sign(Digest algorithm, BytesView data) const;

  explicit PrivateKey(std::shared_ptr<evp_pkey_st> native) : native_(std::move(native)) {}
  evp_pkey_st* native() const { return native_.get(); }

 private:
  std::shared_ptr<evp_pkey_st> native_;
};

}  // namespace understudy::crypto
