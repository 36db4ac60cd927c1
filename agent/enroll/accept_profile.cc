#include <algorithm>

#include "agent/commands/payloads.h"
#include "agent/device/bootstrap_token.h"
#include "agent/enroll/enroller.h"
#include "agent/payloads/removal.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kUnlockTokenSize = 256;

KeychainItem identity_item(const mdm::EnrollmentProfile& profile,
                           const crypto::Identity& identity) {
  const crypto::Name subject = identity.certificate.subject();
  KeychainItem item;
  item.payload_uuid = profile.mdm.identity_uuid;
  item.profile_identifier = profile.profile.identifier;
  item.common_name = subject.find("CN").value_or(subject.text());
  item.certificate_der = identity.certificate.der();
  item.private_key_der = identity.key.der();
  return item;
}

/// What the profile brings besides the MDM identity.
mdm::Profile without_identity(const mdm::EnrollmentProfile& profile) {
  mdm::Profile others = profile.profile;
  std::erase_if(others.payloads, [&](const mdm::Payload& payload) {
    return payload.uuid == profile.mdm.identity_uuid;
  });
  return others;
}

Result<std::vector<KeychainItem>> other_items(const mdm::EnrollmentProfile& profile,
                                              const FetchedIdentities& fetched) {
  KeychainPlan plan = plan_keychain(without_identity(profile), &fetched);
  if (plan.refusal.empty()) return std::move(plan.items);
  return fail(mdm::errc::bad_value, plan.refusal.back().description,
              "correct the payload in the enrollment profile");
}

void add_anchor(std::vector<Bytes>& anchors, const crypto::Certificate& certificate) {
  Bytes der = certificate.der();
  if (std::find(anchors.begin(), anchors.end(), der) == anchors.end()) {
    anchors.push_back(std::move(der));
  }
}

}  // namespace

std::vector<WantedIdentity> other_identities(const mdm::EnrollmentProfile& profile) {
  return plan_keychain(without_identity(profile), nullptr).wants;
}

Result<void> accept_profile(Device& device, const mdm::EnrollmentProfile& profile,
                            const EnrollmentParts& parts, Rng rng) {
  UNDERSTUDY_TRY(auto items, other_items(profile, parts.others));
  items.push_back(identity_item(profile, parts.identity));
  device.keychain.insert(device.keychain.end(), items.begin(), items.end());

  InstalledProfile installed;
  installed.identifier = profile.profile.identifier;
  installed.uuid = profile.profile.uuid;
  installed.raw = profile.profile.raw;
  installed.remove_at = removal_time(profile.profile, parts.now);
  device.profiles.push_back(std::move(installed));

  Enrollment enrollment;
  enrollment.mdm = profile.mdm;
  enrollment.profile_identifier = profile.profile.identifier;
  enrollment.identity_payload_uuid = profile.mdm.identity_uuid;
  for (const auto& anchor : profile.anchors) add_anchor(enrollment.anchors_der, anchor);
  for (const auto& anchor : parts.anchors) add_anchor(enrollment.anchors_der, anchor);
  enrollment.push_magic = rng.uuid();
  if (has_unlock_token(device, profile.mdm.access_rights)) {
    enrollment.unlock_token = rng.bytes(kUnlockTokenSize);
  }
  device.enrollment = std::move(enrollment);
  const auto installer = std::ranges::find_if(device.users, &User::logged_in);
  if (has_user_channels(device) && installer != device.users.end()) {
    open_user_channel(device, installer->name, rng.derive("user channel"));
  }
  make_bootstrap_token(device, rng.derive("bootstrap token"));
  return {};
}

}  // namespace understudy::agent
