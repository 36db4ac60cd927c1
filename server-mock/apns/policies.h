#pragma once

/// What Apple does not document, or what sources disagree about: each a named choice with a
/// default, never a silent one. `understudy-server apns --policies` prints the table;
/// server-mock/apns/README.md says what is known about each.

#include <string>
#include <string_view>
#include <vector>

#include "shared/apns/provider.h"
#include "shared/core/clock.h"
#include "shared/core/result.h"

namespace understudy::apns_mock {

struct Policies {
  // Provider side.
  enum class CertificateTrouble { answer, alert } certificate_trouble = CertificateTrouble::answer;
  bool expired_as_internal_error = false;  ///< the alert for an expired certificate
  apns::Reason jwt = apns::Reason::invalid_provider_token;
  bool lenient_tokens = false;
  Duration absent_expiration = std::chrono::days(30);  ///< the most; zero: try once
  bool adaptive_streams = false;
  bool unique_id = true;  ///< apns-unique-id on the sandbox's answers
  Duration unregistered_delay{0};
  Duration provider_idle = std::chrono::hours(2);  ///< zero: never closed for it

  // Courier.
  bool check_identity = true;
  Duration nonce_window{0};                             ///< zero: the nonce's time is not looked at
  bool count_ids = true;                                ///< false: every push has id 0
  Duration redeliver_after = std::chrono::seconds(60);  ///< zero: after a reconnect only
  std::int64_t redeliver_limit = 3;                     ///< then the connection is closed
  Duration low_priority_batch{0};                       ///< zero: at once
  Duration filter_within{0};                            ///< zero: no such limit
  /// Above the longest keepalive interval of real devices (20 minutes). Zero: never closed for it.
  Duration courier_idle = std::chrono::minutes(30);
  bool send_no_storage = true;
  bool storage_flags_in_7 = true;  ///< else in field 9
};

/// Either of the two idle times, as a deadline takes it: a hundred years for zero, which is never.
std::chrono::milliseconds idle_limit(Duration policy);

/// One policy as a person sees it.
struct PolicyText {
  std::string name, value, values, about;
};

/// All of them, in the order of this file.
std::vector<PolicyText> policy_table(const Policies& policies);
/// "courier.identity", "lenient". Errors: errc::invalid_argument, naming what there is.
Result<void> set_policy(Policies& policies, std::string_view name, std::string_view value);

}  // namespace understudy::apns_mock
