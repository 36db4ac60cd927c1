#include "shared/apns/provider.h"

#include <array>
#include <nlohmann/json.hpp>

#include "shared/apns/frame.h"

namespace understudy::apns {
namespace {

struct Row {
  Reason reason;
  std::string_view name;
  int status;
};

/// In the order of the enum. Source: docs/protocol/provider-api.md.
constexpr std::array kRows = {
    Row{Reason::bad_collapse_id, "BadCollapseId", 400},
    Row{Reason::bad_device_token, "BadDeviceToken", 400},
    Row{Reason::bad_expiration_date, "BadExpirationDate", 400},
    Row{Reason::bad_message_id, "BadMessageId", 400},
    Row{Reason::bad_priority, "BadPriority", 400},
    Row{Reason::bad_topic, "BadTopic", 400},
    Row{Reason::device_token_not_for_topic, "DeviceTokenNotForTopic", 400},
    Row{Reason::duplicate_headers, "DuplicateHeaders", 400},
    Row{Reason::idle_timeout, "IdleTimeout", 400},
    Row{Reason::invalid_push_type, "InvalidPushType", 400},
    Row{Reason::missing_device_token, "MissingDeviceToken", 400},
    Row{Reason::missing_topic, "MissingTopic", 400},
    Row{Reason::payload_empty, "PayloadEmpty", 400},
    Row{Reason::topic_disallowed, "TopicDisallowed", 400},
    Row{Reason::bad_certificate, "BadCertificate", 403},
    Row{Reason::bad_certificate_environment, "BadCertificateEnvironment", 403},
    Row{Reason::expired_provider_token, "ExpiredProviderToken", 403},
    Row{Reason::forbidden, "Forbidden", 403},
    Row{Reason::invalid_provider_token, "InvalidProviderToken", 403},
    Row{Reason::missing_provider_token, "MissingProviderToken", 403},
    Row{Reason::unrelated_key_id_in_token, "UnrelatedKeyIdInToken", 403},
    Row{Reason::bad_environment_key_id_in_token, "BadEnvironmentKeyIdInToken", 403},
    Row{Reason::bad_path, "BadPath", 404},
    Row{Reason::method_not_allowed, "MethodNotAllowed", 405},
    Row{Reason::expired_token, "ExpiredToken", 410},
    Row{Reason::unregistered, "Unregistered", 410},
    Row{Reason::payload_too_large, "PayloadTooLarge", 413},
    Row{Reason::too_many_provider_token_updates, "TooManyProviderTokenUpdates", 429},
    Row{Reason::too_many_requests, "TooManyRequests", 429},
    Row{Reason::internal_server_error, "InternalServerError", 500},
    Row{Reason::service_unavailable, "ServiceUnavailable", 503},
    Row{Reason::shutdown, "Shutdown", 503},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].reason) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(Reason::shutdown) + 1;
}
static_assert(in_enum_order());

const Row& row(Reason reason) {
  return kRows.at(static_cast<std::size_t>(reason));
}

}  // namespace

std::string_view reason_name(Reason reason) {
  return row(reason).name;
}

int reason_status(Reason reason) {
  return row(reason).status;
}

std::optional<Reason> reason_from_name(std::string_view name) {
  for (const Row& candidate : kRows) {
    if (candidate.name == name) return candidate.reason;
  }
  return std::nullopt;
}

std::string mdm_payload(std::string_view push_magic) {
  using nlohmann::json;
  json payload = json::object();
  payload["mdm"] = push_magic;
  return payload.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::string> parse_mdm_payload(BytesView payload) {
  using nlohmann::json;
  // Keys are counted while reading: the finished object would hide a repeated one.
  int keys = 0;
  const auto count = [&keys](int /*depth*/, json::parse_event_t event, json& /*parsed*/) {
    if (event == json::parse_event_t::key) ++keys;
    return true;
  };
  const json parsed = json::parse(payload.begin(), payload.end(), count, false);
  if (!parsed.is_object() || keys != 1 || !parsed.contains("mdm") || !parsed["mdm"].is_string()) {
    return fail(errc::malformed, "push payload: not exactly {\"mdm\": \"PushMagic\"}");
  }
  return parsed["mdm"].get<std::string>();
}

}  // namespace understudy::apns
