#include <algorithm>

#include "shared/mdm/fields.h"
#include "shared/mdm/foreign_text.h"
#include "shared/mdm/profile.h"
#include "shared/mdm/target.h"

namespace understudy::mdm {
namespace {

constexpr std::string_view kMdmType = "com.apple.mdm";
constexpr std::string_view kScepType = "com.apple.security.scep";
constexpr std::string_view kPkcs12Type = "com.apple.security.pkcs12";
constexpr std::string_view kAcmeType = "com.apple.security.acme";
constexpr std::string_view kTopicPrefix = "com.apple.mgmt.";

Result<const Payload*> the_mdm_payload(const Profile& profile) {
  const Payload* found = nullptr;
  for (const Payload& payload : profile.payloads) {
    if (payload.type != kMdmType) continue;
    if (found != nullptr)
      return fail(errc::two_mdm_payloads,
                  "profile " + clean(profile.identifier) + ": payloads " +
                      clean(found->identifier) + " and " + clean(payload.identifier) +
                      " are both com.apple.mdm",
                  "keep one; a device has one MDM server");
    found = &payload;
  }
  if (found != nullptr) return found;
  return fail(errc::no_mdm_payload,
              "profile " + clean(profile.identifier) + ": none of its " +
                  std::to_string(profile.payloads.size()) + " payloads is com.apple.mdm",
              "this is no enrollment profile: get the one the server enrolls devices with");
}

/// Scheme and a host, no more: the HTTP client judges the rest.
bool has_host(std::string_view url, std::string_view scheme) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  if (url.size() <= scheme.size() ||
      !std::ranges::equal(url.substr(0, scheme.size()), scheme, same))
    return false;
  return url.find_first_of("/?#:@ ", scheme.size()) != scheme.size();
}

Result<void> check_url(const Fields& fields, std::string_view key, const std::string& url,
                       const EnrollmentRules& rules) {
  if (has_host(url, "https://")) return {};
  if (!has_host(url, "http://"))
    return fields.refuse(errc::bad_value, key, "is no https URL", "write https://host[:port]/path");
  if (rules.allow_http) return {};
  return fields.refuse(errc::insecure_url, key,
                       "is plain http: " + clean(url.substr(0, url.find('?')), 200),
                       "use https, or allow http where a proxy in front does TLS (--allow-http)");
}

Result<void> check_topic(const Fields& fields, const std::string& topic) {
  if (topic.empty())
    return fields.refuse(errc::bad_topic, "Topic", "is empty",
                         "the server has probably no push certificate yet: give it one, then get "
                         "the profile again");
  if (topic.starts_with(kTopicPrefix) && topic.size() > kTopicPrefix.size()) return {};
  return fields.refuse(
      errc::bad_topic, "Topic",
      "is " + quote(topic, 100) + ", should begin with " + std::string(kTopicPrefix) + " and go on",
      "copy it from the UID of the server's push certificate");
}

Result<std::vector<std::string>> read_texts(const Fields& fields, const char* key) {
  std::vector<std::string> out;
  UNDERSTUDY_TRY(const plist::Array* list, fields.maybe_array(key));
  if (list == nullptr) return out;
  for (const plist::Value& item : *list) {
    const auto* text = item.if_string();
    if (text == nullptr) return fields.refuse(errc::wrong_type, key, "is not an array of <string>");
    out.push_back(*text);
  }
  return out;
}

Result<std::uint32_t> read_rights(const Fields& fields) {
  UNDERSTUDY_TRY(const auto value, fields.maybe_integer("AccessRights"));
  if (!value) return rights::kAll;
  auto checked = rights::check(*value);
  if (!checked) return fail_in("payload com.apple.mdm", std::move(checked).error());
  return static_cast<std::uint32_t>(*value);
}

Result<MdmPayload> read_mdm(const Payload& payload, const EnrollmentRules& rules) {
  const Fields fields(payload.body, "payload " + clean(payload.identifier) + " (com.apple.mdm)",
                      "see mdm/profiles/com.apple.mdm.yaml of Apple's schema");
  MdmPayload mdm;
  UNDERSTUDY_TRY(mdm.server_url, fields.text("ServerURL"));
  UNDERSTUDY_CHECK(check_url(fields, "ServerURL", mdm.server_url, rules));
  UNDERSTUDY_TRY(mdm.checkin_url, fields.text_or("CheckInURL", mdm.server_url));
  UNDERSTUDY_CHECK(check_url(fields, "CheckInURL", mdm.checkin_url, rules));
  UNDERSTUDY_TRY(mdm.topic, fields.text("Topic"));
  UNDERSTUDY_CHECK(check_topic(fields, mdm.topic));
  UNDERSTUDY_TRY(mdm.identity_uuid, fields.text("IdentityCertificateUUID"));
  UNDERSTUDY_TRY(mdm.access_rights, read_rights(fields));
  UNDERSTUDY_TRY(const auto check_out, fields.maybe_boolean("CheckOutWhenRemoved"));
  mdm.check_out_when_removed = check_out.value_or(false);
  UNDERSTUDY_TRY(const auto sign, fields.maybe_boolean("SignMessage"));
  mdm.sign_message = sign.value_or(false);
  UNDERSTUDY_TRY(const auto development, fields.maybe_boolean("UseDevelopmentAPNS"));
  mdm.use_development_apns = development.value_or(false);
  UNDERSTUDY_TRY(mdm.server_capabilities, read_texts(fields, "ServerCapabilities"));
  UNDERSTUDY_TRY(mdm.server_url_pins, read_texts(fields, "ServerURLPinningCertificateUUIDs"));
  UNDERSTUDY_TRY(mdm.checkin_url_pins, read_texts(fields, "CheckInURLPinningCertificateUUIDs"));
  UNDERSTUDY_TRY(const auto revocation, fields.maybe_boolean("PinningRevocationCheckRequired"));
  mdm.pinning_revocation_check = revocation.value_or(false);
  return mdm;
}

/// By UUID, wherever it stands (com.apple.mdm.yaml).
Result<IdentityPayload> find_identity(const Profile& profile, const std::string& uuid) {
  const std::string where =
      "profile " + clean(profile.identifier) + ": IdentityCertificateUUID " + clean(uuid);
  const auto found = std::ranges::find(profile.payloads, uuid, &Payload::uuid);
  if (found == profile.payloads.end())
    return fail(errc::no_identity, where + " is the PayloadUUID of no payload",
                "copy the PayloadUUID of the SCEP or PKCS#12 payload there");
  if (found->type == kScepType) {
    UNDERSTUDY_TRY(ScepPayload scep, parse_scep_payload(*found));
    return scep;
  }
  if (found->type == kPkcs12Type) {
    UNDERSTUDY_TRY(Pkcs12Payload pkcs12, parse_pkcs12_payload(*found));
    return pkcs12;
  }
  return fail(errc::no_identity, where + " is a payload of type " + clean(found->type),
              found->type == kAcmeType
                  ? "an ACME identity needs Apple's hardware to attest it: use SCEP or PKCS#12"
                  : "point it at a SCEP or PKCS#12 payload");
}

}  // namespace

Result<EnrollmentProfile> parse_enrollment_profile(BytesView bytes, const EnrollmentRules& rules) {
  EnrollmentProfile out;
  UNDERSTUDY_TRY(out.profile, parse_profile(bytes));
  UNDERSTUDY_TRY(const Payload* payload, the_mdm_payload(out.profile));
  UNDERSTUDY_TRY(out.mdm, read_mdm(*payload, rules));
  UNDERSTUDY_TRY(out.identity, find_identity(out.profile, out.mdm.identity_uuid));
  UNDERSTUDY_TRY(out.anchors, certificates_of(out.profile));
  return out;
}

}  // namespace understudy::mdm
