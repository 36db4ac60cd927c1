/// InstallProvisioningProfile, ProvisioningProfileList, RemoveProvisioningProfile. Sources:
/// mdm/commands/profile.provisioning.*.yaml; docs/protocol/device-facts.md 11.11.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "shared/crypto/cms.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

/// A signed property list; who signed it is not looked at, since only Apple can.
Result<ProvisioningProfile> read(BytesView raw) {
  UNDERSTUDY_TRY(const auto message, crypto::cms::verify(raw));
  UNDERSTUDY_TRY(const auto content, plist::read(message.content));
  ProvisioningProfile profile;
  profile.managed = true;
  profile.uuid = content.string_at("UUID").value_or("");
  profile.name = content.string_at("Name").value_or("");
  const plist::Value* expires = content.find("ExpirationDate");
  if (expires != nullptr && expires->if_date() != nullptr) profile.expires = *expires->if_date();
  if (profile.uuid.empty()) return fail(mdm::errc::missing_key, "provisioning profile: UUID");
  return profile;
}

}  // namespace

Outcome install_provisioning_profile(Device& device, const mdm::Command& command,
                                     const Surroundings&) {
  auto profile = read(data_argument(command, "ProvisioningProfile"));
  if (!profile) {
    return Outcome::error(codes::kProvisioningDomain, codes::kBadProvisioningProfile,
                          profile.error().message());
  }
  const auto old =
      std::ranges::find(device.provisioning, profile->uuid, &ProvisioningProfile::uuid);
  if (old == device.provisioning.end()) {
    device.provisioning.push_back(*std::move(profile));
  } else {
    *old = *std::move(profile);
  }
  return Outcome::acknowledged();
}

Outcome provisioning_profile_list(Device& device, const mdm::Command& command,
                                  const Surroundings&) {
  const bool managed_only = flag_argument(command, "ManagedOnly");
  plist::Array list;
  // Macs hold profiles of the iOS sort only here, and have none (11.11).
  const bool mac = device.hardware.platform == mdm::Platform::macos;
  for (const ProvisioningProfile& profile : device.provisioning) {
    if (mac || (managed_only && !profile.managed)) continue;
    plist::Dict entry;
    entry.emplace("Name", profile.name);
    entry.emplace("UUID", profile.uuid);
    if (profile.expires != plist::Date{}) entry.emplace("ExpiryDate", profile.expires);
    list.emplace_back(std::move(entry));
  }
  plist::Dict body;
  body.emplace("ProvisioningProfileList", std::move(list));
  return Outcome::acknowledged(std::move(body));
}

Outcome remove_provisioning_profile(Device& device, const mdm::Command& command,
                                    const Surroundings&) {
  const std::string uuid = text_argument(command, "UUID").value_or("");
  const auto found = std::ranges::find(device.provisioning, uuid, &ProvisioningProfile::uuid);
  if (found == device.provisioning.end()) {
    return Outcome::error(codes::kProvisioningDomain, codes::kCannotRemoveProvisioning,
                          "There is no provisioning profile \"" + uuid + "\".");
  }
  if (!found->managed) {
    return Outcome::refusal(codes::kProvisioningNotManaged,
                            "The provisioning profile \"" + uuid + "\" is not managed.");
  }
  device.provisioning.erase(found);
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
