#include "server-mock/device_services/authenticator.h"

#include "shared/mdm/messages.h"
#include "shared/mdm/signature.h"

namespace understudy::server {
namespace {

tl::unexpected<Error> unauthenticated(std::string what, std::string hint) {
  return fail(device_errc::unauthenticated, std::move(what), std::move(hint));
}

}  // namespace

Result<crypto::Certificate> Authenticator::certificate_of(
    const net::IncomingRequest& request) const {
  std::optional<crypto::Certificate> certificate = request.peer_certificate;
  if (const auto header = request.headers.find(mdm::kSignatureHeader)) {
    Result<crypto::Certificate> signer = mdm::verify_signature(request.body, *header);
    if (!signer) {
      return unauthenticated("the Mdm-Signature does not verify: " + signer.error().message(),
                             "sign the exact octets of the body with the device identity");
    }
    if (certificate && !(*certificate == *signer)) {
      return unauthenticated("the Mdm-Signature is by another certificate than the connection's",
                             "use one identity for both");
    }
    certificate = std::move(*signer);
  }
  if (!certificate) {
    return unauthenticated("the request carries no identity",
                           "use the enrollment profile's identity as TLS client certificate or "
                           "send an Mdm-Signature");
  }
  const Result<void> trusted = crypto::verify_chain(*certificate, {}, anchors_, clock_.now());
  if (trusted) return std::move(*certificate);
  return unauthenticated("the certificate " + certificate->subject().text() +
                             " is refused: " + trusted.error().message(),
                         "enroll again with a new profile");
}

}  // namespace understudy::server
