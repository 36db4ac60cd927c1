// install-app, remove-app, remove-profile, wipe-by-user

#include <algorithm>

#include "agent/commands/stored_profile.h"
#include "agent/hands/motions.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

auto find_app(Device& device, const std::string& identifier) {
  return std::ranges::find(device.apps, identifier, &InstalledApp::identifier);
}

std::string known_profiles(const Device& device) {
  std::string known;
  for (const InstalledProfile& profile : device.profiles) {
    known += (known.empty() ? "" : ", ") + profile.identifier;
  }
  return known.empty() ? "it has none" : "there are " + known;
}

}  // namespace

Result<std::string> install_app(Device& device, const std::string& argument, const Rng&) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  constexpr std::uint64_t kLargest = 300;
  if (find_app(device, argument) != device.apps.end()) {
    return fail(errc::already_exists, device.id + " has " + argument + " already");
  }
  InstalledApp app;
  app.identifier = argument;
  app.name = argument.substr(argument.rfind('.') + 1);
  app.version = app.short_version = "1.0";
  app.bundle_size =
      kMegabyte * static_cast<std::int64_t>(1 + Rng(0).derive(argument).below(kLargest));
  device.apps.push_back(std::move(app));
  return "has " + argument;
}

Result<std::string> remove_app(Device& device, const std::string& argument, const Rng&) {
  const auto app = find_app(device, argument);
  if (app == device.apps.end()) {
    return fail(errc::not_found, device.id + " has no app " + argument,
                "`show` lists the apps of a device");
  }
  if (ManagedApp* managed = device.find_managed_app(argument)) {
    const auto removable = managed->attributes.find("Removable");
    if (removable != managed->attributes.end() && removable->second.if_bool() != nullptr &&
        !*removable->second.if_bool()) {
      return fail(errc::unsupported, argument + " cannot be removed: its server forbids it");
    }
    managed->status = "ManagedButUninstalled";
  }
  device.apps.erase(app);
  return "has " + argument + " no longer";
}

Result<std::string> remove_profile_by_hand(Device& device, const std::string& argument,
                                           const Rng&) {
  const InstalledProfile* profile = device.find_profile(argument);
  if (profile == nullptr) {
    return fail(errc::not_found, device.id + " has no profile " + argument, known_profiles(device));
  }
  const auto content = read_profile(device, profile->raw);
  if (content && content->removal_disallowed) {
    return fail(errc::unsupported, argument + " cannot be removed: it says so itself");
  }
  if (device.enrollment && argument == device.enrollment->profile_identifier) {
    device.enrollment->stage = Enrollment::Stage::leaving;
    device.enrollment->removed_by_user = true;
    return "loses " + argument + ", and with it its management";
  }
  if (profile->managed) {
    return fail(errc::unsupported,
                argument + " came over MDM: it goes with the enrollment profile");
  }
  std::erase_if(device.keychain,
                [&](const auto& item) { return item.profile_identifier == argument; });
  std::erase_if(device.profiles,
                [&](const auto& installed) { return installed.identifier == argument; });
  return "has " + argument + " no longer";
}

Result<std::string> wipe(Device& device, const std::string&, const Rng& seed) {
  device.return_to_service.reset();
  erase(device, seed, device.number);
  return "is erased";
}

}  // namespace understudy::agent::hands
