#pragma once

/// The provider API's words: reasons, their statuses, and the MDM payload. Source:
/// docs/protocol/provider-api.md.

#include <optional>
#include <string>
#include <string_view>

#include "shared/core/bytes.h"
#include "shared/core/result.h"

namespace understudy::apns {

/// Every reason APNs names for a device push.
enum class Reason {
  bad_collapse_id,
  bad_device_token,
  bad_expiration_date,
  bad_message_id,
  bad_priority,
  bad_topic,
  device_token_not_for_topic,
  duplicate_headers,
  idle_timeout,
  invalid_push_type,
  missing_device_token,
  missing_topic,
  payload_empty,
  topic_disallowed,
  bad_certificate,
  bad_certificate_environment,
  expired_provider_token,
  forbidden,
  invalid_provider_token,
  missing_provider_token,
  unrelated_key_id_in_token,
  bad_environment_key_id_in_token,
  bad_path,
  method_not_allowed,
  expired_token,
  unregistered,
  payload_too_large,
  too_many_provider_token_updates,
  too_many_requests,
  internal_server_error,
  service_unavailable,
  shutdown,
};

std::string_view reason_name(Reason reason);  ///< "BadDeviceToken"
int reason_status(Reason reason);             ///< 400
/// nullopt for a text that is no reason.
std::optional<Reason> reason_from_name(std::string_view name);

inline constexpr std::size_t kMaxPayload = 4096;
/// Prefix of every MDM push topic.
inline constexpr std::string_view kMdmTopicPrefix = "com.apple.mgmt.";

/// `{"mdm":"<PushMagic>"}`, nothing else. Source: docs/protocol/device-facts.md 12.1.
std::string mdm_payload(std::string_view push_magic);
/// The PushMagic. Errors: errc::malformed for anything but exactly that object.
Result<std::string> parse_mdm_payload(BytesView payload);

}  // namespace understudy::apns
