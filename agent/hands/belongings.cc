// install-app, refuse-app, remove-app, remove-profile, wipe-by-user

#include <algorithm>

#include "agent/hands/motions.h"
#include "agent/payloads/in_force.h"
#include "agent/payloads/removal.h"
#include "agent/payloads/stored_profile.h"
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

/// Held in one app, a device shows nothing else.
Result<void> check_reachable(const Device& device) {
  if (!is_app_locked(device)) return {};
  return fail(errc::unsupported, device.id + " is held in one app");
}

Result<void> check_allowed(const Device& device, const char* restriction, const char* what) {
  UNDERSTUDY_CHECK(check_reachable(device));
  if (is_allowed(device, restriction)) return {};
  return fail(errc::unsupported, device.id + " cannot be " + what + ": a profile forbids it");
}

/// A removal password opens even a profile that says it stays (TopLevel.yaml).
Result<void> check_removable(const Device& device, const InstalledProfile& profile,
                             const std::string& given) {
  const auto content = read_profile(device, profile.raw);
  if (!content) return {};
  const std::string password = removal_password(*content);
  if (password.empty() && content->removal_disallowed) {
    return fail(errc::unsupported, profile.identifier + " cannot be removed: it says so itself");
  }
  if (password.empty() || given == " " + password) return {};
  return fail(errc::invalid_argument, profile.identifier + " cannot be removed: it has a password",
              "give it behind the identifier, in one argument");
}

}  // namespace

Result<std::string> install_app(Device& device, const std::string& argument, const Rng&) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  constexpr std::uint64_t kLargest = 300;
  UNDERSTUDY_CHECK(check_allowed(device, "allowAppInstallation", "given apps"));
  UNDERSTUDY_CHECK(check_allowed(device, "allowUIAppInstallation", "given apps"));
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

Result<std::string> refuse_app(Device& device, const std::string& argument, const Rng&) {
  ManagedApp* managed = device.find_managed_app(argument);
  if (managed == nullptr || managed->status != "Prompting") {
    return fail(errc::not_found, device.id + " asks nobody about " + argument,
                "InstallApplication does, on a device that is not supervised");
  }
  managed->status = "UserRejected";
  return "is not given " + argument;
}

Result<std::string> remove_app(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_CHECK(check_allowed(device, "allowAppRemoval", "freed of apps"));
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
  UNDERSTUDY_CHECK(check_reachable(device));
  const auto space = std::min(argument.find(' '), argument.size());
  const std::string identifier = argument.substr(0, space);
  const InstalledProfile* profile = device.find_profile(identifier);
  if (profile == nullptr) {
    return fail(errc::not_found, device.id + " has no profile " + identifier,
                known_profiles(device));
  }
  const bool ends_management =
      device.enrollment && identifier == device.enrollment->profile_identifier;
  if (profile->managed && !ends_management) {
    return fail(errc::unsupported,
                identifier + " came over MDM: it goes with the enrollment profile");
  }
  UNDERSTUDY_CHECK(check_removable(device, *profile, argument.substr(space)));
  if (ends_management) {
    device.enrollment->stage = Enrollment::Stage::leaving;
    device.enrollment->removed_by_user = true;
    return "loses " + identifier + ", and with it its management";
  }
  remove_installed_profile(device, identifier);
  return "has " + identifier + " no longer";
}

Result<std::string> wipe(Device& device, const std::string&, const Rng& seed) {
  UNDERSTUDY_CHECK(check_allowed(device, "allowEraseContentAndSettings", "erased by its user"));
  device.return_to_service.reset();
  erase(device, seed, device.number);
  return "is erased";
}

}  // namespace understudy::agent::hands
