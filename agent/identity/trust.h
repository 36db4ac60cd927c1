#pragma once

/// Whom a device trusts: the certificates of its profile (and of --ca) and the system's (6.4).

#include <memory>
#include <vector>

#include "agent/device/device.h"
#include "shared/net/http_client.h"

namespace understudy::agent {

/// The system's bundle costs 800 KB and 27 ms to load: without anchors of its own a device has it
/// at once, otherwise only when the others do not suffice.
std::shared_ptr<net::ClientCredentials> make_credentials(
    std::vector<crypto::Certificate> anchors, std::optional<crypto::Identity> identity = {});

/// Sends; when the handshake fails, once more with the system's anchors added. `credentials` is
/// replaced by the wider ones where those were needed. Errors: of the first attempt.
Task<Result<net::HttpResponse>> send_trusting(net::HttpClient& http, net::HttpRequest request,
                                              std::shared_ptr<net::ClientCredentials>& credentials);

/// One and the same, unless other certificates are pinned for each URL (1.11).
struct ServerCredentials {
  std::shared_ptr<net::ClientCredentials> for_server, for_checkin;
};

/// Who a device is to its server and whom it trusts, read once: OpenSSL takes longer to read a key
/// and a certificate than to sign. The same credentials also have their connection used again.
class DeviceCredentials {
 public:
  /// Made anew when the device has another identity or other anchors than the last time, and where
  /// its profile pins certificates. Errors: errc::not_found (no enrollment, or its identity or what
  /// it pins is not in the keychain), crypto::errc.
  Result<ServerCredentials> of(const Device& device);
  /// Where it is at hand already: the identity that `item` stands for.
  void remember(KeychainItem item, crypto::Identity identity);

 private:
  KeychainItem item_;
  std::optional<crypto::Identity> identity_;  ///< that of item_
  std::vector<Bytes> anchors_der_;
  ServerCredentials made_;
};

/// Errors: crypto::errc::malformed.
Result<std::vector<crypto::Certificate>> certificates_from(const std::vector<Bytes>& ders);

}  // namespace understudy::agent
