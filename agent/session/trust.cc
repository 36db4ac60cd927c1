#include "agent/session/trust.h"

namespace understudy::agent {

std::shared_ptr<net::ClientCredentials> make_credentials(std::vector<crypto::Certificate> anchors,
                                                         std::optional<crypto::Identity> identity) {
  auto credentials = std::make_shared<net::ClientCredentials>();
  credentials->system_anchors = anchors.empty();
  credentials->anchors = std::move(anchors);
  credentials->identity = std::move(identity);
  return credentials;
}

Task<Result<net::HttpResponse>> send_trusting(
    net::HttpClient& http, net::HttpRequest request,
    std::shared_ptr<net::ClientCredentials>& credentials) {
  request.credentials = credentials;
  auto answer = co_await http.send(request);
  const bool try_wider = !answer && answer.error().code == net::http_errc::tls;
  if (!try_wider || credentials->system_anchors) co_return answer;
  // Nothing was sent yet: the handshake failed.
  auto wider = std::make_shared<net::ClientCredentials>(*credentials);
  wider->system_anchors = true;
  request.credentials = wider;
  auto second = co_await http.send(std::move(request));
  if (!second) co_return answer;
  credentials = std::move(wider);
  co_return second;
}

Result<std::shared_ptr<net::ClientCredentials>> DeviceCredentials::of(const Device& device) {
  if (!device.enrollment) {
    return fail(errc::not_found, "device " + device.id + " is not enrolled");
  }
  const KeychainItem* item = device.find_identity(device.enrollment->identity_payload_uuid);
  if (item == nullptr) {
    return fail(errc::not_found,
                "device " + device.id + ": its MDM identity is not in the keychain",
                "unenroll the device and enroll a new one");
  }
  const std::vector<Bytes>& anchors_der = device.enrollment->anchors_der;
  if (made_ && *item == identity_ && anchors_der == anchors_der_) return made_;
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::from_der(item->private_key_der));
  UNDERSTUDY_TRY(auto certificate, crypto::Certificate::from_der(item->certificate_der));
  UNDERSTUDY_TRY(auto anchors, certificates_from(anchors_der));
  crypto::Identity identity{std::move(key), std::move(certificate), {}};
  made_ = make_credentials(std::move(anchors), std::move(identity));
  identity_ = *item;
  anchors_der_ = anchors_der;
  return made_;
}

Result<std::vector<crypto::Certificate>> certificates_from(const std::vector<Bytes>& ders) {
  std::vector<crypto::Certificate> certificates;
  for (const Bytes& der : ders) {
    UNDERSTUDY_TRY(auto certificate, crypto::Certificate::from_der(der));
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

}  // namespace understudy::agent
