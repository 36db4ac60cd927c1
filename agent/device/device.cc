#include "agent/device/device.h"

#include <algorithm>
#include <set>

#include "agent/device/default_apps.h"
#include "agent/device/default_users.h"

namespace understudy::agent {

mdm::Target Device::target() const {
  mdm::Target target;
  target.platform = hardware.platform;
  // The factory and deserialize() let no other text in; a Device made by hand gets the default.
  if (auto version = mdm::Version::parse(hardware.os_version)) target.os = *version;
  target.supervised = supervised;
  target.automated = automated;
  target.shared_ipad = shared_ipad;
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

ManagedApp* Device::find_managed_app(std::string_view identifier) {
  const auto found = std::ranges::find(managed_apps, identifier, &ManagedApp::identifier);
  return found == managed_apps.end() ? nullptr : &*found;
}

User* Device::find_user(std::string_view user_name) {
  const auto found = std::ranges::find(users, user_name, &User::name);
  return found == users.end() ? nullptr : &*found;
}

namespace {

/// Managed apps go with the enrollment when they are flagged for it
/// (docs/protocol/device-facts.md 11.5), and stay as their user's own otherwise. One that
/// nobody keeps a record of goes.
void remove_managed_apps(Device& device) {
  constexpr std::int64_t kGoesWithEnrollment = 1;
  std::erase_if(device.apps, [&](const InstalledApp& app) {
    const ManagedApp* managed = device.find_managed_app(app.identifier);
    return app.managed && (managed == nullptr || (managed->flags & kGoesWithEnrollment) != 0);
  });
  for (InstalledApp& app : device.apps) app.managed = false;
  device.managed_apps.clear();
}

}  // namespace

void remove_management(Device& device) {
  std::set<std::string> going;
  if (device.enrollment) going.insert(device.enrollment->profile_identifier);
  for (const InstalledProfile& profile : device.profiles) {
    if (profile.managed) going.insert(profile.identifier);
  }
  const auto goes = [&](const std::string& identifier) { return going.contains(identifier); };
  std::erase_if(device.profiles, [&](const auto& profile) { return goes(profile.identifier); });
  std::erase_if(device.keychain, [&](const auto& item) { return goes(item.profile_identifier); });
  std::erase_if(device.provisioning, [](const auto& profile) { return profile.managed; });
  remove_managed_apps(device);
  device.books.clear();
  device.os_updates.clear();
  device.setup = {};
  device.settings.organization.clear();
  device.settings.mdm_options.clear();
  device.declarative = false;
  device.log_collection_token.clear();
  device.enrollment.reset();
  device.push.topic_token.clear();
  device.wake_pending = false;
  device.comes_back = false;
  device.put_off.clear();
}

void erase(Device& device, const Rng& seed, std::uint64_t number) {
  remove_management(device);
  Device fresh;
  fresh.id = device.id;
  fresh.number = device.number;
  fresh.hardware = device.hardware;
  fresh.name = "Understudy " + device.hardware.model_name + " " + std::to_string(number);
  fresh.supervised = device.supervised;
  fresh.automated = device.automated;
  fresh.shared_ipad = device.shared_ipad;
  fresh.position = device.position;
  fresh.offline = device.offline;
  fresh.tethered = device.tethered;
  fresh.power = device.power;
  fresh.return_to_service = std::move(device.return_to_service);
  fresh.push = std::move(device.push);
  fresh.apps = default_apps(device.hardware.platform, seed, number);
  fresh.users = default_users(device.hardware.platform, seed, number);
  fresh.erased_times = device.erased_times + 1;
  device = std::move(fresh);
}

}  // namespace understudy::agent
