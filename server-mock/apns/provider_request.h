#pragma once

/// What a provider's request means, without HTTP/2 and without tokens: a pure function.
/// Source of the rules and their order: docs/protocol/provider-api.md.

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server-mock/apns/h2_session.h"
#include "server-mock/apns/policies.h"
#include "server-mock/apns/provider_caller.h"
#include "shared/apns/messages.h"
#include "shared/apns/provider.h"
#include "shared/core/clock.h"

namespace understudy::apns_mock {

/// At most, whatever apns-expiration says. Source: Apple, "Sending notification requests to APNs".
inline constexpr auto kLongestStorage = std::chrono::days(30);

using ProviderRequest = H2Request;

/// A request in order.
struct PushOrder {
  std::string apns_id;
  apns::Token token{};
  std::string topic;
  Bytes payload;
  TimePoint expires_at;  ///< not later than now: try once
  std::uint8_t priority = 10;
  std::string push_type;       ///< empty: not said
  std::string collapse_id;     ///< empty: none
  bool lenient_token = false;  ///< no token of ours, and to be accepted by policy
};
struct PushRefusal {
  std::string apns_id;
  apns::Reason reason{};
};
using PushDecision = std::variant<PushOrder, PushRefusal>;

/// Takes the body out of a request that is in order. `own_id` is used when the request brings no
/// (legal) apns-id.
PushDecision decide(ProviderRequest& request, const ProviderCaller& caller, std::string own_id,
                    TimePoint now, const Policies& policies);

/// Whether a header field matters to `decide`.
bool is_push_header(std::string_view name);

/// `{"reason":"BadDeviceToken"}`
std::string reason_body(apns::Reason reason);
/// The same; with 410 also `"timestamp"`, milliseconds: when the token ended.
std::string refusal_body(apns::Reason reason, int status, TimePoint gone_since);

}  // namespace understudy::apns_mock
