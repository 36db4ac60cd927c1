#include <algorithm>
#include <array>

#include "shared/crypto/cms.h"
#include "shared/crypto/der.h"
#include "shared/crypto/openssl.h"

/// A SignedData is put together here, of parts that OpenSSL encodes: its own way of doing it takes
/// longer than an ECDSA signature (docs/decisions/0005-cms-signing.md).

namespace understudy::crypto::cms {
namespace {

using der::Tag;
using TimePtr = Owned<ASN1_TIME, ASN1_TIME_free>;

/// Of an OCTET STRING of indefinite length.
constexpr std::size_t kChunk = 4096;
constexpr std::uint8_t kVersion1 = 1;

Bytes object(int nid) {
  return to_der(OBJ_nid2obj(nid), i2d_ASN1_OBJECT);
}

Bytes digest_algorithm(Digest digest) {
  return der::element(Tag::sequence, {object(EVP_MD_get_type(native_digest(digest)))});
}

/// For RSA that of the key, as everybody writes it; the digest is named beside it.
Bytes signature_algorithm(const PrivateKey& key, Digest digest) {
  if (key.is_rsa()) {
    static constexpr std::array<std::uint8_t, 2> kNull = {0x05, 0x00};
    return der::element(Tag::sequence, {object(NID_rsaEncryption), kNull});
  }
  int nid = NID_undef;
  OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(native_digest(digest)), NID_X9_62_id_ecPublicKey);
  return der::element(Tag::sequence, {object(nid)});
}

Bytes attribute(BytesView type, BytesView value) {
  return der::element(Tag::sequence, {type, der::element(Tag::set, value)});
}

/// The content of a SET OF: each once, in DER's order.
Bytes set_of(std::vector<Bytes> elements) {
  std::ranges::sort(elements);
  const auto repeated = std::ranges::unique(elements);
  elements.erase(repeated.begin(), repeated.end());
  Bytes all;
  for (const Bytes& each : elements) all.insert(all.end(), each.begin(), each.end());
  return all;
}

/// The elements of the SET of signed attributes.
Result<Bytes> signed_attributes(BytesView content, const SignOptions& options) {
  const TimePtr now(X509_gmtime_adj(nullptr, 0));
  std::vector<Bytes> all = {
      attribute(object(NID_pkcs9_contentType), object(NID_pkcs7_data)),
      attribute(object(NID_pkcs9_signingTime), to_der(now.get(), i2d_ASN1_TIME)),
      attribute(object(NID_pkcs9_messageDigest),
                der::element(Tag::octet_string, digest(options.digest, content)))};
  for (const SignedAttribute& extra : options.attributes) {
    const ObjectPtr type = find_object(extra.oid);
    if (!type || !from_der<TypePtr>(extra.value_der, d2i_ASN1_TYPE)) {
      return openssl_fail(errc::malformed, "signed attribute '" + extra.oid + "'",
                          "give a dotted OID and one DER element");
    }
    all.push_back(attribute(to_der(type.get(), i2d_ASN1_OBJECT), extra.value_der));
  }
  return set_of(std::move(all));
}

Result<Bytes> signer_info(BytesView content, const Identity& signer, const SignOptions& options) {
  UNDERSTUDY_TRY(const Bytes attributes, signed_attributes(content, options));
  UNDERSTUDY_TRY(const Bytes signature,
                 signer.key.sign(options.digest, der::element(Tag::set, attributes)));
  const X509* certificate = signer.certificate.native();
  const Bytes issuer = to_der(X509_get_issuer_name(certificate), i2d_X509_NAME);
  const Bytes serial = to_der(X509_get0_serialNumber(certificate), i2d_ASN1_INTEGER);
  return der::element(
      Tag::sequence,
      {der::element(Tag::integer, {&kVersion1, 1}), der::element(Tag::sequence, {issuer, serial}),
       digest_algorithm(options.digest), der::element(Tag::context_0, attributes),
       signature_algorithm(signer.key, options.digest),
       der::element(Tag::octet_string, signature)});
}

/// [0] IMPLICIT, left out when there is none.
Bytes certificate_set(std::span<const Certificate> certificates) {
  if (certificates.empty()) return {};
  std::vector<Bytes> all;
  for (const Certificate& certificate : certificates) all.push_back(certificate.der());
  return der::element(Tag::context_0, set_of(std::move(all)));
}

/// A constructed OCTET STRING, in chunks.
Bytes chunked(BytesView content) {
  Bytes chunks;
  for (std::size_t at = 0; at < content.size(); at += kChunk) {
    const BytesView rest = content.subspan(at);
    const Bytes chunk = der::element(Tag::octet_string, rest.first(std::min(rest.size(), kChunk)));
    chunks.insert(chunks.end(), chunk.begin(), chunk.end());
  }
  return der::indefinite(Tag::constructed_octet_string, {chunks});
}

struct Parts {
  Bytes digest_algorithms, content, certificates, signers;
};

/// ContentInfo and SignedData around the parts. `content` is an OCTET STRING; empty: detached.
Bytes message_of(const Parts& parts, bool indefinite_length) {
  const auto wrap = [&](Tag tag, std::initializer_list<BytesView> inner) {
    return indefinite_length ? der::indefinite(tag, inner) : der::element(tag, inner);
  };
  const Bytes content = parts.content.empty() ? Bytes() : wrap(Tag::context_0, {parts.content});
  const Bytes signed_data =
      wrap(Tag::sequence, {der::element(Tag::integer, {&kVersion1, 1}),
                           der::element(Tag::set, parts.digest_algorithms),
                           wrap(Tag::sequence, {object(NID_pkcs7_data), content}),
                           parts.certificates, der::element(Tag::set, parts.signers)});
  return wrap(Tag::sequence, {object(NID_pkcs7_signed), wrap(Tag::context_0, {signed_data})});
}

}  // namespace

Result<Bytes> sign(BytesView content, const Identity& signer, const SignOptions& options) {
  const ErrorQueue queue;
  if (X509_check_private_key(signer.certificate.native(), signer.key.native()) != 1) {
    return fail(errc::wrong_key,
                "signing as '" + signer.certificate.subject().text() + "': key and certificate",
                "give the key that belongs to the certificate");
  }
  Parts parts;
  parts.digest_algorithms = digest_algorithm(options.digest);
  UNDERSTUDY_TRY(parts.signers, signer_info(content, signer, options));
  std::vector<Certificate> certificates{signer.certificate};
  certificates.insert(certificates.end(), options.extra_certificates.begin(),
                      options.extra_certificates.end());
  parts.certificates = certificate_set(certificates);
  if (!options.detached) {
    parts.content =
        options.indefinite_length ? chunked(content) : der::element(Tag::octet_string, content);
  }
  return message_of(parts, options.indefinite_length);
}

Result<Bytes> certificates_only(std::span<const Certificate> certificates) {
  Parts parts;
  parts.certificates = certificate_set(certificates);
  return message_of(parts, false);
}

}  // namespace understudy::crypto::cms
