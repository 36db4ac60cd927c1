#include "agent/commands/payloads.h"

#include <optional>

#include "agent/commands/errors.h"
#include "shared/crypto/pkcs12.h"

namespace understudy::agent {
namespace {

using mdm::ErrorEntry;

std::string common_name(const crypto::Certificate& certificate) {
  const crypto::Name subject = certificate.subject();
  return subject.find("CN").value_or(subject.text());
}

/// The payload's own failure, as the cause of a failed installation.
ErrorEntry payload_error(const Error& error) {
  if (error.code == mdm::errc::missing_key) {
    return {codes::kPayloadDomain, codes::kPayloadFieldMissing, error.message()};
  }
  if (error.code == mdm::errc::wrong_type) {
    return {codes::kPayloadDomain, codes::kPayloadFieldType, error.message()};
  }
  return {codes::kPayloadDomain, codes::kMalformedPayload, error.message()};
}

ErrorEntry certificate_error(const Error& error) {
  const bool unreadable = error.code == mdm::errc::bad_value;  // the key is there, its bytes are no
                                                               // certificate
  if (error.code.category() == errc_category<mdm::errc>() && !unreadable) {
    return payload_error(error);
  }
  const bool password = error.code == crypto::errc::wrong_password;
  return {codes::kCertificateDomain,
          password ? codes::kWrongCertificatePassword : codes::kMalformedCertificate,
          error.message()};
}

KeychainItem new_item(const mdm::Profile& profile, const mdm::Payload& payload,
                      const crypto::Certificate& certificate) {
  KeychainItem item;
  item.payload_uuid = payload.uuid;
  item.profile_identifier = profile.identifier;
  item.common_name = common_name(certificate);
  item.certificate_der = certificate.der();
  return item;
}

Result<crypto::Identity> open_pkcs12(const mdm::Payload& payload) {
  UNDERSTUDY_TRY(const auto pkcs12, mdm::parse_pkcs12_payload(payload));
  return crypto::read_pkcs12(pkcs12.file, pkcs12.password);
}

/// The certificates of one payload; none for a payload of another kind.
Result<std::vector<crypto::Certificate>> certificates_in(const mdm::Payload& payload) {
  mdm::Profile alone;
  alone.payloads.push_back(payload);
  return mdm::certificates_of(alone);
}

/// Adds what one payload brings; the entry says why it cannot.
std::optional<ErrorEntry> add_payload(const mdm::Profile& profile, const mdm::Payload& payload,
                                      std::vector<KeychainItem>& items) {
  if (payload.type == "com.apple.security.scep" || payload.type == "com.apple.security.acme") {
    return ErrorEntry{codes::kScepDomain, codes::kCannotCreateIdentity,
                      "Payload " + payload.uuid + " of type " + payload.type +
                          ": this stand-in does not model identities that are fetched outside "
                          "enrollment."};
  }
  if (payload.type == "com.apple.security.pkcs12") {
    const auto identity = open_pkcs12(payload);
    if (!identity) return certificate_error(identity.error());
    KeychainItem item = new_item(profile, payload, identity->certificate);
    item.private_key_der = identity->key.der();
    items.push_back(std::move(item));
    return std::nullopt;
  }
  const auto certificates = certificates_in(payload);
  if (!certificates) return certificate_error(certificates.error());
  for (const auto& certificate : *certificates) {
    items.push_back(new_item(profile, payload, certificate));
  }
  return std::nullopt;
}

}  // namespace

KeychainPlan plan_keychain(const mdm::Profile& profile) {
  KeychainPlan plan;
  for (const mdm::Payload& payload : profile.payloads) {
    auto cause = add_payload(profile, payload, plan.items);
    if (!cause) continue;
    plan.refusal = {{mdm::kInstallationErrorDomain, codes::kInstallationFailed,
                     "The profile \"" + profile.identifier + "\" could not be installed."},
                    *std::move(cause)};
    return plan;
  }
  return plan;
}

}  // namespace understudy::agent
