/// InstalledApplicationList. Source: mdm/commands/application.installed.list.yaml.

#include <set>

#include "agent/commands/app_store.h"
#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

plist::Dict describe(const InstalledApp& app) {
  plist::Dict entry;
  entry.emplace("Identifier", app.identifier);
  entry.emplace("Name", app.name);
  entry.emplace("Version", app.version);
  entry.emplace("ShortVersion", app.short_version);
  entry.emplace("BundleSize", app.bundle_size);
  entry.emplace("DynamicSize", app.dynamic_size);
  entry.emplace("ExternalVersionIdentifier", store_version(app.identifier + app.version));
  entry.emplace("IsValidated", true);
  entry.emplace("Installing", false);
  entry.emplace("AppStoreVendable", true);
  for (const char* key :
       {"DeviceBasedVPP", "BetaApp", "AdHocCodeSigned", "HasUpdateAvailable", "IsAppClip"}) {
    entry.emplace(key, false);
  }
  return entry;
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
  for (const InstalledApp& app : device.apps) {
    if (managed_only && !app.managed) continue;
    if (!identifiers.empty() && !identifiers.contains(app.identifier)) continue;
    plist::Dict entry = describe(app);
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
