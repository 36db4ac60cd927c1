#include "server-mock/workflow/push_client.h"

#include <nlohmann/json.hpp>

#include "shared/apns/provider.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{64} * 1024;
constexpr int kForbidden = 403;
/// In OpenSSL's words for what the far end said to end the connection ("sslv3 alert certificate
/// revoked"). What APNs refuses by an alert is our certificate (docs/protocol/provider-api.md);
/// when it is we who refuse its certificate, the words are others.
constexpr std::string_view kAlert = " alert ";

bool is_about_certificate(const std::string& reason) {
  using apns::Reason;
  const std::optional<Reason> known = apns::reason_from_name(reason);
  return known == Reason::bad_certificate || known == Reason::bad_certificate_environment;
}

std::string reason_of(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("reason") || !json["reason"].is_string()) return "";
  return json["reason"].get<std::string>();
}

net::HttpRequest http_request(const PushRequest& push, const std::string& url) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url + "/3/device/" + hex_encode(push.token);
  request.http2 = true;
  request.body = apns::mdm_payload(push.push_magic);
  request.max_response_bytes = kMaxAnswer;
  request.headers.set("apns-id", push.apns_id);
  request.headers.set("apns-topic", push.topic);
  request.headers.set("apns-push-type", "mdm");
  request.headers.set("apns-priority", "10");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(push.expiration);
  request.headers.set("apns-expiration", std::to_string(seconds.time_since_epoch().count()));
  return request;
}

}  // namespace

PushClient::PushClient(Store& store, net::HttpClient& http, std::string url,
                       std::vector<crypto::Certificate> anchors, const std::string& sandbox_url)
    : store_(store),
      http_(http),
      url_(std::move(url)),
      sandbox_url_(sandbox_url.empty() ? url_ : sandbox_url),
      anchors_(std::move(anchors)) {}

Task<PushAnswer> PushClient::push(PushRequest request) {
  PushAnswer answer;
  const Result<Route> route = route_for(request.topic);
  if (!route) {
    answer.reason = route.error().message();
    answer.certificate_refused = route.error().code == errc::not_found;
    co_return answer;
  }
  net::HttpRequest http = http_request(request, route->url);
  http.credentials = route->credentials;
  Result<net::HttpResponse> response = co_await http_.send(std::move(http));
  if (!response) {
    answer.reason = response.error().message();
    answer.certificate_refused = answer.reason.find(kAlert) != std::string::npos;
    co_return answer;
  }
  answer.status = response->status;
  answer.reason = reason_of(response->body);
  answer.certificate_refused = answer.status == kForbidden && is_about_certificate(answer.reason);
  co_return answer;
}

Result<PushClient::Route> PushClient::route_for(const std::string& topic) {
  if (!routes_) UNDERSTUDY_CHECK(load_routes());
  for (const Route& route : *routes_) {
    if (route.topic == topic) return route;
  }
  return fail(errc::not_found, "there is no push certificate for topic " + topic,
              "upload it with PUT /v1/pushcert; a device that enrolled for another topic has to "
              "enroll again");
}

Result<void> PushClient::load_routes() {
  std::vector<Route> routes;
  for (const char* environment : kPushEnvironments) {
    UNDERSTUDY_TRY(const std::optional<PushCertificateRecord> record,
                   store_.push_certificate(environment));
    if (!record) continue;
    UNDERSTUDY_TRY(crypto::Identity identity, crypto::Identity::from_pem(record->pem));
    auto credentials = std::make_shared<net::ClientCredentials>();
    credentials->anchors = anchors_;
    credentials->system_anchors = anchors_.empty();
    credentials->identity = std::move(identity);
    const bool is_sandbox = record->environment == "sandbox";
    routes.push_back({record->topic, is_sandbox ? sandbox_url_ : url_, std::move(credentials)});
  }
  routes_ = std::move(routes);
  return {};
}

}  // namespace understudy::server
