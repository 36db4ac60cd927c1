#pragma once

/// A small certificate authority: a root (or an issuing CA) that signs certificates.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/clock.h"
#include "shared/crypto/certificate.h"

namespace understudy::crypto {

/// What goes into a certificate. Usage bits and extended usages are set for its purpose.
struct CertificateSpec {
  enum class Purpose { tls_server, tls_client, ca, ra, any_client_or_email };
  struct Extension {
    std::string oid;
    Bytes der;
    bool critical = false;
  };

  Name subject;
  AltNames alt_names;
  Purpose purpose = Purpose::tls_client;
  TimePoint not_before;
  TimePoint not_after;
  std::vector<Extension> extensions;
};

/// A certificate over the key, by the key: roots, and SCEP's temporary identity. Errors:
/// crypto::errc.
Result<Certificate> self_signed(const CertificateSpec& spec, const PrivateKey& key);

class CertificateAuthority {
 public:
  /// A new self-signed root. Errors: crypto::errc.
  static Result<CertificateAuthority> create(const Name& subject, KeyType key_type,
                                             TimePoint not_before, TimePoint not_after);
  /// An existing key and CA certificate. Errors: errc::wrong_key.
  static Result<CertificateAuthority> from_identity(Identity identity);

  /// Signs with a random positive serial of 16 octets. Errors: crypto::errc.
  Result<Certificate> issue(const CertificateSpec& spec, const PublicKey& key) const;

  const Certificate& certificate() const { return identity_.certificate; }
  const Identity& identity() const { return identity_; }

 private:
  explicit CertificateAuthority(Identity identity) : identity_(std::move(identity)) {}
  Identity identity_;
};

}  // namespace understudy::crypto
