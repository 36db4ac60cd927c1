#include "shared/mdm/profile.h"

#include <algorithm>
#include <set>

#include "shared/mdm/fields.h"
#include "shared/mdm/foreign_text.h"
#include "shared/plist/plist.h"

namespace understudy::mdm {
namespace {

/// As for any property list; asked before a signature over it is worked through.
constexpr std::size_t kMaxBytes = plist::Limits{}.max_bytes;
constexpr const char* kHint = "see mdm/profiles/TopLevel.yaml of Apple's schema";

/// Apple's own parser reads profiles, so what it forgives is forgiven here.
Result<plist::Value> read_plist(BytesView bytes, const char* what) {
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  auto value = plist::read(bytes, options);
  if (value) return value;
  const std::string_view text = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 512)));
  const bool web_page = text.find("<html") != std::string_view::npos ||
                        text.find("<!DOCTYPE html") != std::string_view::npos;
  return fail(errc::not_a_plist, std::string(what) + ": " + value.error().message(),
              web_page ? "this is a web page: ask the server for the address of the profile itself"
                       : "give an XML or binary property list, bare or signed with CMS");
}

/// What is inside the signature, if there is one. Trust is not judged here, only whether the
/// signature is over these bytes.
Result<Bytes> unwrap(BytesView bytes, std::vector<crypto::Certificate>& signers) {
  if (!crypto::cms::looks_like_cms(bytes)) return to_bytes(bytes);
  auto signed_message = crypto::cms::verify(bytes);
  if (!signed_message)
    return fail(errc::bad_signature,
                "profile: its CMS signature: " + signed_message.error().message(),
                "sign the profile again, content included; or send it bare");
  signers.push_back(signed_message->signer);
  for (const crypto::Certificate& other : signed_message->certificates) {
    if (other != signed_message->signer) signers.push_back(other);
  }
  return std::move(signed_message->content);
}

/// The payloads: as they are, or out of EncryptedPayloadContent.
Result<plist::Array> content_of(const Fields& fields, const crypto::Identity* decrypt_with,
                                bool& encrypted) {
  UNDERSTUDY_TRY(const auto envelope, fields.maybe_data("EncryptedPayloadContent"));
  if (!envelope) {
    UNDERSTUDY_TRY(const plist::Array* content, fields.maybe_array("PayloadContent"));
    if (content == nullptr) return fields.wrong_type("PayloadContent", "<array>");
    return *content;
  }
  encrypted = true;
  if (decrypt_with == nullptr)
    return fields.refuse(errc::bad_value, "EncryptedPayloadContent",
                         "is for a device that has an identity already, and none is here",
                         "send the profile unencrypted, or after the identity is installed");
  auto plain = crypto::cms::decrypt(*envelope, *decrypt_with);
  if (!plain)
    return fields.refuse(errc::bad_value, "EncryptedPayloadContent",
                         "cannot be decrypted: " + plain.error().message(),
                         "encrypt to the certificate that this device presents");
  UNDERSTUDY_TRY(const plist::Value value, read_plist(*plain, "EncryptedPayloadContent"));
  const auto* content = value.if_array();
  if (content == nullptr)
    return fields.refuse(errc::wrong_type, "EncryptedPayloadContent",
                         "holds " + std::string(plist::type_name(value.type())) +
                             ", should hold the <array> of payloads");
  return *content;
}

Result<Payload> read_payload(const plist::Value& value, const std::string& where) {
  const auto* dict = value.if_dict();
  if (dict == nullptr)
    return fail(
        errc::wrong_type,
        where + " is " + std::string(plist::type_name(value.type())) + ", should be <dictionary>",
        kHint);
  const Fields fields(*dict, where, "see mdm/profiles/CommonPayloadKeys.yaml of Apple's schema");
  Payload payload;
  UNDERSTUDY_TRY(payload.type, fields.text("PayloadType"));
  UNDERSTUDY_TRY(payload.identifier, fields.text("PayloadIdentifier"));
  UNDERSTUDY_TRY(payload.uuid, fields.text("PayloadUUID"));
  UNDERSTUDY_TRY(payload.version, fields.integer("PayloadVersion"));
  UNDERSTUDY_TRY(payload.display_name, fields.text_or("PayloadDisplayName", ""));
  payload.body = *dict;
  return payload;
}

Result<std::vector<Payload>> read_payloads(const plist::Array& content, const std::string& where) {
  std::vector<Payload> payloads;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const std::string at = where + ": PayloadContent[" + std::to_string(i) + "]";
    UNDERSTUDY_TRY(Payload payload, read_payload(content[i], at));
    if (!seen.insert(payload.uuid).second)
      return fail(errc::bad_value, at + ": PayloadUUID " + clean(payload.uuid) + " is used twice",
                  "give each payload its own; another payload refers to it by this");
    payloads.push_back(std::move(payload));
  }
  return payloads;
}

/// The headers of the top level. Errors name what is wrong with it as a profile.
Result<void> read_headers(const Fields& fields, Profile& profile) {
  UNDERSTUDY_TRY(const std::string type, fields.text("PayloadType"));
  if (type != "Configuration")
    return fields.refuse(errc::bad_value, "PayloadType",
                         "is " + quote(type) + ", should be \"Configuration\"",
                         type == "Profile Service"
                             ? "over-the-air Profile Service is not done here: give the enrollment "
                               "profile itself"
                             : kHint);
  UNDERSTUDY_TRY(profile.identifier, fields.text("PayloadIdentifier"));
  UNDERSTUDY_TRY(profile.uuid, fields.text("PayloadUUID"));
  UNDERSTUDY_TRY(profile.version, fields.integer("PayloadVersion"));
  if (profile.version != 1)
    return fields.refuse(errc::bad_value, "PayloadVersion", "is not 1, the only one there is");
  UNDERSTUDY_TRY(profile.display_name, fields.text_or("PayloadDisplayName", ""));
  UNDERSTUDY_TRY(profile.description, fields.text_or("PayloadDescription", ""));
  UNDERSTUDY_TRY(profile.organization, fields.text_or("PayloadOrganization", ""));
  UNDERSTUDY_TRY(const auto disallowed, fields.maybe_boolean("PayloadRemovalDisallowed"));
  profile.removal_disallowed = disallowed.value_or(false);
  return {};
}

}  // namespace

Result<Profile> parse_profile(BytesView bytes, const crypto::Identity* decrypt_with) {
  if (bytes.size() > kMaxBytes)
    return fail(errc::bad_value,
                "profile: " + std::to_string(bytes.size()) + " bytes, more than the " +
                    std::to_string(kMaxBytes) + " that are read",
                "this is hardly a profile; look at what the server sent");
  Profile profile;
  profile.raw = to_bytes(bytes);
  UNDERSTUDY_TRY(const Bytes content, unwrap(bytes, profile.signers));
  UNDERSTUDY_TRY(const plist::Value value, read_plist(content, "profile"));
  const auto* top = value.if_dict();
  if (top == nullptr)
    return fail(errc::wrong_type,
                "profile: the top level is " + std::string(plist::type_name(value.type())) +
                    ", should be <dictionary>",
                kHint);
  UNDERSTUDY_CHECK(read_headers(Fields(*top, "profile", kHint), profile));
  const std::string where = "profile " + clean(profile.identifier);
  UNDERSTUDY_TRY(const plist::Array payloads,
                 content_of(Fields(*top, where, kHint), decrypt_with, profile.encrypted));
  UNDERSTUDY_TRY(profile.payloads, read_payloads(payloads, where));
  profile.top = *top;
  profile.top.erase("PayloadContent");
  return profile;
}

}  // namespace understudy::mdm
