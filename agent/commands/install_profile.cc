/// InstallProfile. Sources: mdm/commands/profile.install.yaml;
/// docs/protocol/device-facts.md 1.16, 1.20 to 1.24, 2.1.

#include <algorithm>
#include <set>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/payloads.h"
#include "agent/commands/progress.h"
#include "agent/commands/replacement.h"
#include "agent/payloads/content_caching.h"
#include "agent/payloads/judge.h"
#include "agent/payloads/removal.h"
#include "agent/payloads/stored_profile.h"

namespace understudy::agent {
namespace {

Outcome refuse_profile(std::int64_t code, const std::string& why) {
  return Outcome::error(mdm::kProfileErrorDomain, code, why);
}

/// parse_profile has one code for every bad value; Apple's table has one for each of these, and the
/// key the text names tells them apart.
std::int64_t code_for_value(const std::string& context) {
  const auto names = [&](std::string_view key) { return context.find(key) != std::string::npos; };
  if (names("EncryptedPayloadContent")) return codes::kProfileDecryption;
  if (names("PayloadUUID")) return codes::kDuplicateUuid;
  if (names("PayloadVersion")) return codes::kUnsupportedProfileVersion;
  return codes::kUnsupportedProfileValue;
}

std::int64_t code_for(const Error& error) {
  if (error.code == mdm::errc::missing_key) return codes::kProfileFieldMissing;
  if (error.code == mdm::errc::wrong_type) return codes::kProfileFieldType;
  if (error.code == mdm::errc::bad_signature) return codes::kProfileSignature;
  if (error.code == mdm::errc::bad_value) return code_for_value(error.context);
  return codes::kMalformedProfile;
}

/// Rules on the profile as such, before anybody looks into its payloads.
std::optional<Outcome> refuse_container(const Device& device, const mdm::Profile& profile) {
  std::set<std::string> identifiers;
  for (const mdm::Payload& payload : profile.payloads) {
    if (identifiers.insert(payload.identifier).second) continue;
    return refuse_profile(
        codes::kDuplicateIdentifier,
        "Two payloads have the PayloadIdentifier \"" + payload.identifier + "\".");
  }
  // What a person installed is MDM's to replace on a supervised device only.
  const InstalledProfile* installed = device.find_profile(profile.identifier);
  const bool own = device.enrollment && profile.identifier == device.enrollment->profile_identifier;
  if (installed != nullptr && !installed->managed && !own && !device.supervised) {
    return Outcome::error(mdm::kMdmErrorDomain, codes::kProfileNotManaged,
                          "The profile \"" + profile.identifier +
                              "\" was not installed by MDM, and cannot be replaced by it.");
  }
  return std::nullopt;
}

void install(Device& device, const mdm::Profile& profile, std::vector<KeychainItem> items,
             TimePoint now) {
  std::erase_if(device.keychain, [&](const KeychainItem& item) {
    return item.profile_identifier == profile.identifier;
  });
  std::ranges::move(items, std::back_inserter(device.keychain));

  InstalledProfile fresh{profile.identifier, profile.uuid, profile.raw, true,
                         removal_time(profile, now)};
  const auto old =
      std::ranges::find(device.profiles, profile.identifier, &InstalledProfile::identifier);
  const bool own = device.enrollment && profile.identifier == device.enrollment->profile_identifier;
  if (old == device.profiles.end()) {
    device.profiles.push_back(std::move(fresh));
  } else {
    fresh.managed = !own;  // who may remove the enrollment profile does not change
    *old = std::move(fresh);
  }
}

}  // namespace

Outcome install_profile(Device& device, const mdm::Command& command, const Surroundings& around) {
  const plist::Value* payload = argument(command, "Payload");
  const Bytes* raw = payload == nullptr ? nullptr : payload->if_data();
  if (raw == nullptr || raw->empty()) {
    return refuse_profile(codes::kEmptyProfile, "The profile is empty.");
  }
  const auto profile = read_profile(device, *raw);
  if (!profile) return refuse_profile(code_for(profile.error()), profile.error().message());
  if (auto refusal = refuse_container(device, *profile)) return *std::move(refusal);
  MdmProfileVerdict mdm = judge_mdm_profile(device, *profile);
  if (mdm.refusal) return *std::move(mdm.refusal);

  KeychainPlan plan = plan_keychain(*profile, around.identities);
  const TimePoint now = around.clock.now();
  if (plan.refusal.empty()) plan.refusal = judge_profile(device, *profile, around.channel, now);
  Outcome outcome;
  if (!plan.refusal.empty()) {
    outcome.status = mdm::Status::error;
    outcome.errors = std::move(plan.refusal);
    return outcome;
  }
  outcome.wants = std::move(plan.wants);
  if (!outcome.wants.empty()) return outcome;
  if (mdm.replacement) {
    replace_enrollment(device, *mdm.replacement);
    outcome.then = Outcome::Then::check_in;
  }
  install(device, *profile, std::move(plan.items), now);
  activate_content_cache(device);
  return outcome;
}

}  // namespace understudy::agent
