#pragma once

/// The rows of the provider API's table of answers, each with the request that provokes it. The
/// table: docs/protocol/provider-api.md.

#include <array>
#include <regex>

#include "shared/apns/provider.h"
#include "tests/integration/apns_program_fixture.h"

namespace understudy::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline const std::string kId = "123e4567-e89b-12d3-a456-426614174000";
inline const std::string kOtherTopic =
    "com.apple.mgmt.External.99999999-2222-3333-4444-555555555555";
inline const std::string kDevicePath = "/3/device/";
/// When the tokens of the 410 rows ended.
inline const std::string kEnded = "2024-01-01T00:00:00Z";
inline constexpr std::int64_t kEndedMs = 1'704'067'200'000;

/// One request, and what must come back.
struct Row {
  int status = 200;
  std::string reason;                 ///< empty: no body
  std::optional<std::int64_t> ended;  ///< `timestamp` in the body
  const char* listener = "apns";      ///< or "sandbox"
  std::string identity = "good";      ///< NAME.pem; empty: no client certificate
  std::string method = "POST";
  std::string path = kDevicePath + kUnknownToken;
  Headers headers;
  std::string body = R"({"mdm":"magic"})";

  Row(int want_status, std::string want_reason)
      : status(want_status), reason(std::move(want_reason)) {}
  Row with(Headers more) && {
    headers = std::move(more);
    return std::move(*this);
  }
  Row to(const std::string& token) && { return std::move(*this).at(kDevicePath + token); }
  Row at(std::string where) && {
    path = std::move(where);
    return std::move(*this);
  }
  Row by(std::string name) && {
    identity = std::move(name);
    return std::move(*this);
  }
  Row by_method(std::string name) && {
    method = std::move(name);
    return std::move(*this);
  }
  Row of(std::string text) && {
    body = std::move(text);
    return std::move(*this);
  }
  Row in_sandbox() && {
    listener = "sandbox";
    return std::move(*this);
  }
  Row since(std::int64_t ms) && {
    ended = ms;
    return std::move(*this);
  }

  json expected_body() const {
    if (reason.empty()) return {};
    json expected = {{"reason", reason}};
    if (ended) expected["timestamp"] = *ended;
    return expected;
  }
  /// Every header, by a pattern of its value. apns-id is the request's own where it has a legal
  /// one, else one that Apple would make.
  std::map<std::string, std::string> expected_headers() const {
    const std::string made = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}";
    std::map<std::string, std::string> expected = {{"apns-id", made}};
    for (const auto& [name, value] : headers) {
      if (name == "apns-id" && reason != "BadMessageId") expected["apns-id"] = value;
    }
    if (!reason.empty()) expected["content-type"] = "application/json";
    const bool is_unique = reason.empty() && listener == std::string("sandbox");
    if (is_unique) expected["apns-unique-id"] = made;
    return expected;
  }
  std::string label() const {
    return std::to_string(status) + " " + reason + " for " + method + " " + path + " by '" +
           identity + "' at " + listener;
  }
};

/// What the server knows.
struct Scene {
  std::string token, sandbox_token;  ///< of `kPushTopic`
  std::string crowded;               ///< one for which no other topic's push can be stored
  std::string unregistered, expired;
};

/// Reasons of which the mock has no occasion of its own: no JWT is ever good, and it does not fail.
/// A fault rule answers them.
inline constexpr std::array kFaulted = {
    apns::Reason::idle_timeout,
    apns::Reason::expired_provider_token,
    apns::Reason::forbidden,
    apns::Reason::unrelated_key_id_in_token,
    apns::Reason::bad_environment_key_id_in_token,
    apns::Reason::too_many_provider_token_updates,
    apns::Reason::internal_server_error,
    apns::Reason::service_unavailable,
    apns::Reason::shutdown,
};
/// The token for which the rule of that reason asks.
inline std::string faulted_token(apns::Reason reason) {
  const std::string number = std::to_string(static_cast<int>(reason));
  return std::string(64 - number.size(), 'f') + number;
}
inline json fault_rules() {
  json rules = json::array();
  for (const apns::Reason reason : kFaulted) {
    rules.push_back({{"hop", "provider.request"},
                     {"action", "answer"},
                     {"with", {{"reason", apns::reason_name(reason)}}},
                     {"match", {{"token", faulted_token(reason)}}}});
  }
  return rules;
}

inline void add_accepted(std::vector<Row>& rows, const Scene& scene) {
  rows.push_back(Row(200, "").to(scene.token));
  rows.push_back(Row(200, "")
                     .to(scene.token)
                     .with({{"apns-id", kId},
                            {"apns-topic", kPushTopic},
                            {"apns-push-type", "mdm"},
                            {"apns-priority", "10"},
                            {"apns-expiration", "0"},
                            {"apns-collapse-id", "c"},
                            {"authorization", "bearer a.b.c"}}));
  rows.push_back(Row(200, "").to(scene.token).by("many").with({{"apns-topic", kPushTopic}}));
  rows.push_back(Row(200, "").to(scene.sandbox_token).by("sandbox").in_sandbox());
}

inline void add_bad_headers(std::vector<Row>& rows) {
  const auto refused = [&](const char* reason, Headers headers) {
    rows.push_back(Row(400, reason).with(std::move(headers)));
  };
  refused("BadCollapseId", {{"apns-collapse-id", std::string(65, 'c')}});
  refused("BadExpirationDate", {{"apns-expiration", "tomorrow"}});
  refused("BadExpirationDate", {{"apns-expiration", "-1"}});
  refused("BadMessageId", {{"apns-id", "not-a-uuid"}});
  refused("BadPriority", {{"apns-priority", "7"}});
  refused("BadPriority", {{"apns-priority", "10"}, {"apns-push-type", "background"}});
  refused("BadTopic", {{"apns-topic", "com example"}});
  refused("DuplicateHeaders", {{"apns-priority", "5"}, {"apns-priority", "5"}});
  refused("InvalidPushType", {{"apns-push-type", "shout"}});
  refused("TopicDisallowed", {{"apns-topic", kOtherTopic}});
  rows.push_back(Row(400, "MissingTopic").by("many"));
  rows.push_back(Row(400, "TopicDisallowed").by("many").with({{"apns-topic", kOtherTopic}}));
}

inline void add_bad_requests(std::vector<Row>& rows, const Scene& scene) {
  rows.push_back(Row(400, "BadDeviceToken"));
  rows.push_back(Row(400, "BadDeviceToken").with({{"apns-id", kId}}));
  rows.push_back(Row(400, "BadDeviceToken").to(std::string(28, 'b')));
  rows.push_back(Row(400, "BadDeviceToken").to(std::string(64, 'z')));
  rows.push_back(Row(400, "BadDeviceToken").to(scene.token).by("sandbox").in_sandbox());
  rows.push_back(Row(400, "DeviceTokenNotForTopic").to(scene.token).by("other"));
  rows.push_back(Row(400, "MissingDeviceToken").at("/3/device"));
  rows.push_back(Row(400, "MissingDeviceToken").at("/3/device/"));
  rows.push_back(Row(400, "PayloadEmpty").to(scene.token).of(""));
  rows.push_back(Row(404, "BadPath").at("/"));
  rows.push_back(Row(404, "BadPath").at("/4/device/" + scene.token));
  rows.push_back(Row(404, "BadPath").to(scene.token + "/more"));
  rows.push_back(Row(405, "MethodNotAllowed").by_method("GET").of(""));
  rows.push_back(Row(405, "MethodNotAllowed").by_method("PUT").with({{"apns-id", kId}}));
  rows.push_back(Row(413, "PayloadTooLarge").to(scene.token).of(std::string(4097, 'x')));
  rows.push_back(Row(413, "PayloadTooLarge").to(scene.token).of(std::string(200'000, 'x')));
}

inline void add_callers(std::vector<Row>& rows) {
  for (const char* bad : {"foreign", "revoked", "expired", "not_yet_valid", "no_topic"}) {
    rows.push_back(Row(403, "BadCertificate").by(bad));
  }
  rows.push_back(Row(403, "BadCertificateEnvironment").by("sandbox"));
  rows.push_back(Row(403, "BadCertificateEnvironment").by("good").in_sandbox());
  rows.push_back(Row(403, "MissingProviderToken").by(""));
  rows.push_back(Row(403, "InvalidProviderToken").by("").with({{"authorization", "bearer a.b.c"}}));
}

inline void add_troubled_tokens(std::vector<Row>& rows, const Scene& scene) {
  rows.push_back(Row(410, "Unregistered").to(scene.unregistered).since(kEndedMs));
  rows.push_back(Row(410, "ExpiredToken").to(scene.expired).since(kEndedMs));
  rows.push_back(Row(429, "TooManyRequests").to(scene.crowded).by("other"));
}

/// The statuses are Apple's table's, written out here.
inline void add_faulted(std::vector<Row>& rows) {
  const std::map<std::string, int> statuses = {{"IdleTimeout", 400},
                                               {"ExpiredProviderToken", 403},
                                               {"Forbidden", 403},
                                               {"UnrelatedKeyIdInToken", 403},
                                               {"BadEnvironmentKeyIdInToken", 403},
                                               {"TooManyProviderTokenUpdates", 429},
                                               {"InternalServerError", 500},
                                               {"ServiceUnavailable", 503},
                                               {"Shutdown", 503}};
  for (const apns::Reason reason : kFaulted) {
    const std::string name(apns::reason_name(reason));
    rows.push_back(Row(statuses.at(name), name).to(faulted_token(reason)));
  }
}

inline std::vector<Row> matrix_rows(const Scene& scene) {
  std::vector<Row> rows;
  add_accepted(rows, scene);
  add_bad_headers(rows);
  add_bad_requests(rows, scene);
  add_callers(rows);
  add_troubled_tokens(rows, scene);
  add_faulted(rows);
  return rows;
}

}  // namespace understudy::server
