#pragma once

/// Sends one push to APNs: HTTP/2, with the push certificate. Sources: apns.md B1 to B5,
/// device-behaviour.md 12.

#include <memory>
#include <string>
#include <vector>

#include "server-mock/store/store.h"
#include "shared/core/clock.h"
#include "shared/net/http_client.h"

namespace understudy::server {

struct PushRequest {
  Bytes token;
  std::string push_magic;  ///< secret
  std::string topic;
  std::string apns_id;
  TimePoint expiration;
};

struct PushAnswer {
  int status = 0;      ///< 0: no answer at all
  std::string reason;  ///< APNs's word for it, or what kept us from asking
};

/// The messaging service's way out; a test may stand in its place.
class Pusher {
 public:
  virtual ~Pusher() = default;
  virtual Task<PushAnswer> push(PushRequest request) = 0;
};

/// Use from its executor only.
class PushClient final : public Pusher {
 public:
  /// `url`: "https://host:port", APNs's provider API. `anchors`: whom to trust for it.
  PushClient(Store& store, net::HttpClient& http, std::string url,
             std::vector<crypto::Certificate> anchors);

  Task<PushAnswer> push(PushRequest request) override;
  /// The push certificate in the store has changed.
  void reload() { credentials_.reset(); }

 private:
  Result<void> load_credentials();

  Store& store_;
  net::HttpClient& http_;
  const std::string url_;
  const std::vector<crypto::Certificate> anchors_;
  std::shared_ptr<const net::ClientCredentials> credentials_;
};

}  // namespace understudy::server
