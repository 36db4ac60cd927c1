#include "shared/crypto/ca.h"

#include "shared/crypto/name_codec.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto {
namespace {

using Purpose = CertificateSpec::Purpose;

/// Key usages in the words of OpenSSL's extension syntax. Enciphering is for RSA only; a CA may
/// encipher because a SCEP CA without RA is itself the recipient of requests.
std::string key_usage(Purpose purpose, bool rsa) {
  const std::string base = purpose == Purpose::ca ? "critical,keyCertSign,cRLSign,digitalSignature"
                                                  : "critical,digitalSignature";
  return rsa ? base + ",keyEncipherment" : base;
}

const char* extended_usage(Purpose purpose) {
  switch (purpose) {
    case Purpose::tls_server:
      return "serverAuth";
    case Purpose::tls_client:
      return "clientAuth";
    case Purpose::any_client_or_email:
      return "clientAuth,emailProtection";
    case Purpose::ca:
    case Purpose::ra:
      break;
  }
  return nullptr;
}

class Builder {
 public:
  Builder(X509* certificate, X509* issuer) : certificate_(certificate) {
    X509V3_set_ctx(&context_, issuer, certificate, nullptr, nullptr, 0);
  }

  Result<void> add(int nid, const std::string& value) {
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context_, nid, value.c_str()));
    return add(extension.get());
  }
  Result<void> add(X509_EXTENSION* extension) {
    if (extension == nullptr || X509_add_ext(certificate_, extension, -1) != 1) {
      return openssl_fail(errc::failed, "writing a certificate's extension");
    }
    return {};
  }
  Result<void> add(const AltNames& names) {
    if (names.empty()) return {};
    UNDERSTUDY_TRY(const GeneralNamesPtr native, write_alt_names(names));
    const ExtensionPtr extension(X509V3_EXT_i2d(NID_subject_alt_name, 0, native.get()));
    return add(extension.get());
  }
  Result<void> add(const CertificateSpec::Extension& given) {
    const ObjectPtr type = find_object(given.oid);
    const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value(ASN1_OCTET_STRING_new());
    if (!type || ASN1_OCTET_STRING_set(value.get(), given.der.data(),
                                       static_cast<int>(given.der.size())) != 1) {
      return openssl_fail(errc::malformed, "certificate extension '" + given.oid + "'",
                          "use a dotted OID");
    }
    const ExtensionPtr extension(
        X509_EXTENSION_create_by_OBJ(nullptr, type.get(), given.critical ? 1 : 0, value.get()));
    return add(extension.get());
  }

 private:
  X509* certificate_;
  X509V3_CTX context_{};
};

/// 16 octets: positive, never short, and never twice the same in practice.
Result<void> set_serial(X509* certificate) {
  Bytes bytes = random_bytes(16);
  bytes.front() = static_cast<std::uint8_t>((bytes.front() & 0x3f) | 0x40);
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(bytes.data(), 16, nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return openssl_fail(errc::failed, "choosing a serial number");
  }
  return {};
}

Result<void> add_extensions(X509* certificate, X509* issuer, const CertificateSpec& spec,
                            bool rsa) {
  Builder builder(certificate, issuer);
  const bool ca = spec.purpose == Purpose::ca;
  UNDERSTUDY_CHECK(
      builder.add(NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE"));
  UNDERSTUDY_CHECK(builder.add(NID_key_usage, key_usage(spec.purpose, rsa)));
  if (const char* usage = extended_usage(spec.purpose); usage != nullptr) {
    UNDERSTUDY_CHECK(builder.add(NID_ext_key_usage, usage));
  }
  UNDERSTUDY_CHECK(builder.add(NID_subject_key_identifier, "hash"));
  // A given CA certificate may have no subject key identifier to point at.
  if (issuer == certificate || X509_get0_subject_key_id(issuer) != nullptr) {
    UNDERSTUDY_CHECK(builder.add(NID_authority_key_identifier, "keyid:always"));
  }
  UNDERSTUDY_CHECK(builder.add(spec.alt_names));
  for (const auto& extension : spec.extensions) UNDERSTUDY_CHECK(builder.add(extension));
  return {};
}

/// `issuer` null: self-signed.
Result<Certificate> make(const CertificateSpec& spec, const PublicKey& key, X509* issuer,
                         const PrivateKey& signer) {
  const ErrorQueue queue;
  X509Ptr certificate(X509_new());
  if (!certificate) return openssl_fail(errc::failed, "writing a certificate");
  X509* native = certificate.get();
  if (issuer == nullptr) issuer = native;
  UNDERSTUDY_TRY(const NamePtr subject, write_name(spec.subject));
  UNDERSTUDY_CHECK(set_serial(native));
  UNDERSTUDY_CHECK(set_time(X509_getm_notBefore(native), spec.not_before));
  UNDERSTUDY_CHECK(set_time(X509_getm_notAfter(native), spec.not_after));
  if (X509_set_version(native, X509_VERSION_3) != 1 ||
      X509_set_subject_name(native, subject.get()) != 1 ||
      X509_set_issuer_name(native, X509_get_subject_name(issuer)) != 1 ||
      X509_set_pubkey(native, key.native()) != 1) {
    return openssl_fail(errc::failed, "writing a certificate");
  }
  UNDERSTUDY_CHECK(add_extensions(native, issuer, spec, key.is_rsa()));
  if (X509_sign(native, signer.native(), native_digest(digest_for(signer.native()))) <= 0) {
    return openssl_fail(errc::failed, "signing a certificate");
  }
  // What OpenSSL works out when it is asked first: nothing of it is left to do once it is shared.
  X509_check_purpose(native, -1, 0);
  return Certificate(std::shared_ptr<X509>(std::move(certificate)));
}

}  // namespace

Result<Certificate> self_signed(const CertificateSpec& spec, const PrivateKey& key) {
  return make(spec, key.public_key(), nullptr, key);
}

Result<CertificateAuthority> CertificateAuthority::create(const Name& subject, KeyType key_type,
                                                          TimePoint not_before,
                                                          TimePoint not_after) {
  UNDERSTUDY_TRY(PrivateKey key, PrivateKey::generate(key_type));
  CertificateSpec spec;
  spec.subject = subject;
  spec.purpose = Purpose::ca;
  spec.not_before = not_before;
  spec.not_after = not_after;
  UNDERSTUDY_TRY(Certificate certificate, self_signed(spec, key));
  return CertificateAuthority(Identity{std::move(key), std::move(certificate), {}});
}

Result<CertificateAuthority> CertificateAuthority::from_identity(Identity identity) {
  const ErrorQueue queue;
  const std::string who = "'" + identity.certificate.subject().text() + "'";
  if (X509_check_private_key(identity.certificate.native(), identity.key.native()) != 1) {
    return fail(errc::wrong_key, "certificate authority " + who + ": its key is another's",
                "give the key that belongs to the CA certificate");
  }
  if (!identity.certificate.is_ca()) {
    return fail(errc::wrong_key, "certificate authority " + who + ": not a CA certificate",
                "give a certificate with basicConstraints CA:TRUE");
  }
  return CertificateAuthority(std::move(identity));
}

Result<Certificate> CertificateAuthority::issue(const CertificateSpec& spec,
                                                const PublicKey& key) const {
  return make(spec, key, identity_.certificate.native(), identity_.key);
}

}  // namespace understudy::crypto
