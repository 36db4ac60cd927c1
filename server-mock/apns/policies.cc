#include "server-mock/apns/policies.h"

#include <charconv>
#include <functional>
#include <optional>

#include "server-mock/apns/provider_request.h"
#include "shared/core/errc.h"

namespace understudy::apns_mock {
namespace {

constexpr std::int64_t kMaxSeconds = std::int64_t{400} * 86'400;

/// One row: how its value is read from, and written into, the struct. `take` is false for a value
/// that is none.
struct Policy {
  std::string name, values, about;
  std::function<std::string(const Policies&)> show;
  std::function<bool(Policies&, std::string_view)> take;
};

std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && stop == text.data() + text.size();
  if (!is_whole || number < 0 || number > most) return std::nullopt;
  return number;
}

/// One of a member's values, and its name.
template <class T>
struct Named {
  std::string name;
  T value;
};

/// A member with two values that have names.
template <class T>
Policy choice(std::string name, T Policies::* member, const Named<T>& first, const Named<T>& second,
              std::string about) {
  Policy policy{std::move(name), first.name + " | " + second.name, std::move(about), {}, {}};
  policy.show = [=](const Policies& all) {
    return all.*member == first.value ? first.name : second.name;
  };
  policy.take = [=](Policies& all, std::string_view value) {
    if (value != first.name && value != second.name) return false;
    all.*member = value == first.name ? first.value : second.value;
    return true;
  };
  return policy;
}

Policy seconds(std::string name, Duration Policies::* member, std::string about,
               std::int64_t most = kMaxSeconds) {
  Policy policy{std::move(name), "seconds, 0 to " + std::to_string(most), std::move(about), {}, {}};
  policy.show = [=](const Policies& all) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(all.*member).count());
  };
  policy.take = [=](Policies& all, std::string_view value) {
    const auto number = whole_number(value, most);
    if (number) all.*member = std::chrono::seconds(*number);
    return number.has_value();
  };
  return policy;
}

Policy count(std::string name, std::int64_t Policies::* member, std::int64_t most,
             std::string about) {
  Policy policy{std::move(name), "0 to " + std::to_string(most), std::move(about), {}, {}};
  policy.show = [=](const Policies& all) { return std::to_string(all.*member); };
  policy.take = [=](Policies& all, std::string_view value) {
    const auto number = whole_number(value, most);
    if (number) all.*member = *number;
    return number.has_value();
  };
  return policy;
}

std::vector<Policy> provider_policies() {
  using Trouble = Policies::CertificateTrouble;
  return {
      choice("provider.certificate-trouble", &Policies::certificate_trouble,
             {"403", Trouble::answer}, {"alert", Trouble::alert},
             "an expired, revoked, foreign or wrong environment's client certificate: a 403 with "
             "its reason, or a TLS alert in the handshake; both were seen at Apple"),
      choice("provider.expired-alert", &Policies::expired_as_internal_error,
             {"certificate_expired", false}, {"internal_error", true},
             "which alert an expired certificate gets; internal_error was seen in 2017, "
             "certificate_expired in 2018"),
      choice("provider.jwt", &Policies::jwt,
             {"InvalidProviderToken", apns::Reason::invalid_provider_token},
             {"TopicDisallowed", apns::Reason::topic_disallowed},
             "a token instead of a certificate: device management has certificates only, and what "
             "Apple answers is unknown"),
      choice("provider.tokens", &Policies::lenient_tokens, {"strict", false}, {"lenient", true},
             "strict: an unknown token is BadDeviceToken, as at Apple; lenient: any hexadecimal "
             "text of even length is accepted and discarded"),
      seconds("provider.absent-expiration", &Policies::absent_expiration,
              "how long a push without apns-expiration is stored; sources say 30 days, a day, or "
              "not at all (0)",
              std::chrono::seconds(kLongestStorage).count()),
      choice("provider.streams", &Policies::adaptive_streams, {"fixed", false}, {"adaptive", true},
             "MAX_CONCURRENT_STREAMS: 1000 throughout, or 500, 1 after a refused push, and 500 "
             "again after an accepted one (seen in 2016)"),
      choice("provider.unique-id", &Policies::unique_id, {"sandbox", true}, {"never", false},
             "apns-unique-id on answers: Apple documents it for development only"),
      seconds("provider.unregistered-delay", &Policies::unregistered_delay,
              "how long pushes to an unregistered token are still answered 200 (and discarded) "
              "before 410; Apple's delay is undocumented and slides"),
      seconds("provider.idle-timeout", &Policies::provider_idle,
              "a provider that is silent for so long, by real time, hears GOAWAY with IdleTimeout, "
              "0: never; Apple names the reason and no time"),
  };
}

std::vector<Policy> courier_policies() {
  return {
      choice("courier.identity", &Policies::check_identity, {"strict", true}, {"lenient", false},
             "whether nonce and signature of Connect (v3) are verified; a fleet on the light "
             "transport may save the cost"),
      seconds("courier.nonce-window", &Policies::nonce_window,
              "how far the nonce's time may be off; 0: it is not looked at. One source says Apple "
              "looks sometimes"),
      choice("courier.message-ids", &Policies::count_ids, {"counting", true}, {"zero", false},
             "ids from 1 up on each connection, or always 0 as pushes from providers were seen "
             "with"),
      seconds("courier.redeliver-after", &Policies::redeliver_after,
              "a push that is not acked comes again after this time, 0: after a reconnect only; "
              "that it does is seen, when is unknown"),
      count("courier.redeliver-limit", &Policies::redeliver_limit, 100,
            "after so many redeliveries the connection is closed; the real limit is unknown"),
      seconds("courier.low-priority-batch", &Policies::low_priority_batch,
              "pushes of priority 5 and 1 are held this long and delivered together, 0: at once; "
              "Apple documents that they may be"),
      seconds("courier.filter-within", &Policies::filter_within,
              "a connection without a Filter for so long, by real time, is closed, 0: never; one "
              "live report says within seconds"),
      seconds("courier.idle-timeout", &Policies::courier_idle,
              "a device that is silent for so long, by real time, is cut off, 0: never; unknown, "
              "but above the 20 minutes of the longest keepalive"),
      choice("courier.no-storage", &Policies::send_no_storage, {"send", true}, {"omit", false},
             "NoStorage after a Filter that delivers nothing; its meaning is contested"),
      choice("courier.storage-flags", &Policies::storage_flags_in_7, {"7", true}, {"9", false},
             "the field of a Notification that says it came from storage; sources disagree"),
  };
}

const std::vector<Policy>& policies_known() {
  static const std::vector<Policy> known = [] {
    std::vector<Policy> all = provider_policies();
    for (Policy& policy : courier_policies()) all.push_back(std::move(policy));
    return all;
  }();
  return known;
}

}  // namespace

std::chrono::milliseconds idle_limit(Duration policy) {
  constexpr std::chrono::hours kNever{24 * 36'500};
  return policy > Duration{0} ? std::chrono::duration_cast<std::chrono::milliseconds>(policy)
                              : kNever;
}

std::vector<PolicyText> policy_table(const Policies& policies) {
  std::vector<PolicyText> table;
  for (const Policy& policy : policies_known()) {
    table.push_back({policy.name, policy.show(policies), policy.values, policy.about});
  }
  return table;
}

Result<void> set_policy(Policies& policies, std::string_view name, std::string_view value) {
  std::string names;
  for (const Policy& policy : policies_known()) {
    if (policy.name == name) {
      if (policy.take(policies, value)) return {};
      return fail(errc::invalid_argument,
                  "policy " + policy.name + ": '" + std::string(value) + "' is no value of it",
                  "it takes " + policy.values);
    }
    names += (names.empty() ? "" : ", ") + policy.name;
  }
  return fail(errc::invalid_argument, "there is no policy '" + std::string(name) + "'",
              "there are " + names);
}

}  // namespace understudy::apns_mock
