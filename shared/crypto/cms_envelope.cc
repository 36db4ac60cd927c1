#include "shared/crypto/cms.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto::cms {
namespace {

const EVP_CIPHER* native_cipher(Cipher cipher) {
  switch (cipher) {
    case Cipher::aes_128_cbc:
      return EVP_aes_128_cbc();
    case Cipher::aes_256_cbc:
      return EVP_aes_256_cbc();
    case Cipher::des3_cbc:
      return EVP_des_ede3_cbc();
  }
  return EVP_aes_256_cbc();
}

}  // namespace

Result<Bytes> encrypt(BytesView content, const Certificate& recipient, Cipher cipher,
                      bool indefinite_length) {
  const ErrorQueue queue;
  const std::string what = "enciphering to '" + recipient.subject().text() + "'";
  if (!recipient.public_key().is_rsa()) {
    return fail(errc::unsupported, what + ": not an RSA certificate", "use an RSA recipient");
  }
  const unsigned flags = CMS_PARTIAL | CMS_BINARY | (indefinite_length ? CMS_STREAM : 0U);
  const BioPtr in = read_bio(content);
  const BioPtr out = write_bio();
  const CmsPtr cms(CMS_encrypt(nullptr, nullptr, native_cipher(cipher), flags));
  if (!in || !out || !cms || CMS_add1_recipient_cert(cms.get(), recipient.native(), 0) == nullptr) {
    return openssl_fail(errc::failed, what);
  }
  if (indefinite_length) {
    if (i2d_CMS_bio_stream(out.get(), cms.get(), in.get(), static_cast<int>(flags)) == 1)
      return take_bytes(out.get());
  } else if (CMS_final(cms.get(), in.get(), nullptr, flags) == 1) {
    return to_der(cms.get(), i2d_CMS_ContentInfo);
  }
  return openssl_fail(errc::failed, what);
}

Result<Bytes> decrypt(BytesView message, const Identity& recipient) {
  const ErrorQueue queue;
  const std::string what = "CMS enveloped message of " + size_text(message);
  const auto cms = from_der<CmsPtr>(message, d2i_CMS_ContentInfo);
  if (!cms) return openssl_fail(errc::malformed, what, "send one BER or DER element");
  if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_enveloped) {
    return fail(errc::malformed, what + ": another content type", "send EnvelopedData");
  }
  ASN1_OCTET_STRING** content = CMS_get0_content(cms.get());
  if (content == nullptr || *content == nullptr) {
    return openssl_fail(errc::malformed, what + ": it carries no content");
  }
  const BioPtr out = write_bio();
  if (CMS_decrypt(cms.get(), recipient.key.native(), recipient.certificate.native(), nullptr,
                  out.get(), CMS_BINARY) != 1) {
    return openssl_fail(errc::wrong_key,
                        what + " for '" + recipient.certificate.subject().text() + "'",
                        "encipher to this certificate; the content may also be damaged");
  }
  return take_bytes(out.get());
}

}  // namespace understudy::crypto::cms
