#include <algorithm>

#include "shared/crypto/cms.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto::cms {
namespace {

using AttributePtr = Owned<X509_ATTRIBUTE, X509_ATTRIBUTE_free>;

Result<void> add_attribute(CMS_SignerInfo* signer, const SignedAttribute& attribute) {
  const ObjectPtr type = find_object(attribute.oid);
  const TypePtr value = from_der<TypePtr>(attribute.value_der, d2i_ASN1_TYPE);
  if (!type || !value) {
    return openssl_fail(errc::malformed, "signed attribute '" + attribute.oid + "'",
                        "give a dotted OID and one DER element");
  }
  const AttributePtr native(X509_ATTRIBUTE_create_by_OBJ(
      nullptr, type.get(), ASN1_TYPE_get(value.get()), value->value.ptr, -1));
  if (!native || CMS_signed_add1_attr(signer, native.get()) != 1) {
    return openssl_fail(errc::failed, "signed attribute '" + attribute.oid + "'");
  }
  return {};
}

Result<void> add_certificates(CMS_ContentInfo* cms, std::span<const Certificate> certificates) {
  std::vector<Certificate> added;  // OpenSSL refuses to add one twice
  for (const Certificate& certificate : certificates) {
    if (std::ranges::find(added, certificate) != added.end()) continue;
    if (CMS_add1_cert(cms, certificate.native()) != 1) {
      return openssl_fail(errc::failed, "adding a certificate to a CMS message");
    }
    added.push_back(certificate);
  }
  return {};
}

tl::unexpected<Error> refused(const Identity& signer) {
  if (X509_check_private_key(signer.certificate.native(), signer.key.native()) == 1) {
    return openssl_fail(errc::failed, "preparing a CMS signature");
  }
  return fail(errc::wrong_key,
              "signing as '" + signer.certificate.subject().text() + "': key and certificate",
              "give the key that belongs to the certificate");
}

Result<Bytes> finish(CMS_ContentInfo* cms, BytesView content, const SignOptions& options,
                     unsigned flags) {
  const BioPtr in = read_bio(content);
  const BioPtr out = write_bio();
  const int signed_flags = static_cast<int>(flags);
  if (in && out && options.indefinite_length && !options.detached) {
    // Signs while it writes: outer lengths and the content's chunks are indefinite.
    if (i2d_CMS_bio_stream(out.get(), cms, in.get(), signed_flags) == 1)
      return take_bytes(out.get());
  } else if (in && CMS_final(cms, in.get(), nullptr, flags) == 1) {
    const auto encode = [&](const CMS_ContentInfo* message, unsigned char** to) {
      if (!options.indefinite_length) return i2d_CMS_ContentInfo(message, to);
      const auto* value = reinterpret_cast<const ASN1_VALUE*>(message);
      return ASN1_item_ndef_i2d(value, to, ASN1_ITEM_rptr(CMS_ContentInfo));
    };
    if (Bytes message = to_der(cms, encode); !message.empty()) return message;
  }
  return openssl_fail(errc::failed, "signing a CMS message over " + size_text(content));
}

}  // namespace

Result<Bytes> sign(BytesView content, const Identity& signer, const SignOptions& options) {
  const ErrorQueue queue;
  unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
  if (options.detached) flags |= CMS_DETACHED;
  if (options.indefinite_length && !options.detached) flags |= CMS_STREAM;
  const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
  CMS_SignerInfo* info =
      cms ? CMS_add1_signer(cms.get(), signer.certificate.native(), signer.key.native(),
                            native_digest(options.digest), flags | CMS_NOCERTS)
          : nullptr;
  if (info == nullptr) return refused(signer);
  for (const SignedAttribute& attribute : options.attributes) {
    UNDERSTUDY_CHECK(add_attribute(info, attribute));
  }
  std::vector<Certificate> certificates{signer.certificate};
  certificates.insert(certificates.end(), options.extra_certificates.begin(),
                      options.extra_certificates.end());
  UNDERSTUDY_CHECK(add_certificates(cms.get(), certificates));
  return finish(cms.get(), content, options, flags);
}

Result<Bytes> certificates_only(std::span<const Certificate> certificates) {
  const ErrorQueue queue;
  const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_DETACHED;
  const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
  if (!cms) return openssl_fail(errc::failed, "writing a list of certificates");
  UNDERSTUDY_CHECK(add_certificates(cms.get(), certificates));
  Bytes message = to_der(cms.get(), i2d_CMS_ContentInfo);
  if (message.empty()) return openssl_fail(errc::failed, "writing a list of certificates");
  return message;
}

}  // namespace understudy::crypto::cms
