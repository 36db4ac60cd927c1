#include "agent/commands/replacement.h"

#include <algorithm>

#include "agent/commands/errors.h"

namespace understudy::agent {
namespace {

constexpr const char* kPerUser = "com.apple.mdm.per-user-connections";

const mdm::Payload* mdm_payload(const mdm::Profile& profile) {
  const auto found = std::ranges::find(profile.payloads, "com.apple.mdm", &mdm::Payload::type);
  return found == profile.payloads.end() ? nullptr : &*found;
}

Outcome refuse(std::int64_t code, const std::string& why) {
  return Outcome::error(mdm::kMdmErrorDomain, code, why);
}

bool same_member(const mdm::Payload& a, const mdm::Payload& b, const char* key) {
  const auto left = a.body.find(key);
  const auto right = b.body.find(key);
  if (left == a.body.end() || right == b.body.end()) {
    return left == a.body.end() && right == b.body.end();
  }
  return left->second == right->second;
}

void name_change(std::string& changes, std::string_view what) {
  changes += (changes.empty() ? "" : ", ") + std::string(what);
}

/// What may not change and does, by name (1.21).
std::string forbidden_changes(const mdm::MdmPayload& now, const mdm::MdmPayload& next) {
  std::string changes;
  if (now.topic != next.topic) name_change(changes, "Topic");
  if (now.server_url != next.server_url) name_change(changes, "ServerURL");
  if (now.checkin_url != next.checkin_url) name_change(changes, "CheckInURL");
  if ((next.access_rights & ~now.access_rights) != 0) name_change(changes, "more AccessRights");
  const auto per_user = [](const mdm::MdmPayload& payload) {
    return std::ranges::count(payload.server_capabilities, kPerUser) > 0;
  };
  if (per_user(now) != per_user(next)) name_change(changes, kPerUser);
  return changes;
}

/// The installed profile, read again for what the device does not keep apart.
std::string forbidden_changes(const mdm::Profile& now, const mdm::Profile& next) {
  std::string changes;
  const mdm::Payload* before = mdm_payload(now);
  const mdm::Payload* after = mdm_payload(next);
  if (before == nullptr || after == nullptr) return changes;
  for (const char* key : {"AssignedManagedAppleID", "EnrollmentMode", "RequiredAppIDForMDM"}) {
    if (!same_member(*before, *after, key)) name_change(changes, key);
  }
  return changes;
}

/// A signed enrollment profile is replaced by its own signer only (1.22).
bool signer_changed(const mdm::Profile& now, const mdm::Profile& next) {
  if (now.signers.empty()) return false;
  return next.signers.empty() || !(next.signers.front() == now.signers.front());
}

std::int64_t code_for(const std::error_code& code) {
  if (code == mdm::errc::bad_rights) return codes::kInvalidRights;
  if (code == mdm::errc::no_identity) return codes::kIdentityMissing;
  if (code == mdm::errc::bad_topic) return codes::kInvalidTopic;
  return codes::kInvalidConfiguration;
}

MdmProfileVerdict refused(Outcome outcome) {
  return {std::move(outcome), std::nullopt};
}

MdmProfileVerdict judge_replacement(const Device& device, const mdm::MdmPayload& now,
                                    const mdm::Profile& profile) {
  mdm::EnrollmentRules rules;
  rules.allow_http = now.server_url.starts_with("http:");
  auto next = mdm::parse_enrollment_profile(profile.raw, rules);
  if (!next) return refused(refuse(code_for(next.error().code), next.error().message()));

  std::string changes = forbidden_changes(now, next->mdm);
  const InstalledProfile* installed = device.find_profile(profile.identifier);
  if (installed != nullptr) {
    if (const auto before = mdm::parse_profile(installed->raw)) {
      if (signer_changed(*before, profile)) {
        return refused(
            Outcome::error(mdm::kInstallationErrorDomain, codes::kSignerMismatch,
                           "The enrollment profile can be replaced by its own signer only."));
      }
      const std::string more = forbidden_changes(*before, profile);
      if (!more.empty()) name_change(changes, more);
    }
  }
  if (!changes.empty()) {
    return refused(
        refuse(codes::kInvalidReplacement,
               "The enrollment profile cannot be replaced by one that changes: " + changes));
  }
  return {std::nullopt, std::move(*next)};
}

/// What the enrollment trusts besides its profile (--ca): it outlives the profile.
std::vector<Bytes> extra_anchors(const Device& device, const Enrollment& enrollment) {
  std::vector<Bytes> extra = enrollment.anchors_der;
  const InstalledProfile* installed = device.find_profile(enrollment.profile_identifier);
  if (installed == nullptr) return extra;
  const auto profile = mdm::parse_profile(installed->raw);
  if (!profile) return extra;
  const auto own = mdm::certificates_of(*profile);
  if (!own) return extra;
  for (const auto& certificate : *own) std::erase(extra, certificate.der());
  return extra;
}

}  // namespace

MdmProfileVerdict judge_mdm_profile(const Device& device, const mdm::Profile& profile) {
  const auto payloads = std::ranges::count(profile.payloads, "com.apple.mdm", &mdm::Payload::type);
  const Enrollment* replaced = nullptr;
  if (device.enrollment && profile.identifier == device.enrollment->profile_identifier) {
    replaced = &*device.enrollment;
  }
  if (replaced != nullptr && payloads == 0) {
    return refused(
        Outcome::error(mdm::kInstallationErrorDomain, codes::kReplacementWithoutMdm,
                       "The enrollment profile cannot be replaced by one without MDM payload."));
  }
  if (payloads == 0) return {};
  if (replaced == nullptr || payloads > 1) {
    return refused(
        refuse(codes::kSecondMdmPayload, "There can be only one MDM payload on a device."));
  }
  return judge_replacement(device, replaced->mdm, profile);
}

void replace_enrollment(Device& device, const mdm::EnrollmentProfile& next) {
  Enrollment& enrollment = *device.enrollment;
  std::vector<Bytes> anchors = extra_anchors(device, enrollment);
  anchors.reserve(anchors.size() + next.anchors.size());
  for (const auto& anchor : next.anchors) anchors.push_back(anchor.der());
  enrollment.anchors_der = std::move(anchors);
  enrollment.mdm = next.mdm;
  enrollment.identity_payload_uuid = next.mdm.identity_uuid;
  const bool may_clear = (next.mdm.access_rights & mdm::rights::kLockAndClearPasscode) != 0;
  if (!may_clear) enrollment.unlock_token.clear();
}

}  // namespace understudy::agent
