#include "server-mock/apns/signing_request.h"

namespace understudy::apns_mock {
namespace {

constexpr std::uint8_t kDerSequence = 0x30;
constexpr int kMinRsaBits = 2048, kMinEcBits = 256;

Result<void> check(const crypto::CertificateRequest& csr) {
  const std::string name = "CSR '" + csr.subject().text() + "'";
  const crypto::PublicKey key = csr.public_key();
  if (key.bits() < (key.is_rsa() ? kMinRsaBits : kMinEcBits)) {
    return fail(crypto::errc::unsupported,
                name + ": a key of " + std::to_string(key.bits()) + " bits is too weak",
                "make one of RSA with 2048 bits or more, and a CSR for it");
  }
  if (csr.signature_ok()) return {};
  return fail(crypto::errc::bad_signature, name + ": its own signature does not verify",
              "it was changed, or not signed by the key it names: make it again");
}

Result<crypto::CertificateRequest> plain(Result<crypto::CertificateRequest> csr) {
  if (csr) return csr;
  return fail(csr.error().code, "read a CSR: " + csr.error().context,
              "upload a PKCS#10 request, or the request your MDM vendor signed");
}

}  // namespace

std::string SigningRequest::requester() const {
  return vendor ? vendor->vendor.subject().text() : csr.subject().text();
}

Result<SigningRequest> read_signing_request(BytesView upload, const VendorTrust& trust,
                                            TimePoint now) {
  if (upload.empty()) {
    return fail(errc::invalid_argument, "the signing request is empty",
                "upload a PKCS#10 request, or the request your MDM vendor signed");
  }
  if (upload.size() > kMaxVendorRequest) {
    return fail(errc::limit, "signing request of " + std::to_string(upload.size()) + " octets",
                "it has at most " + std::to_string(kMaxVendorRequest));
  }
  const std::string_view text = as_text(upload);
  const auto finish = [](SigningRequest request) -> Result<SigningRequest> {
    UNDERSTUDY_CHECK(check(request.csr));
    return request;
  };
  // "openssl req -text" puts words in front; base64 has no '-', and no '0' where XML begins.
  if (text.find("-----BEGIN") != std::string_view::npos) {
    UNDERSTUDY_TRY(auto csr, plain(crypto::CertificateRequest::from_pem(text)));
    return finish({std::move(csr), std::nullopt});
  }
  if (upload.front() == kDerSequence) {
    UNDERSTUDY_TRY(auto csr, plain(crypto::CertificateRequest::from_der(upload)));
    return finish({std::move(csr), std::nullopt});
  }
  UNDERSTUDY_TRY(VendorRequest vendor, parse_vendor_request(text, trust, now));
  crypto::CertificateRequest csr = vendor.csr;
  return finish({std::move(csr), std::move(vendor)});
}

}  // namespace understudy::apns_mock
