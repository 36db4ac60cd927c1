#pragma once

/// X.509 certificates and requests. Immutable, cheap to copy, safe from several threads.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/core/clock.h"
#include "shared/crypto/key.h"
#include "shared/crypto/name.h"

struct x509_st;
struct X509_req_st;

namespace understudy::crypto {

class Certificate {
 public:
  static Result<Certificate> from_der(BytesView der);
  /// The first certificate of the text. Errors: errc::malformed.
  static Result<Certificate> from_pem(std::string_view pem);
  /// Every certificate of the text, at least one.
  static Result<std::vector<Certificate>> all_from_pem(std::string_view pem);
  Bytes der() const;
  std::string pem() const;

  Name subject() const;
  Name issuer() const;
  std::string serial_hex() const;  ///< lower-case hexadecimal, no leading zeros
  TimePoint not_before() const;
  TimePoint not_after() const;
  PublicKey public_key() const;
  bool is_ca() const;
  /// True where the key usage extension is absent, or has the bit.
  bool may_sign() const;
  bool may_encipher() const;
  /// SHA-256 over the DER form, lower-case hexadecimal: how a certificate is named in state and
  /// logs.
  std::string fingerprint() const;
  /// DER value of an extension by dotted OID.
  std::optional<Bytes> extension(std::string_view oid) const;
  bool issued_by(const Certificate& ca) const;  ///< the signature verifies with the CA's key

  explicit Certificate(std::shared_ptr<x509_st> native) : native_(std::move(native)) {}
  x509_st* native() const { return native_.get(); }
  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  std::shared_ptr<x509_st> native_;
};

/// A key and the certificate over it, with the CA certificates that came along (PKCS#12, chain
/// files).
struct Identity {
  PrivateKey key;
  Certificate certificate;
  std::vector<Certificate> chain;

  /// Certificate(s) and key from one PEM text. Errors: errc::malformed, errc::wrong_key.
  static Result<Identity> from_pem(std::string_view pem);
  std::string pem() const;
};

/// PKCS#10.
class CertificateRequest {
 public:
  struct Options {
    Name subject;
    AltNames alt_names;
    std::string challenge;  ///< challengePassword attribute; left out when empty
    bool may_sign = true;
    bool may_encipher = true;
  };
  static Result<CertificateRequest> create(const PrivateKey& key, const Options& options);
  static Result<CertificateRequest> from_der(BytesView der);
  static Result<CertificateRequest> from_pem(std::string_view pem);
  Bytes der() const;
  std::string pem() const;

  Name subject() const;
  AltNames alt_names() const;
  std::string challenge() const;  ///< empty when there is none
  PublicKey public_key() const;
  /// The SubjectPublicKeyInfo as it stands there: much faster than to write `public_key` again.
  Bytes public_key_der() const;
  bool signature_ok() const;

  explicit CertificateRequest(std::shared_ptr<X509_req_st> native) : native_(std::move(native)) {}

 private:
  std::shared_ptr<X509_req_st> native_;
};

/// Whether `leaf` chains to one of `anchors` at `when`, through `intermediates` if needed. Purpose
/// and host name are not looked at. Errors: errc::untrusted, expired, not_yet_valid, bad_signature.
Result<void> verify_chain(const Certificate& leaf, std::span<const Certificate> intermediates,
                          std::span<const Certificate> anchors, TimePoint when);

}  // namespace understudy::crypto
