#include <openssl/pem.h>

#include <algorithm>

#include "shared/crypto/certificate.h"
#include "shared/crypto/name_codec.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

Result<void> push_extension(STACK_OF(X509_EXTENSION) * list, int nid, void* value, bool critical) {
  ExtensionPtr extension(X509V3_EXT_i2d(nid, critical ? 1 : 0, value));
  if (!extension || sk_X509_EXTENSION_push(list, extension.get()) <= 0) {
    return openssl_fail(errc::failed, "writing a certificate request's extension");
  }
  given_away(extension);
  return {};
}

Result<void> add_extensions(X509_REQ* request, const CertificateRequest::Options& options) {
  const ExtensionsPtr list(sk_X509_EXTENSION_new_null());
  if (options.may_sign || options.may_encipher) {
    const Owned<ASN1_BIT_STRING, ASN1_BIT_STRING_free> usage(ASN1_BIT_STRING_new());
    if (options.may_sign) ASN1_BIT_STRING_set_bit(usage.get(), 0, 1);      // digitalSignature
    if (options.may_encipher) ASN1_BIT_STRING_set_bit(usage.get(), 2, 1);  // keyEncipherment
    UNDERSTUDY_CHECK(push_extension(list.get(), NID_key_usage, usage.get(), true));
  }
  if (!options.alt_names.empty()) {
    UNDERSTUDY_TRY(const GeneralNamesPtr names, write_alt_names(options.alt_names));
    UNDERSTUDY_CHECK(push_extension(list.get(), NID_subject_alt_name, names.get(), false));
  }
  if (sk_X509_EXTENSION_num(list.get()) > 0 && X509_REQ_add_extensions(request, list.get()) != 1) {
    return openssl_fail(errc::failed, "writing a certificate request's extensions");
  }
  return {};
}

/// PrintableString where it can be, as the oldest SCEP servers expect it, else UTF8String.
int challenge_type(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
  return printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
}

Result<void> add_challenge(X509_REQ* request, std::string_view challenge) {
  if (challenge.empty()) return {};
  if (X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, challenge_type(challenge),
                                as_bytes(challenge).data(),
                                static_cast<int>(challenge.size())) != 1) {
    return openssl_fail(errc::failed, "writing a certificate request's challenge");
  }
  return {};
}

}  // namespace

Result<CertificateRequest> CertificateRequest::create(const PrivateKey& key,
                                                      const Options& options) {
  const ErrorQueue queue;
  RequestPtr request(X509_REQ_new());
  UNDERSTUDY_TRY(const NamePtr subject, write_name(options.subject));
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), subject.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.native()) != 1) {
    return openssl_fail(errc::failed, "writing a certificate request");
  }
  UNDERSTUDY_CHECK(add_extensions(request.get(), options));
  UNDERSTUDY_CHECK(add_challenge(request.get(), options.challenge));
  if (X509_REQ_sign(request.get(), key.native(), native_digest(digest_for(key.native()))) <= 0) {
    return openssl_fail(errc::failed, "signing a certificate request");
  }
  return CertificateRequest(std::shared_ptr<X509_REQ>(std::move(request)));
}

Result<CertificateRequest> CertificateRequest::from_der(BytesView der) {
  const ErrorQueue queue;
  auto native = crypto::from_der<RequestPtr>(der, d2i_X509_REQ);
  const std::string what = "certificate request (DER, " + size_text(der) + ")";
  if (!native) return openssl_fail(errc::malformed, what);
  if (X509_REQ_get0_pubkey(native.get()) == nullptr) {
    return openssl_fail(errc::unsupported, what + ": its public key is of another kind",
                        "use RSA or P-256/P-384");
  }
  return CertificateRequest(std::shared_ptr<X509_REQ>(std::move(native)));
}

Result<CertificateRequest> CertificateRequest::from_pem(std::string_view pem) {
  const ErrorQueue queue;
  const BioPtr bio = read_bio(pem);
  const RequestPtr native(bio ? PEM_read_bio_X509_REQ(bio.get(), nullptr, no_password, nullptr)
                              : nullptr);
  if (!native) {
    return openssl_fail(errc::malformed,
                        "certificate request (PEM, " + size_text(as_bytes(pem)) + ")",
                        "it needs a BEGIN CERTIFICATE REQUEST block");
  }
  return from_der(to_der(native.get(), i2d_X509_REQ));
}

Bytes CertificateRequest::der() const {
  const ErrorQueue queue;
  return to_der(native_.get(), i2d_X509_REQ);
}

std::string CertificateRequest::pem() const {
  const ErrorQueue queue;
  const BioPtr bio = write_bio();
  PEM_write_bio_X509_REQ(bio.get(), native_.get());
  return take_text(bio.get());
}

Name CertificateRequest::subject() const {
  const ErrorQueue queue;
  return read_name(X509_REQ_get_subject_name(native_.get()));
}

AltNames CertificateRequest::alt_names() const {
  const ErrorQueue queue;
  const ExtensionsPtr list(X509_REQ_get_extensions(native_.get()));
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(list.get(), NID_subject_alt_name, nullptr, nullptr)));
  return names ? read_alt_names(names.get()) : AltNames{};
}

std::string CertificateRequest::challenge() const {
  const ErrorQueue queue;
  const int index = X509_REQ_get_attr_by_NID(native_.get(), NID_pkcs9_challengePassword, -1);
  if (index < 0) return {};
  const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(X509_REQ_get_attr(native_.get(), index), 0);
  switch (value == nullptr ? V_ASN1_UNDEF : ASN1_TYPE_get(value)) {
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_UTF8STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
      return string_text(value->value.asn1_string);
    default:
      return {};
  }
}

PublicKey CertificateRequest::public_key() const {
  const ErrorQueue queue;
  return PublicKey(std::shared_ptr<EVP_PKEY>(PkeyPtr(X509_REQ_get_pubkey(native_.get()))));
}

Bytes CertificateRequest::public_key_der() const {
  const ErrorQueue queue;
  return to_der(X509_REQ_get_X509_PUBKEY(native_.get()), i2d_X509_PUBKEY);
}

bool CertificateRequest::signature_ok() const {
  const ErrorQueue queue;
  return X509_REQ_verify(native_.get(), X509_REQ_get0_pubkey(native_.get())) == 1;
}

}  // namespace understudy::crypto
