#include <algorithm>
#include <array>
#include <limits>

#include "shared/mdm/fields.h"
#include "shared/mdm/foreign_text.h"
#include "shared/mdm/profile.h"

namespace understudy::mdm {
namespace {

/// Bits of Key Usage.
constexpr int kSigning = 1;
constexpr int kEncryption = 4;
constexpr std::array<std::string_view, 3> kCertificateTypes = {
    "com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"};
constexpr const char* kScepHint = "see mdm/profiles/com.apple.security.scep.yaml of Apple's schema";

std::string name_of(const Payload& payload) {
  return "payload " + clean(payload.identifier) + " (" + clean(payload.type) + ")";
}

/// One RDN: an array of [type, value] pairs.
Result<std::vector<crypto::Attribute>> read_rdn(const Fields& fields, const plist::Value& rdn) {
  const auto malformed = [&] {
    return fields.refuse(errc::wrong_type, "Subject",
                         "is not an array of arrays of [type, value] pairs",
                         "write it as [[[\"CN\", \"x\"]], [[\"2.5.4.5\", \"y\"]]]");
  };
  const auto* pairs = rdn.if_array();
  if (pairs == nullptr || pairs->empty()) return malformed();
  std::vector<crypto::Attribute> attributes;
  for (const plist::Value& item : *pairs) {
    const auto* pair = item.if_array();
    if (pair == nullptr || pair->size() != 2) return malformed();
    const auto* type = (*pair)[0].if_string();
    const auto* value = (*pair)[1].if_string();
    if (type == nullptr || value == nullptr || type->empty()) return malformed();
    attributes.push_back({*type, *value});
  }
  return attributes;
}

Result<crypto::Name> read_subject(const Fields& fields) {
  crypto::Name name;
  UNDERSTUDY_TRY(const plist::Array* rdns, fields.maybe_array("Subject"));
  if (rdns == nullptr) return name;
  for (const plist::Value& rdn : *rdns) {
    UNDERSTUDY_TRY(auto attributes, read_rdn(fields, rdn));
    name.rdns.push_back(std::move(attributes));
  }
  return name;
}

/// One string, or an array of them.
Result<std::vector<std::string>> read_alt_name(const Fields& fields, std::string_view key) {
  std::vector<std::string> out;
  const plist::Value* value = fields.find(key);
  if (value == nullptr) return out;
  if (const auto* one = value->if_string()) {
    out.push_back(*one);
    return out;
  }
  const auto* several = value->if_array();
  if (several == nullptr) return fields.wrong_type(key, "<string> or <array>");
  for (const plist::Value& item : *several) {
    const auto* text = item.if_string();
    if (text == nullptr) return fields.refuse(errc::wrong_type, key, "is not an array of <string>");
    out.push_back(*text);
  }
  return out;
}

Result<crypto::AltNames> read_alt_names(const Fields& outer, const std::string& where) {
  crypto::AltNames names;
  UNDERSTUDY_TRY(const plist::Dict* dict, outer.maybe_dict("SubjectAltName"));
  if (dict == nullptr) return names;
  const Fields fields(*dict, where + ": SubjectAltName", kScepHint);
  UNDERSTUDY_TRY(names.email, read_alt_name(fields, "rfc822Name"));
  UNDERSTUDY_TRY(names.dns, read_alt_name(fields, "dNSName"));
  UNDERSTUDY_TRY(names.uri, read_alt_name(fields, "uniformResourceIdentifier"));
  UNDERSTUDY_TRY(names.nt_principal, read_alt_name(fields, "ntPrincipalName"));
  return names;
}

/// A count that cannot be negative and fits an int.
Result<int> read_count(const Fields& fields, std::string_view key, int otherwise) {
  UNDERSTUDY_TRY(const auto value, fields.maybe_integer(key));
  if (!value) return otherwise;
  if (*value < 0 || *value > std::numeric_limits<int>::max())
    return fields.refuse(errc::bad_value, key, "is " + std::to_string(*value));
  return static_cast<int>(*value);
}

Result<void> read_key_parameters(const Fields& fields, ScepPayload& scep) {
  UNDERSTUDY_TRY(const std::string type, fields.text_or("Key Type", "RSA"));
  if (type != "RSA") return fields.refuse(errc::bad_value, "Key Type", "is not RSA, as SCEP needs");
  UNDERSTUDY_TRY(scep.key_size, read_count(fields, "Keysize", scep.key_size));
  if (scep.key_size != 1024 && scep.key_size != 2048 && scep.key_size != 4096)
    return fields.refuse(errc::bad_value, "Keysize",
                         "is " + std::to_string(scep.key_size) + ", should be 1024, 2048 or 4096");
  UNDERSTUDY_TRY(scep.key_usage, read_count(fields, "Key Usage", 0));
  if ((scep.key_usage & ~(kSigning | kEncryption)) != 0)
    return fields.refuse(
        errc::bad_value, "Key Usage",
        "is " + std::to_string(scep.key_usage) + ", should be 1 (signing), 4 (encryption) or 5");
  return {};
}

/// Servers put DER or PEM in either kind of certificate payload; devices take both.
Result<void> read_certificate(const Payload& payload, std::vector<crypto::Certificate>& to) {
  const Fields fields(payload.body, name_of(payload), "put one certificate there, DER or PEM");
  UNDERSTUDY_TRY(const Bytes content, fields.data("PayloadContent"));
  if (auto der = crypto::Certificate::from_der(content)) {
    to.push_back(std::move(*der));
    return {};
  }
  auto pem = crypto::Certificate::all_from_pem(as_text(content));
  if (!pem) return fields.refuse(errc::bad_value, "PayloadContent", "is no certificate");
  to.insert(to.end(), pem->begin(), pem->end());
  return {};
}

}  // namespace

Result<ScepPayload> parse_scep_payload(const Payload& payload) {
  const std::string where = name_of(payload);
  UNDERSTUDY_TRY(const plist::Dict* content,
                 Fields(payload.body, where, kScepHint).dict("PayloadContent"));
  const Fields fields(*content, where, kScepHint);
  ScepPayload scep;
  UNDERSTUDY_TRY(scep.url, fields.text("URL"));
  if (!scep.url.starts_with("http://") && !scep.url.starts_with("https://"))
    return fields.refuse(errc::bad_value, "URL", "is no http or https URL");
  UNDERSTUDY_TRY(scep.name, fields.text_or("Name", ""));
  UNDERSTUDY_TRY(scep.challenge, fields.text_or("Challenge", ""));
  UNDERSTUDY_TRY(scep.subject, read_subject(fields));
  UNDERSTUDY_TRY(scep.alt_names, read_alt_names(fields, where));
  UNDERSTUDY_CHECK(read_key_parameters(fields, scep));
  UNDERSTUDY_TRY(scep.retries, read_count(fields, "Retries", scep.retries));
  UNDERSTUDY_TRY(const int delay, read_count(fields, "RetryDelay", 10));
  scep.retry_delay = std::chrono::seconds(delay);
  UNDERSTUDY_TRY(const auto fingerprint, fields.maybe_data("CAFingerprint"));
  if (fingerprint) scep.ca_fingerprint = *fingerprint;
  return scep;
}

Result<Pkcs12Payload> parse_pkcs12_payload(const Payload& payload) {
  const Fields fields(payload.body, name_of(payload),
                      "see mdm/profiles/com.apple.security.pkcs12.yaml of Apple's schema");
  Pkcs12Payload out;
  UNDERSTUDY_TRY(out.file, fields.data("PayloadContent"));
  if (out.file.empty()) return fields.refuse(errc::bad_value, "PayloadContent", "is empty");
  UNDERSTUDY_TRY(out.password, fields.text_or("Password", ""));
  return out;
}

Result<std::vector<crypto::Certificate>> certificates_of(const Profile& profile) {
  std::vector<crypto::Certificate> out;
  for (const Payload& payload : profile.payloads) {
    if (std::ranges::find(kCertificateTypes, payload.type) != kCertificateTypes.end())
      UNDERSTUDY_CHECK(read_certificate(payload, out));
  }
  return out;
}

}  // namespace understudy::mdm
