#include "server-mock/apns/vendor_request.h"

#include "shared/plist/plist.h"

namespace understudy::apns_mock {
namespace {

using Chain = std::vector<crypto::Certificate>;

constexpr const char* kCsr = "PushCertRequestCSR";
constexpr const char* kChain = "PushCertCertificateChain";
constexpr const char* kSignature = "PushCertSignature";
constexpr std::size_t kMaxDepth = 8, kMaxNodes = 64;

tl::unexpected<Error> wrong(std::error_code code, const std::string& what, std::string hint = "") {
  return fail(code, "vendor signing request: " + what, std::move(hint));
}

Result<Bytes> decode(std::string_view text, const char* what, const char* hint) {
  auto bytes = base64_decode(text);
  if (!bytes) return wrong(errc::invalid_argument, std::string(what) + " is not base64", hint);
  return bytes;
}

Result<plist::Value> read_list(std::string_view text) {
  if (text.size() > kMaxVendorRequest) {
    return wrong(errc::limit, std::to_string(text.size()) + " octets",
                 "at most " + std::to_string(kMaxVendorRequest));
  }
  UNDERSTUDY_TRY(const Bytes xml,
                 decode(text, "the whole", "send the base64 of the property list"));
  plist::ReadOptions options;
  options.limits = {kMaxVendorRequest, kMaxDepth, kMaxNodes};
  options.mode = plist::Mode::tolerant;
  auto value = plist::read_xml(xml, options);
  if (!value) {
    return wrong(errc::invalid_argument,
                 "its base64 holds no XML property list: " + value.error().message());
  }
  if (value->is(plist::Type::dict)) return value;
  return wrong(errc::invalid_argument, "the property list is no dictionary");
}

Result<std::string> member(const plist::Value& list, const char* key) {
  const plist::Value* value = list.find(key);
  if (value == nullptr) return wrong(errc::invalid_argument, std::string(key) + " is missing");
  if (const std::string* text = value->if_string()) return *text;
  return wrong(errc::invalid_argument, std::string(key) + " is a " +
                                           std::string(plist::type_name(value->type())) +
                                           ", not a <string>");
}

Result<crypto::CertificateRequest> read_csr(BytesView der) {
  auto csr = crypto::CertificateRequest::from_der(der);
  if (csr) return csr;
  const bool is_pem = as_text(der).starts_with("-----BEGIN");
  return wrong(csr.error().code, std::string(kCsr) + (is_pem ? " holds PEM" : " holds no PKCS#10"),
               "it is the base64 of the CSR in its DER form");
}

/// The leaf first, each signed by the next, the last one by itself.
Result<void> check_linkage(const Chain& chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool is_last = i + 1 == chain.size();
    if (chain[i].issued_by(is_last ? chain[i] : chain[i + 1])) continue;
    const std::string name = "'" + chain[i].subject().text() + "'";
    if (is_last) {
      return wrong(crypto::errc::untrusted,
                   std::string(kChain) + " ends with " + name + ", which is no root",
                   "it goes on to the root, the root included");
    }
    return wrong(crypto::errc::untrusted,
                 std::string(kChain) + ": " + name + " is not signed by the certificate after it",
                 "the vendor's certificate comes first, then each one's issuer");
  }
  return {};
}

Result<Chain> read_chain(const std::string& pem) {
  auto chain = crypto::Certificate::all_from_pem(pem);
  if (!chain) {
    return wrong(chain.error().code, std::string(kChain) + " holds no PEM certificates",
                 "it is the vendor's certificate and those of its CAs, one after the other");
  }
  if (chain->size() > kMaxVendorChain) {
    return wrong(errc::limit,
                 std::string(kChain) + " holds " + std::to_string(chain->size()) + " certificates",
                 "at most " + std::to_string(kMaxVendorChain));
  }
  UNDERSTUDY_CHECK(check_linkage(*chain));
  return chain;
}

Result<void> check_trust(const Chain& chain, const VendorTrust& trust, TimePoint now) {
  const std::span<const crypto::Certificate> issuers = std::span(chain).subspan(1);
  const std::span<const crypto::Certificate> presented(&chain.back(), 1);
  const Result<void> verified = crypto::verify_chain(
      chain.front(), issuers, trust.anchors.empty() ? presented : std::span(trust.anchors), now);
  if (verified) return {};
  return wrong(verified.error().code,
               std::string(kChain) + " of '" + chain.front().subject().text() +
                   "': " + verified.error().context,
               trust.anchors.empty() ? "" : "its root must be the one this portal is set to");
}

Result<crypto::Digest> check_signature(const crypto::Certificate& vendor, BytesView csr,
                                       BytesView signature) {
  const crypto::PublicKey key = vendor.public_key();
  if (!key.is_rsa()) {
    return wrong(crypto::errc::unsupported,
                 "the vendor's key (" + vendor.subject().text() + ") is not RSA");
  }
  for (const crypto::Digest digest : {crypto::Digest::sha256, crypto::Digest::sha1}) {
    if (key.verify(digest, csr, signature)) return digest;
  }
  return wrong(crypto::errc::bad_signature,
               std::string(kSignature) + " is not by the key of '" + vendor.subject().text() +
                   "' over this CSR",
               "sign the CSR's DER form with SHA-256 and RSA, and put that certificate first");
}

}  // namespace

Result<VendorRequest> parse_vendor_request(std::string_view text, const VendorTrust& trust,
                                           TimePoint now) {
  UNDERSTUDY_TRY(const plist::Value list, read_list(text));
  UNDERSTUDY_TRY(const std::string csr_text, member(list, kCsr));
  UNDERSTUDY_TRY(const std::string chain_text, member(list, kChain));
  UNDERSTUDY_TRY(const std::string signature_text, member(list, kSignature));
  UNDERSTUDY_TRY(const Bytes der, decode(csr_text, kCsr, "encode the CSR's DER form"));
  UNDERSTUDY_TRY(auto csr, read_csr(der));
  UNDERSTUDY_TRY(const Bytes signature, decode(signature_text, kSignature, "encode the signature"));
  UNDERSTUDY_TRY(const Chain chain, read_chain(chain_text));
  UNDERSTUDY_TRY(const crypto::Digest digest, check_signature(chain.front(), der, signature));
  UNDERSTUDY_CHECK(check_trust(chain, trust, now));
  return VendorRequest{std::move(csr), chain.front(), chain.back(), digest};
}

}  // namespace understudy::apns_mock
