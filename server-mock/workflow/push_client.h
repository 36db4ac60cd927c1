#pragma once

/// Sends one push to APNs: HTTP/2, with the push certificate. Sources:
/// docs/protocol/provider-api.md, docs/protocol/device-facts.md 12.

#include <memory>
#include <optional>
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
  /// It is not this push that was refused but the certificate, or there is none for its topic: no
  /// push will go through until another one is uploaded.
  bool certificate_refused = false;
};

/// The messaging service's way out; a test may stand in its place.
class Pusher {
 public:
  virtual ~Pusher() = default;
  virtual Task<PushAnswer> push(PushRequest request) = 0;
};

/// A push goes with the certificate of its topic, to the environment of that certificate:
/// production is looked at first. Use from its executor only.
class PushClient final : public Pusher {
 public:
  /// `url`: "https://host:port", APNs's provider API; `sandbox_url` likewise, empty: the same one.
  /// `anchors`: whom to trust for both.
  PushClient(Store& store, net::HttpClient& http, std::string url,
             std::vector<crypto::Certificate> anchors, const std::string& sandbox_url = "");

  Task<PushAnswer> push(PushRequest request) override;
  /// A push certificate in the store has changed.
  void reload() { routes_.reset(); }

 private:
  /// What an environment's certificate is for, and where it goes.
  struct Route {
    std::string topic, url;
    std::shared_ptr<const net::ClientCredentials> credentials;
  };
  Result<void> load_routes();
  Result<Route> route_for(const std::string& topic);

  Store& store_;
  net::HttpClient& http_;
  const std::string url_, sandbox_url_;
  const std::vector<crypto::Certificate> anchors_;
  std::optional<std::vector<Route>> routes_;
};

}  // namespace understudy::server
