#pragma once

/// CMS (RFC 5652): signing, verifying, enveloping. Reads BER as well as DER (Apple sends
/// indefinite lengths, docs/protocol/device-facts.md 3.8); writes DER unless asked otherwise.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/crypto/certificate.h"

namespace understudy::crypto::cms {

/// A signed attribute whose value is one DER element (SCEP uses PrintableString and OCTET STRING).
struct SignedAttribute {
  std::string oid;
  Bytes value_der;
};

struct SignOptions {
  bool detached = false;
  Digest digest = Digest::sha256;
  std::vector<Certificate> extra_certificates;
  std::vector<SignedAttribute> attributes;
  bool indefinite_length = false;  ///< BER with indefinite lengths, as Apple's encoder emits
};

/// SignedData by one signer; the signer's certificate is included.
Result<Bytes> sign(BytesView content, const Identity& signer, const SignOptions& options = {});

struct SignedMessage {
  Bytes content;                            ///< empty when detached
  Certificate signer;                       ///< the certificate whose key made the signature
  std::vector<Certificate> certificates;    ///< all that came along, the signer included
  std::vector<SignedAttribute> attributes;  ///< signed attributes of the first signer
};

/// Checks the first signer's signature over the content; says nothing about trust (verify_chain
/// does). `detached_content` must be given exactly when the message is detached; `signer` for
/// messages that do not carry it. Errors: errc::malformed, errc::bad_signature.
Result<SignedMessage> verify(BytesView message, std::optional<BytesView> detached_content = {},
                             std::span<const Certificate> known_signers = {});

/// A SignedData without signers, only certificates ("degenerate", SCEP's GetCACert and CertRep).
Result<Bytes> certificates_only(std::span<const Certificate> certificates);
Result<std::vector<Certificate>> read_certificates(BytesView message);

enum class Cipher { aes_128_cbc, aes_256_cbc, des3_cbc };

/// EnvelopedData to one RSA recipient.
Result<Bytes> encrypt(BytesView content, const Certificate& recipient, Cipher cipher,
                      bool indefinite_length = false);
/// Errors: errc::malformed, errc::wrong_key.
Result<Bytes> decrypt(BytesView message, const Identity& recipient);

/// Whether the bytes begin as a CMS ContentInfo (an ASN.1 SEQUENCE with an OID): how a signed
/// profile is told from a bare one.
bool looks_like_cms(BytesView bytes);

}  // namespace understudy::crypto::cms
