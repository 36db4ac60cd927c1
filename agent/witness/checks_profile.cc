#include <algorithm>
#include <array>

#include "agent/witness/checks.h"
#include "agent/witness/http_answer.h"
#include "shared/mdm/messages.h"
#include "shared/mdm/profile.h"

namespace understudy::agent::witness {
namespace {

using plist::Type;

constexpr std::string_view kTopicPrefix = "com.apple.mgmt.";

struct Key {
  std::string_view name;
  Type type;
  bool required = false;
};
/// Sources: mdm/profiles/com.apple.mdm.yaml, CommonPayloadKeys.yaml.
constexpr std::array kKeys = std::to_array<Key>({
    {"IdentityCertificateUUID", Type::string, true},
    {"Topic", Type::string, true},
    {"ServerURL", Type::string, true},
    {"CheckInURL", Type::string},
    {"SignMessage", Type::boolean},
    {"AccessRights", Type::integer},
    {"UseDevelopmentAPNS", Type::boolean},
    {"ManagedAppleID", Type::string},
    {"AssignedManagedAppleID", Type::string},
    {"EnrollmentMode", Type::string},
    {"ServerURLPinningCertificateUUIDs", Type::array},
    {"CheckInURLPinningCertificateUUIDs", Type::array},
    {"PinningRevocationCheckRequired", Type::boolean},
    {"ServerCapabilities", Type::array},
    {"CheckOutWhenRemoved", Type::boolean},
    {"RequiredAppIDForMDM", Type::integer},
    {"PromptUserToAllowBootstrapTokenForAuthentication", Type::boolean},
    {"PayloadType", Type::string, true},
    {"PayloadIdentifier", Type::string, true},
    {"PayloadUUID", Type::string, true},
    {"PayloadVersion", Type::integer, true},
    {"PayloadDisplayName", Type::string},
    {"PayloadDescription", Type::string},
    {"PayloadOrganization", Type::string},
});
constexpr std::array<std::string_view, 3> kIdentities = {
    "com.apple.security.scep", "com.apple.security.pkcs12", "com.apple.security.acme"};

void check_keys(const plist::Dict& payload, Findings& out) {
  for (const Key& key : kKeys) {
    const auto at = payload.find(key.name);
    const std::string name(key.name);
    if (at == payload.end()) {
      if (key.required) out.push_back(found("profile/missing-key", name + " is missing"));
    } else if (!at->second.is(key.type)) {
      out.push_back(found("profile/wrong-type",
                          name + " is " + std::string(plist::type_name(at->second.type())) +
                              ", should be " + std::string(plist::type_name(key.type))));
    }
  }
  for (const auto& [name, value] : payload) {
    if (std::ranges::find(kKeys, name, &Key::name) != kKeys.end()) continue;
    if (out.size() >= kMaxPerMessage) return;
    out.push_back(found("profile/unknown-key", name.substr(0, 60) + " is not in the schema"));
  }
}

void check_topic(const plist::Value& payload, Findings& out) {
  const auto topic = payload.string_at("Topic");
  if (!topic || (topic->starts_with(kTopicPrefix) && topic->size() > kTopicPrefix.size())) return;
  const std::string what = topic->empty() ? "Topic is empty: is there no push certificate yet?"
                                          : "Topic is \"" + topic->substr(0, 100) + "\"";
  out.push_back(found("profile/topic", what));
}

void check_urls(const plist::Value& payload, Findings& out) {
  for (const char* key : {"ServerURL", "CheckInURL"}) {
    const auto url = payload.string_at(key);
    if (!url || url->starts_with("https://")) continue;
    // What follows the question mark may be a secret.
    const std::string shown = url->substr(0, std::min(url->find('?'), std::size_t{200}));
    out.push_back(found("profile/insecure-url", std::string(key) + " is \"" + shown + "\""));
  }
}

void check_rights(const plist::Value& payload, Findings& out) {
  const auto rights = payload.int_at("AccessRights");
  if (!rights) return;
  if (const auto checked = mdm::rights::check(*rights); !checked) {
    out.push_back(found("profile/access-rights", checked.error().message()));
  }
  if (payload.string_at("EnrollmentMode") == "BYOD") {
    out.push_back(found("profile/access-rights",
                        "AccessRights in a User Enrollment: the device "
                        "ends the enrollment",
                        "", "docs/protocol/answers.md 1.7"));
  }
}

void check_identity(const mdm::Profile& profile, const plist::Value& payload, Findings& out) {
  const auto uuid = payload.string_at("IdentityCertificateUUID");
  if (!uuid) return;
  const auto at = std::ranges::find(profile.payloads, *uuid, &mdm::Payload::uuid);
  if (at == profile.payloads.end()) {
    out.push_back(found("profile/identity",
                        "no payload has the PayloadUUID \"" + uuid->substr(0, 60) + "\""));
  } else if (std::ranges::find(kIdentities, at->type) == kIdentities.end()) {
    out.push_back(found("profile/identity", "that payload is of type " + at->type.substr(0, 100)));
  }
}

}  // namespace

Findings check_profile_download(const net::HttpResponse& answer) {
  Findings out;
  check_redirects(answer, out);
  if (!is_success(answer) || is_no_message(answer, out)) return out;
  if (media_type(answer) != mdm::kProfileContentType) {
    out.push_back(found("http/profile-content-type", "Content-Type is " + shown_type(answer)));
  }
  return out;
}

Findings check_profile(BytesView bytes) {
  const auto profile = mdm::parse_profile(bytes);
  if (!profile) return {found("profile/unreadable", profile.error().message())};
  std::vector<const mdm::Payload*> payloads;
  for (const mdm::Payload& payload : profile->payloads) {
    if (payload.type == "com.apple.mdm") payloads.push_back(&payload);
  }
  if (payloads.empty()) return {found("profile/no-mdm-payload", "no payload is com.apple.mdm")};
  Findings out;
  if (payloads.size() > 1) {
    out.push_back(found("profile/two-mdm-payloads",
                        std::to_string(payloads.size()) + " payloads are com.apple.mdm"));
  }
  const plist::Value payload(payloads.front()->body);
  check_keys(payloads.front()->body, out);
  check_topic(payload, out);
  check_urls(payload, out);
  check_rights(payload, out);
  check_identity(*profile, payload, out);
  return out;
}

}  // namespace understudy::agent::witness
