#include "agent/identity/trust.h"

#include <algorithm>

namespace understudy::agent {
namespace {

/// By PayloadUUID, from the keychain. Pins that name nothing leave no chain that would do.
Result<void> pin(net::ClientCredentials& credentials, const Device& device,
                 const std::vector<std::string>& uuids) {
  if (uuids.empty()) return {};
  credentials.require_revocation_status = device.enrollment->mdm.pinning_revocation_check;
  for (const KeychainItem& item : device.keychain) {
    if (std::ranges::find(uuids, item.payload_uuid) == uuids.end()) continue;
    UNDERSTUDY_TRY(auto certificate, crypto::Certificate::from_der(item.certificate_der));
    credentials.pins.push_back(std::move(certificate));
  }
  if (!credentials.pins.empty()) return {};
  return fail(errc::not_found,
              "device " + device.id + ": none of the " + std::to_string(uuids.size()) +
                  " certificates that its profile pins is on it",
              "name the PayloadUUIDs of certificate payloads of the same profile");
}

}  // namespace

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

Result<ServerCredentials> DeviceCredentials::of(const Device& device) {
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
  const mdm::MdmPayload& mdm = device.enrollment->mdm;
  const bool pins = !mdm.server_url_pins.empty() || !mdm.checkin_url_pins.empty();
  const bool is_known = identity_ && *item == item_;
  if (is_known && made_.for_server && anchors_der == anchors_der_ && !pins) return made_;
  if (!is_known) {
    UNDERSTUDY_TRY(auto key, crypto::PrivateKey::from_der(item->private_key_der));
    UNDERSTUDY_TRY(auto certificate, crypto::Certificate::from_der(item->certificate_der));
    remember(*item, {std::move(key), std::move(certificate), {}});
  }
  UNDERSTUDY_TRY(auto anchors, certificates_from(anchors_der));
  ServerCredentials made;
  made.for_server = made.for_checkin = make_credentials(anchors, identity_);
  UNDERSTUDY_CHECK(pin(*made.for_server, device, mdm.server_url_pins));
  if (mdm.checkin_url != mdm.server_url && mdm.checkin_url_pins != mdm.server_url_pins) {
    made.for_checkin = make_credentials(std::move(anchors), identity_);
    UNDERSTUDY_CHECK(pin(*made.for_checkin, device, mdm.checkin_url_pins));
  }
  made_ = std::move(made);
  anchors_der_ = anchors_der;
  return made_;
}

void DeviceCredentials::remember(KeychainItem item, crypto::Identity identity) {
  item_ = std::move(item);
  identity.chain.clear();  // a device shows its own certificate alone
  identity_ = std::move(identity);
  made_ = {};
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
