#include "agent/device/device.h"

#include <algorithm>
#include <set>

#include "agent/device/default_apps.h"

namespace understudy::agent {

mdm::Target Device::target() const {
  mdm::Target target;
  target.platform = hardware.platform;
  // The factory and deserialize() let no other text in; a Device made by hand gets the default.
  if (auto version = mdm::Version::parse(hardware.os_version)) target.os = *version;
  target.supervised = supervised;
  if (enrollment) target.access_rights = enrollment->mdm.access_rights;
  return target;
}

bool Enrollment::server_can(std::string_view capability) const {
  return std::ranges::find(mdm.server_capabilities, capability) != mdm.server_capabilities.end();
}

const KeychainItem* Device::find_identity(const std::string& payload_uuid) const {
  const auto found = std::ranges::find_if(keychain, [&](const KeychainItem& item) {
    return item.payload_uuid == payload_uuid && !item.private_key_der.empty();
  });
  return found == keychain.end() ? nullptr : &*found;
}

const InstalledProfile* Device::find_profile(const std::string& identifier) const {
  const auto found = std::ranges::find(profiles, identifier, &InstalledProfile::identifier);
  return found == profiles.end() ? nullptr : &*found;
}

void remove_management(Device& device) {
  std::set<std::string> going;
  if (device.enrollment) going.insert(device.enrollment->profile_identifier);
  for (const InstalledProfile& profile : device.profiles) {
    if (profile.managed) going.insert(profile.identifier);
  }
  const auto goes = [&](const std::string& identifier) { return going.contains(identifier); };
  std::erase_if(device.profiles, [&](const auto& profile) { return goes(profile.identifier); });
  std::erase_if(device.keychain, [&](const auto& item) { return goes(item.profile_identifier); });
  std::erase_if(device.apps, [](const InstalledApp& app) { return app.managed; });
  device.enrollment.reset();
  device.push.topic_token.clear();
  device.wake_pending = false;
}

void erase(Device& device, const Rng& seed, std::uint64_t number) {
  remove_management(device);
  device.profiles.clear();
  device.keychain.clear();
  device.apps = default_apps(device.hardware.platform, seed, number);
  device.passcode.clear();
  device.locked = false;
  device.lock_message.clear();
  device.lock_phone_number.clear();
  device.lock_pin.clear();
  device.name = "Understudy " + device.hardware.model_name + " " + std::to_string(number);
  ++device.erased_times;
}

}  // namespace understudy::agent
