#include "shared/crypto/pkcs12.h"

#include <openssl/provider.h>

#include <algorithm>

#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

/// A library context of its own with the legacy algorithms, current for this thread while it lives:
/// the rest of the process never sees RC2.
class LegacyScope {
 public:
  LegacyScope() : context_(OSSL_LIB_CTX_new()) {
    base_.reset(OSSL_PROVIDER_load(context_.get(), "default"));
    legacy_.reset(OSSL_PROVIDER_load(context_.get(), "legacy"));
    if (available()) before_ = OSSL_LIB_CTX_set0_default(context_.get());
  }
  LegacyScope(const LegacyScope&) = delete;
  LegacyScope& operator=(const LegacyScope&) = delete;
  LegacyScope(LegacyScope&&) = delete;
  LegacyScope& operator=(LegacyScope&&) = delete;
  ~LegacyScope() {
    if (available()) OSSL_LIB_CTX_set0_default(before_);
  }
  bool available() const { return context_ && base_ && legacy_; }

 private:
  Owned<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  Owned<OSSL_PROVIDER, OSSL_PROVIDER_unload> base_;
  Owned<OSSL_PROVIDER, OSSL_PROVIDER_unload> legacy_;
  OSSL_LIB_CTX* before_ = nullptr;
};

/// What a file holds, as DER: nothing in it belongs to a library context any more.
struct Contents {
  Bytes key;
  std::vector<Bytes> certificates;  ///< the key's own first, where the file says which it is
};

/// Nothing when the file cannot be opened; the reason is in the error queue.
std::optional<Contents> open(PKCS12* file, const std::string& password) {
  EVP_PKEY* key = nullptr;
  X509* own = nullptr;
  STACK_OF(X509)* others = nullptr;
  const int opened = PKCS12_parse(file, password.c_str(), &key, &own, &others);
  const PkeyPtr key_owner(key);
  const X509Ptr own_owner(own);
  const X509ListPtr others_owner(others);
  if (opened != 1) return std::nullopt;
  Contents contents;
  if (key != nullptr) {
    const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(key));
    contents.key = to_der(info.get(), i2d_PKCS8_PRIV_KEY_INFO);
  }
  if (own != nullptr) contents.certificates.push_back(to_der(own, i2d_X509));
  for (int i = 0; i < sk_X509_num(others); ++i) {
    contents.certificates.push_back(to_der(sk_X509_value(others, i), i2d_X509));
  }
  return contents;
}

Result<Identity> to_identity(const Contents& contents) {
  if (contents.key.empty() || contents.certificates.empty()) {
    return fail(errc::malformed, "PKCS#12 file: it lacks a key or a certificate",
                "export the key together with its certificate");
  }
  UNDERSTUDY_TRY(PrivateKey key, PrivateKey::from_der(contents.key));
  std::vector<Certificate> certificates;
  for (const Bytes& der : contents.certificates) {
    UNDERSTUDY_TRY(Certificate certificate, Certificate::from_der(der));
    certificates.push_back(std::move(certificate));
  }
  const auto own = std::ranges::find_if(certificates, [&](const Certificate& certificate) {
    return X509_check_private_key(certificate.native(), key.native()) == 1;
  });
  if (own == certificates.end()) {
    return fail(errc::malformed, "PKCS#12 file: none of its certificates is over its key",
                "export the key together with its certificate");
  }
  Certificate certificate = *own;
  certificates.erase(own);
  return Identity{std::move(key), std::move(certificate), std::move(certificates)};
}

/// The password as PKCS#12 knows it: none and the empty one differ in the file, not for people.
bool mac_verifies(PKCS12* file, const std::string& password) {
  return PKCS12_verify_mac(file, password.c_str(), -1) == 1 ||
         (password.empty() && PKCS12_verify_mac(file, nullptr, 0) == 1);
}

}  // namespace

Result<Identity> read_pkcs12(BytesView file, std::string_view password) {
  const ErrorQueue queue;
  const std::string what = "PKCS#12 file of " + size_text(file);
  const std::string text(password);
  {
    const auto native = from_der<Pkcs12Ptr>(file, d2i_PKCS12);
    if (!native) return openssl_fail(errc::malformed, what, "give a .p12 or .pfx file");
    if (PKCS12_mac_present(native.get()) == 1 && !mac_verifies(native.get(), text)) {
      return openssl_fail(errc::wrong_password, what, "check the password");
    }
    ERR_clear_error();
    if (const auto contents = open(native.get(), text)) return to_identity(*contents);
  }
  std::optional<Contents> contents;
  {
    // Old files (RC2 with 40 bits) need algorithms that the default context does not have.
    const LegacyScope legacy;
    if (legacy.available()) {
      const auto native = from_der<Pkcs12Ptr>(file, d2i_PKCS12);
      if (native) contents = open(native.get(), text);
    }
  }
  if (contents) return to_identity(*contents);
  return openssl_fail(errc::unsupported, what + ": cannot be decrypted",
                      "export it again with AES (openssl pkcs12 -export)");
}

Result<Bytes> write_pkcs12(const Identity& identity, std::string_view password,
                           std::string_view friendly_name) {
  const ErrorQueue queue;
  const X509ListPtr chain = native_list(identity.chain);
  const std::string name(friendly_name);
  // Zeros: OpenSSL 3's own choices, which are AES-256-CBC, PBKDF2 and HMAC-SHA-256.
  const Pkcs12Ptr file(PKCS12_create(std::string(password).c_str(),
                                     name.empty() ? nullptr : name.c_str(), identity.key.native(),
                                     identity.certificate.native(), chain.get(), 0, 0, 0, 0, 0));
  if (!file) {
    return openssl_fail(
        errc::failed, "writing a PKCS#12 file for '" + identity.certificate.subject().text() + "'");
  }
  return to_der(file.get(), i2d_PKCS12);
}

}  // namespace understudy::crypto
