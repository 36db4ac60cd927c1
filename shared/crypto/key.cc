#include "shared/crypto/key.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

struct Password {
  std::string_view text;
  bool asked = false;  ///< OpenSSL wanted it, so the key is encrypted
};

int give_password(char* buffer, int size, int /*writing*/, void* user) {
  auto* password = static_cast<Password*>(user);
  password->asked = true;
  if (password->text.empty() || password->text.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(password->text, buffer);
  return static_cast<int>(password->text.size());
}

Result<PrivateKey> usable(PkeyPtr key) {
  const int type = EVP_PKEY_get_base_id(key.get());
  const bool rsa = type == EVP_PKEY_RSA && EVP_PKEY_get_bits(key.get()) >= 1024;
  if (!rsa && type != EVP_PKEY_EC) {
    return fail(errc::unsupported, "the private key is of another kind",
                "use RSA of 1024 bits or more, P-256 or P-384");
  }
  return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

}  // namespace

Result<PublicKey> PublicKey::from_der(BytesView der) {
  const ErrorQueue queue;
  auto key = crypto::from_der<PkeyPtr>(der, d2i_PUBKEY);
  if (!key) return openssl_fail(errc::malformed, "public key of " + size_text(der));
  return PublicKey(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

Bytes PublicKey::der() const {
  const ErrorQueue queue;
  return to_der(native(), i2d_PUBKEY);
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  const ErrorQueue queue;
  return a.native_ == b.native_ ||
         (a.native_ && b.native_ && EVP_PKEY_eq(a.native(), b.native()) == 1);
}

std::string PublicKey::pem() const {
  const ErrorQueue queue;
  const BioPtr bio = write_bio();
  PEM_write_bio_PUBKEY(bio.get(), native());
  return take_text(bio.get());
}

bool PublicKey::is_rsa() const {
  return native_ && EVP_PKEY_get_base_id(native()) == EVP_PKEY_RSA;
}

int PublicKey::bits() const {
  return native_ ? EVP_PKEY_get_bits(native()) : 0;
}

bool PublicKey::verify(Digest algorithm, BytesView data, BytesView signature) const {
  const ErrorQueue queue;
  const DigestContextPtr context(EVP_MD_CTX_new());
  return native_ && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, native_digest(algorithm), nullptr,
                              native()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                          data.size()) == 1;
}

Result<PrivateKey> PrivateKey::generate(KeyType type) {
  const ErrorQueue queue;
  PkeyPtr key;
  switch (type) {
    case KeyType::rsa_2048:
      key.reset(EVP_RSA_gen(2048));
      break;
    case KeyType::rsa_3072:
      key.reset(EVP_RSA_gen(3072));
      break;
    case KeyType::rsa_4096:
      key.reset(EVP_RSA_gen(4096));
      break;
    case KeyType::p256:
      key.reset(EVP_EC_gen("P-256"));
      break;
    case KeyType::p384:
      key.reset(EVP_EC_gen("P-384"));
      break;
  }
  if (!key) return openssl_fail(errc::failed, "generating a key");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, std::string_view password) {
  const ErrorQueue queue;
  const BioPtr bio = read_bio(pem);
  Password given{password};
  PkeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, give_password, &given) : nullptr);
  if (key) return usable(std::move(key));
  if (given.asked) {
    return openssl_fail(errc::wrong_password, "encrypted private key (PEM)",
                        password.empty() ? "it needs a password" : "check the password");
  }
  return openssl_fail(errc::malformed, "private key (PEM, " + size_text(as_bytes(pem)) + ")");
}

namespace {

/// OpenSSL 3 tries one decoder after the other on a PKCS#8 key, and takes longer than a signature;
/// the RSA key inside it, asked for by its name, takes a quarter. Null: it is something else.
PkeyPtr rsa_from_pkcs8(BytesView der) {
  const unsigned char* at = der.data();
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  const ASN1_OBJECT* algorithm = nullptr;
  int size = 0;
  const bool is_whole = info && at == der.data() + der.size();
  if (!is_whole || PKCS8_pkey_get0(&algorithm, &at, &size, nullptr, info.get()) != 1 ||
      OBJ_obj2nid(algorithm) != NID_rsaEncryption) {
    return nullptr;
  }
  return PkeyPtr(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, size));
}

}  // namespace

Result<PrivateKey> PrivateKey::from_der(BytesView der) {
  const ErrorQueue queue;
  auto key = rsa_from_pkcs8(der);
  if (!key) key = crypto::from_der<PkeyPtr>(der, d2i_AutoPrivateKey);
  if (!key) return openssl_fail(errc::malformed, "private key (DER, " + size_text(der) + ")");
  return usable(std::move(key));
}

std::string PrivateKey::pem() const {
  const ErrorQueue queue;
  const BioPtr bio = write_bio();
  PEM_write_bio_PKCS8PrivateKey(bio.get(), native(), nullptr, nullptr, 0, nullptr, nullptr);
  return take_text(bio.get());
}

Bytes PrivateKey::der() const {
  const ErrorQueue queue;
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(native()));
  return to_der(info.get(), i2d_PKCS8_PRIV_KEY_INFO);
}

PublicKey PrivateKey::public_key() const {
  // The pair holds the public half; PublicKey has no way to reach the private one.
  return PublicKey(native_);
}

bool PrivateKey::is_rsa() const {
  return EVP_PKEY_get_base_id(native()) == EVP_PKEY_RSA;
}

int PrivateKey::bits() const {
  return EVP_PKEY_get_bits(native());
}

Result<Bytes> PrivateKey::sign(Digest algorithm, BytesView data) const {
  const ErrorQueue queue;
  const DigestContextPtr context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(std::max(EVP_PKEY_get_size(native()), 0));
  Bytes signature(size);
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, native_digest(algorithm), nullptr, native()) !=
          1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) != 1) {
    return openssl_fail(errc::failed, "signing " + size_text(data));
  }
  signature.resize(size);
  return signature;
}

}  // namespace understudy::crypto
