#include "server-mock/workflow/push_client.h"

#include <nlohmann/json.hpp>

#include "shared/apns/provider.h"
#include "shared/core/errc.h"

namespace understudy::server {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{64} * 1024;

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
                       std::vector<crypto::Certificate> anchors)
    : store_(store), http_(http), url_(std::move(url)), anchors_(std::move(anchors)) {}

Task<PushAnswer> PushClient::push(PushRequest request) {
  PushAnswer answer;
  if (!credentials_) {
    const Result<void> loaded = load_credentials();
    if (!loaded) {
      answer.reason = loaded.error().message();
      co_return answer;
    }
  }
  net::HttpRequest http = http_request(request, url_);
  http.credentials = credentials_;
  Result<net::HttpResponse> response = co_await http_.send(std::move(http));
  if (!response) {
    answer.reason = response.error().message();
    co_return answer;
  }
  answer.status = response->status;
  answer.reason = reason_of(response->body);
  co_return answer;
}

Result<void> PushClient::load_credentials() {
  UNDERSTUDY_TRY(const std::optional<PushCertificateRecord> record,
                 store_.push_certificate("production"));
  if (!record) {
    return fail(errc::not_found, "there is no push certificate",
                "upload one with PUT /v1/pushcert");
  }
  UNDERSTUDY_TRY(crypto::Identity identity, crypto::Identity::from_pem(record->pem));
  auto credentials = std::make_shared<net::ClientCredentials>();
  credentials->anchors = anchors_;
  credentials->system_anchors = anchors_.empty();
  credentials->identity = std::move(identity);
  credentials_ = std::move(credentials);
  return {};
}

}  // namespace understudy::server
