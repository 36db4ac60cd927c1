#include <algorithm>

#include "shared/crypto/cms.h"
#include "shared/crypto/openssl.h"

namespace understudy::crypto::cms {
namespace {

std::string describe(BytesView message) {
  return "CMS signed message of " + size_text(message);
}

Result<CmsPtr> read_signed(BytesView message) {
  auto cms = from_der<CmsPtr>(message, d2i_CMS_ContentInfo);
  if (!cms) return openssl_fail(errc::malformed, describe(message), "send one BER or DER element");
  if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
    return fail(errc::malformed, describe(message) + ": another content type", "send SignedData");
  }
  return cms;
}

Result<std::vector<Certificate>> certificates_of(CMS_ContentInfo* cms) {
  const X509ListPtr list(CMS_get1_certs(cms));
  std::vector<Certificate> certificates;
  for (int i = 0; i < sk_X509_num(list.get()); ++i) {
    X509* native = sk_X509_value(list.get(), i);
    X509_up_ref(native);
    UNDERSTUDY_TRY(Certificate certificate,
                   checked_certificate(X509Ptr(native), "certificate in a CMS message"));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

Result<BytesView> content_of(CMS_ContentInfo* cms, std::optional<BytesView> detached,
                             BytesView message) {
  ASN1_OCTET_STRING** place = CMS_get0_content(cms);
  const ASN1_OCTET_STRING* attached = place == nullptr ? nullptr : *place;
  if (attached == nullptr && !detached) {
    return openssl_fail(errc::malformed, describe(message) + ": it carries no content",
                        "the signature is detached: give the content beside it");
  }
  if (attached != nullptr && detached) {
    return fail(errc::malformed, describe(message) + ": it carries content of its own",
                "send a detached signature");
  }
  if (detached) return *detached;
  return BytesView(ASN1_STRING_get0_data(attached),
                   static_cast<std::size_t>(ASN1_STRING_length(attached)));
}

const Certificate* find_signer(CMS_SignerInfo* info, std::span<const Certificate> candidates) {
  const auto found = std::ranges::find_if(candidates, [&](const Certificate& certificate) {
    return CMS_SignerInfo_cert_cmp(info, certificate.native()) == 0;
  });
  return found == candidates.end() ? nullptr : &*found;
}

/// The content run through this signer's digest alone: a message may announce any number of
/// others, each of which CMS_dataInit would compute.
BioPtr digested(CMS_SignerInfo* info, BytesView content) {
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &algorithm, nullptr);
  const EVP_MD* type = EVP_get_digestbyobj(algorithm->algorithm);
  BioPtr chain(type == nullptr ? nullptr : BIO_new(BIO_f_md()));
  if (!chain || BIO_set_md(chain.get(), type) != 1) return nullptr;
  BIO_push(chain.get(), BIO_new(BIO_s_null()));
  std::size_t written = 0;
  if (!content.empty() &&
      BIO_write_ex(chain.get(), content.data(), content.size(), &written) != 1) {
    return nullptr;
  }
  return chain;
}

/// RFC 5652 section 11.1: signed attributes name the type of the content they go with. OpenSSL
/// looks for the attribute and does not compare it.
bool content_type_matches(CMS_ContentInfo* cms, CMS_SignerInfo* info) {
  constexpr int kOnlyOne = -3;
  const auto* claimed = static_cast<const ASN1_OBJECT*>(CMS_signed_get0_data_by_OBJ(
      info, OBJ_nid2obj(NID_pkcs9_contentType), kOnlyOne, V_ASN1_OBJECT));
  return claimed != nullptr && OBJ_cmp(claimed, CMS_get0_eContentType(cms)) == 0;
}

Result<void> check_signature(CMS_ContentInfo* cms, CMS_SignerInfo* info, BytesView content,
                             const Certificate& signer) {
  const std::string what = "CMS signature by '" + signer.subject().text() + "'";
  CMS_SignerInfo_set1_signer_cert(info, signer.native());
  const BioPtr chain = digested(info, content);
  if (!chain)
    return openssl_fail(errc::unsupported, what + ": its digest is not supported", "use SHA-256");
  if (CMS_signed_get_attr_count(info) >= 0 &&
      (CMS_SignerInfo_verify(info) != 1 || !content_type_matches(cms, info))) {
    return openssl_fail(errc::bad_signature, what + ": over its attributes");
  }
  if (CMS_SignerInfo_verify_content(info, chain.get()) != 1) {
    return openssl_fail(errc::bad_signature, what + ": over " + size_text(content),
                        "sign exactly the bytes that are sent");
  }
  return {};
}

std::vector<SignedAttribute> attributes_of(CMS_SignerInfo* info) {
  std::vector<SignedAttribute> attributes;
  for (int i = 0; i < CMS_signed_get_attr_count(info); ++i) {
    X509_ATTRIBUTE* native = CMS_signed_get_attr(info, i);
    const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(native, 0);
    attributes.push_back(
        {object_text(X509_ATTRIBUTE_get0_object(native)), to_der(value, i2d_ASN1_TYPE)});
  }
  return attributes;
}

}  // namespace

Result<SignedMessage> verify(BytesView message, std::optional<BytesView> detached_content,
                             std::span<const Certificate> known_signers) {
  const ErrorQueue queue;
  UNDERSTUDY_TRY(const CmsPtr cms, read_signed(message));
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get());
  if (sk_CMS_SignerInfo_num(signers) < 1) {
    return openssl_fail(errc::malformed, describe(message) + ": nobody signed it");
  }
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(signers, 0);
  UNDERSTUDY_TRY(const BytesView content, content_of(cms.get(), detached_content, message));
  UNDERSTUDY_TRY(std::vector<Certificate> certificates, certificates_of(cms.get()));
  const Certificate* signer = find_signer(info, certificates);
  if (signer == nullptr) signer = find_signer(info, known_signers);
  if (signer == nullptr) {
    return fail(errc::bad_signature, describe(message) + ": its signer's certificate is not in it",
                "include the signer's certificate");
  }
  UNDERSTUDY_CHECK(check_signature(cms.get(), info, content, *signer));
  Certificate signed_by = *signer;
  Bytes attached = detached_content ? Bytes{} : to_bytes(content);
  return SignedMessage{std::move(attached), std::move(signed_by), std::move(certificates),
                       attributes_of(info)};
}

Result<std::vector<Certificate>> read_certificates(BytesView message) {
  const ErrorQueue queue;
  UNDERSTUDY_TRY(const CmsPtr cms, read_signed(message));
  return certificates_of(cms.get());
}

bool looks_like_cms(BytesView bytes) {
  constexpr std::uint8_t kSequence = 0x30;
  constexpr std::uint8_t kObjectIdentifier = 0x06;
  constexpr std::uint8_t kLongForm = 0x80;  // alone: indefinite; else the low bits count octets
  if (bytes.size() < 3 || bytes[0] != kSequence) return false;
  const std::size_t extra = (bytes[1] & kLongForm) != 0 ? bytes[1] & 0x7fU : 0;
  return extra <= 8 && bytes.size() > 2 + extra && bytes[2 + extra] == kObjectIdentifier;
}

}  // namespace understudy::crypto::cms
