/// InstalledApplicationList. Source: mdm/commands/application.installed.list.yaml.

#include <algorithm>
#include <set>

#include "agent/commands/app_store.h"
#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

plist::Dict describe(const Device& device, const InstalledApp& app) {
  const auto managed =
      std::ranges::find(device.managed_apps, app.identifier, &ManagedApp::identifier);
  const bool is_known = managed != device.managed_apps.end();
  const bool from_store = !is_known || !managed->enterprise;
  plist::Dict entry;
  entry.emplace("Identifier", app.identifier);
  entry.emplace("Name", app.name);
  entry.emplace("Version", app.version);
  entry.emplace("ShortVersion", app.short_version);
  entry.emplace("BundleSize", app.bundle_size);
  entry.emplace("DynamicSize", app.dynamic_size);
  entry.emplace("IsValidated", !is_known || managed->validated);
  entry.emplace("Installing",
                is_known && (managed->status == "Installing" || managed->status == "Updating"));
  entry.emplace("AppStoreVendable", from_store);
  if (from_store) {
    entry.emplace("ExternalVersionIdentifier", store_version(app.identifier + app.version));
    entry.emplace("HasUpdateAvailable", false);
  }
  for (const char* key : {"DeviceBasedVPP", "BetaApp", "AdHocCodeSigned", "IsAppClip"}) {
    entry.emplace(key, false);
  }
  return entry;
}

/// What is on the device, and what is being loaded onto it.
std::vector<InstalledApp> apps_of(const Device& device) {
  std::vector<InstalledApp> apps = device.apps;
  for (const ManagedApp& app : device.managed_apps) {
    const auto there = std::ranges::find(apps, app.identifier, &InstalledApp::identifier);
    if (app.status != "Installing" || there != apps.end()) continue;
    apps.push_back({app.identifier, app.name, app.version, app.version, 0, 0, true});
  }
  return apps;
}

}  // namespace

Outcome installed_application_list(Device& device, const mdm::Command& command,
                                   const Surroundings&) {
  const auto wanted = texts_argument(command, "Identifiers");
  const std::set<std::string> identifiers(wanted.begin(), wanted.end());
  const auto named = texts_argument(command, "Items");
  std::set<std::string> items(named.begin(), named.end());
  // macOS has no Items; on the others Identifier always comes along.
  if (device.hardware.platform == mdm::Platform::macos) items.clear();
  const bool managed_only = flag_argument(command, "ManagedAppsOnly");

  plist::Array list;
  for (const InstalledApp& app : apps_of(device)) {
    if (managed_only && !app.managed) continue;
    if (!identifiers.empty() && !identifiers.contains(app.identifier)) continue;
    plist::Dict entry = describe(device, app);
    if (!items.empty()) {
      std::erase_if(entry, [&](const auto& member) {
        return member.first != "Identifier" && !items.contains(member.first);
      });
    }
    list.emplace_back(std::move(entry));
  }
  plist::Dict body;
  body.emplace("InstalledApplicationList", std::move(list));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
