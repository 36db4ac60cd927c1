#include "server-mock/apns/provider_request.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace understudy::apns_mock {
namespace {

using apns::Reason;

constexpr std::string_view kDevicePath = "/3/device";
constexpr std::size_t kMaxCollapseId = 64;
constexpr int kGone = 410;
constexpr std::array<std::string_view, 11> kPushTypes = {
    "alert",    "background", "complication", "controls", "fileprovider", "liveactivity",
    "location", "mdm",        "pushtotalk",   "voip",     "widgets"};

using Header = std::optional<std::string_view>;

/// Checks in a fixed order; the first that fails decides. Each returns the reason to refuse.
class Examiner {
 public:
  Examiner(ProviderRequest& request, const ProviderCaller& caller, TimePoint now,
           const Policies& policies)
      : request_(request), caller_(caller), now_(now), policies_(policies) {}

  PushDecision decide(std::string own_id) {
    order_.apns_id = std::move(own_id);
    for (const auto check :
         {&Examiner::duplicates, &Examiner::id, &Examiner::method, &Examiner::path,
          &Examiner::certificate, &Examiner::topic, &Examiner::push_type, &Examiner::expiration,
          &Examiner::priority, &Examiner::collapse_id, &Examiner::token, &Examiner::payload}) {
      if (const auto reason = (this->*check)())
        return PushRefusal{std::move(order_.apns_id), *reason};
    }
    return std::move(order_);
  }

 private:
  using Finding = std::optional<Reason>;

  Header header(std::string_view name) const {
    for (const auto& [key, value] : request_.headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }

  Finding duplicates() {
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : request_.headers) {
      if (!is_push_header(name)) continue;
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
        return Reason::duplicate_headers;
      }
      seen.push_back(name);
    }
    return std::nullopt;
  }

  Finding id() {
    const Header given = header("apns-id");
    if (!given) return std::nullopt;
    if (!is_uuid(*given)) return Reason::bad_message_id;
    order_.apns_id = *given;
    return std::nullopt;
  }

  Finding method() {
    if (request_.method == "POST") return std::nullopt;
    return Reason::method_not_allowed;
  }

  Finding path() {
    std::string_view rest = request_.path;
    if (!rest.starts_with(kDevicePath)) return Reason::bad_path;
    rest.remove_prefix(kDevicePath.size());
    if (rest.empty() || rest == "/") return Reason::missing_device_token;
    if (rest[0] != '/') return Reason::bad_path;
    token_text_ = rest.substr(1);
    const auto ends = [](char c) { return c == '/' || c == '?' || c == '#'; };
    if (std::any_of(token_text_.begin(), token_text_.end(), ends)) return Reason::bad_path;
    return std::nullopt;
  }

  Finding certificate() {
    if (!caller_.standing) {
      // Device management knows certificates only, so any JWT is an invalid one.
      return header("authorization") ? policies_.jwt : Reason::missing_provider_token;
    }
    if (*caller_.standing == PushCertificateStanding::other_environment) {
      return Reason::bad_certificate_environment;
    }
    if (*caller_.standing != PushCertificateStanding::good) return Reason::bad_certificate;
    if (now_ < caller_.not_before || now_ > caller_.not_after) return Reason::bad_certificate;
    return std::nullopt;
  }

  Finding topic() {
    const auto& allowed = caller_.topics;
    const Header given = header("apns-topic");
    if (!given && allowed.size() != 1) return Reason::missing_topic;
    order_.topic = given ? *given : std::string_view(allowed.front());
    if (std::find(allowed.begin(), allowed.end(), order_.topic) != allowed.end()) {
      return std::nullopt;
    }
    return is_topic(order_.topic) ? Reason::topic_disallowed : Reason::bad_topic;
  }

  Finding push_type() {
    const Header given = header("apns-push-type");
    if (!given) return std::nullopt;
    if (std::find(kPushTypes.begin(), kPushTypes.end(), *given) == kPushTypes.end()) {
      return Reason::invalid_push_type;
    }
    order_.push_type = *given;
    return std::nullopt;
  }

  Finding expiration() {
    const TimePoint longest = now_ + kLongestStorage;
    order_.expires_at = now_ + policies_.absent_expiration;
    const Header given = header("apns-expiration");
    if (!given) return std::nullopt;
    std::uint64_t seconds = 0;
    const std::string text(*given);
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || stop != end) return Reason::bad_expiration_date;
    const auto limit = static_cast<std::uint64_t>(to_unix_us(longest) / 1'000'000);
    order_.expires_at = longest;
    if (seconds >= limit) return std::nullopt;
    order_.expires_at = TimePoint(std::chrono::seconds(seconds));
    return std::nullopt;
  }

  Finding priority() {
    const Header given = header("apns-priority");
    if (!given) return std::nullopt;
    if (*given != "10" && *given != "5" && *given != "1") return Reason::bad_priority;
    if (*given == "10" && order_.push_type == "background") return Reason::bad_priority;
    order_.priority =
        *given == "10" ? std::uint8_t{10} : static_cast<std::uint8_t>(given->front() - '0');
    return std::nullopt;
  }

  Finding collapse_id() {
    const Header given = header("apns-collapse-id");
    if (!given) return std::nullopt;
    if (given->size() > kMaxCollapseId) return Reason::bad_collapse_id;
    order_.collapse_id = *given;
    return std::nullopt;
  }

  Finding token() {
    const auto token = apns::token_from_hex(token_text_);
    if (token) {
      order_.token = *token;
    } else if (policies_.lenient_tokens && is_hex_text(token_text_)) {
      order_.lenient_token = true;
    } else {
      return Reason::bad_device_token;
    }
    return std::nullopt;
  }

  Finding payload() {
    if (request_.body_too_large || request_.body.size() > apns::kMaxPayload) {
      return Reason::payload_too_large;
    }
    if (request_.body.empty()) return Reason::payload_empty;
    order_.payload = std::move(request_.body);
    return std::nullopt;
  }

  static bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
  }
  static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
  static bool is_hex_text(std::string_view text) {
    return !text.empty() && text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), is_hex);
  }
  /// Reverse-DNS characters.
  static bool is_topic(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return is_hex(c) || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '.' ||
             c == '-' || c == '_';
    });
  }

  ProviderRequest& request_;
  const ProviderCaller& caller_;
  TimePoint now_;
  const Policies& policies_;
  std::string_view token_text_;
  PushOrder order_;
};

}  // namespace

PushDecision decide(ProviderRequest& request, const ProviderCaller& caller, std::string own_id,
                    TimePoint now, const Policies& policies) {
  return Examiner(request, caller, now, policies).decide(std::move(own_id));
}

bool is_push_header(std::string_view name) {
  return name.starts_with("apns-") || name == "authorization";
}

std::string reason_body(apns::Reason reason) {
  const std::string_view name = apns::reason_name(reason);
  std::string body;
  body.reserve(name.size() + 13);
  return body.append("{\"reason\":\"").append(name).append("\"}");
}

std::string refusal_body(apns::Reason reason, int status, TimePoint gone_since) {
  if (status != kGone) return reason_body(reason);
  return "{\"reason\":\"" + std::string(apns::reason_name(reason)) +
         "\",\"timestamp\":" + std::to_string(to_unix_us(gone_since) / 1000) + "}";
}

}  // namespace understudy::apns_mock
