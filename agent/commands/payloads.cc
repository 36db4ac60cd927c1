#include "agent/commands/payloads.h"

#include <optional>

#include "agent/commands/errors.h"
#include "shared/crypto/pkcs12.h"
#include "shared/scep/scep.h"

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

/// What is left are transport errors, of whichever kind.
std::int64_t scep_code(const std::error_code& code) {
  if (code == scep::errc::malformed || code == scep::errc::fingerprint) {
    return codes::kInvalidCaAnswer;
  }
  if (code == scep::errc::weak_ca) return codes::kWeakCa;
  if (code == scep::errc::wrong_key) return codes::kInvalidIssuedCertificate;
  const bool refused = code == scep::errc::refused || code == scep::errc::pending;
  if (refused || code.category() == errc_category<crypto::errc>()) {
    return codes::kCannotCreateIdentity;
  }
  return codes::kScepNetwork;
}

/// Makes the plan, payload by payload; an entry says why one cannot be installed.
class Planner {
 public:
  Planner(const mdm::Profile& profile, const FetchedIdentities* fetched)
      : profile_(profile), fetched_(fetched) {}

  KeychainPlan plan() {
    for (const mdm::Payload& payload : profile_.payloads) {
      auto cause = add(payload);
      if (!cause) continue;
      plan_.refusal = {{mdm::kInstallationErrorDomain, codes::kInstallationFailed,
                        "The profile \"" + profile_.identifier + "\" could not be installed."},
                       *std::move(cause)};
      break;
    }
    return std::move(plan_);
  }

 private:
  std::optional<ErrorEntry> add(const mdm::Payload& payload) {
    if (payload.type == "com.apple.security.scep") return add_scep(payload);
    if (payload.type == "com.apple.security.acme") {
      return ErrorEntry{codes::kScepDomain, codes::kCannotCreateIdentity,
                        "Payload " + payload.uuid +
                            " of type com.apple.security.acme: this stand-in does not model ACME."};
    }
    if (payload.type == "com.apple.security.pkcs12") {
      const auto identity = open_pkcs12(payload);
      if (!identity) return certificate_error(identity.error());
      add_identity(payload, *identity);
      return std::nullopt;
    }
    const auto certificates = certificates_in(payload);
    if (!certificates) return certificate_error(certificates.error());
    for (const auto& certificate : *certificates) {
      plan_.items.push_back(new_item(profile_, payload, certificate));
    }
    return std::nullopt;
  }

  std::optional<ErrorEntry> add_scep(const mdm::Payload& payload) {
    auto scep = mdm::parse_scep_payload(payload);
    if (!scep) return payload_error(scep.error());
    if (fetched_ == nullptr || !fetched_->contains(payload.uuid)) {
      WantedIdentity wanted{payload.uuid, std::move(*scep), {}};
      if (auto anchors = mdm::certificates_of(profile_)) wanted.anchors = std::move(*anchors);
      plan_.wants.push_back(std::move(wanted));
      return std::nullopt;
    }
    const Result<crypto::Identity>& identity = fetched_->at(payload.uuid);
    if (!identity) {
      const Error& error = identity.error();
      return ErrorEntry{codes::kScepDomain, scep_code(error.code), error.message()};
    }
    add_identity(payload, *identity);
    return std::nullopt;
  }

  void add_identity(const mdm::Payload& payload, const crypto::Identity& identity) {
    KeychainItem item = new_item(profile_, payload, identity.certificate);
    item.private_key_der = identity.key.der();
    plan_.items.push_back(std::move(item));
  }

  const mdm::Profile& profile_;
  const FetchedIdentities* fetched_;
  KeychainPlan plan_;
};

}  // namespace

KeychainPlan plan_keychain(const mdm::Profile& profile, const FetchedIdentities* fetched) {
  return Planner(profile, fetched).plan();
}

}  // namespace understudy::agent
