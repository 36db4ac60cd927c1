#pragma once

/// Private to crypto/: ownership of OpenSSL's structures, and its error queue as our Error.

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <climits>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"
#include "shared/core/clock.h"
#include "shared/crypto/certificate.h"

namespace understudy::crypto {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;

inline void free_certificates(STACK_OF(X509) * list) {
  sk_X509_pop_free(list, X509_free);
}
inline void free_extensions(STACK_OF(X509_EXTENSION) * list) {
  sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}
inline void free_text(void* text) {
  OPENSSL_free(text);
}

using BioPtr = Owned<BIO, BIO_free_all>;
using CmsPtr = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;
using DigestContextPtr = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using ExtensionPtr = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using ExtensionsPtr = Owned<STACK_OF(X509_EXTENSION), free_extensions>;
using GeneralNamesPtr = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using NamePtr = Owned<X509_NAME, X509_NAME_free>;
using ObjectPtr = Owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using Pkcs12Ptr = Owned<PKCS12, PKCS12_free>;
using PkeyPtr = Owned<EVP_PKEY, EVP_PKEY_free>;
using RequestPtr = Owned<X509_REQ, X509_REQ_free>;
using TypePtr = Owned<ASN1_TYPE, ASN1_TYPE_free>;
using X509Ptr = Owned<X509, X509_free>;
using X509ListPtr = Owned<STACK_OF(X509), free_certificates>;

/// Empties the thread's error queue when it is made and when it goes: no function sees the errors
/// of another, none leaves its own behind.
struct ErrorQueue {
  ErrorQueue() { ERR_clear_error(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ErrorQueue(ErrorQueue&&) = delete;
  ErrorQueue& operator=(ErrorQueue&&) = delete;
  ~ErrorQueue() { ERR_clear_error(); }
};

/// Our Error with the reason of the *first* error of the queue (the ones after it only say who
/// passed it on); empties the queue. Reasons are constant texts of OpenSSL: no secret is in them.
tl::unexpected<Error> openssl_fail(errc code, std::string context, std::string hint = "",
                                   std::source_location where = std::source_location::current());

/// OpenSSL's descriptor of a digest, fetched once in the life of the process.
const EVP_MD* native_digest(Digest algorithm);
/// The digest a key signs certificates and requests with.
Digest digest_for(const EVP_PKEY* key);

/// A read-only view; `data` must outlive it. Null when larger than 2 GiB.
BioPtr read_bio(BytesView data);
inline BioPtr read_bio(std::string_view text) {
  return read_bio(as_bytes(text));
}
BioPtr write_bio();
Bytes take_bytes(BIO* bio);
std::string take_text(BIO* bio);

/// The DER form by one of OpenSSL's i2d functions; empty on failure.
template <class T, class Encode>
Bytes to_der(const T* object, Encode encode) {
  const int size = object == nullptr ? -1 : encode(object, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* out = der.data();
  encode(object, &out);
  return der;
}

/// The object of one DER (or BER) element by one of OpenSSL's d2i functions; null when it does not
/// parse or octets are left over.
template <class Ptr, class Decode>
Ptr from_der(BytesView der, Decode decode) {
  if (der.empty() || der.size() > INT_MAX) return nullptr;
  const std::uint8_t* in = der.data();
  Ptr object(decode(nullptr, &in, static_cast<long>(der.size())));
  if (object && in != der.data() + der.size()) object.reset();
  return object;
}

/// Says that OpenSSL owns the object from here on.
template <class Ptr>
void given_away(Ptr& owner) {
  [[maybe_unused]] const auto* no_longer_ours = owner.release();
}

/// A PEM password callback for what has no password: without one OpenSSL would ask the terminal.
int no_password(char* buffer, int size, int writing, void* user);

/// What every certificate of ours promises: dates and a key that can be read.
Result<Certificate> checked_certificate(X509Ptr certificate, std::string_view what);
/// Adds a reference each. Null on lack of memory.
X509ListPtr native_list(std::span<const Certificate> certificates);

Result<void> set_time(ASN1_TIME* field, TimePoint time);
/// Null when the object identifier cannot be read. Dotted, or a short name OpenSSL knows.
ObjectPtr find_object(std::string_view type);
std::string object_text(const ASN1_OBJECT* object);  ///< dotted

/// "12345 bytes", for contexts.
std::string size_text(BytesView bytes);

}  // namespace understudy::crypto
