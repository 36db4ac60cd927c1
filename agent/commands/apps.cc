/// InstalledApplicationList. Source: mdm/commands/application.installed.list.yaml.

#include <set>

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

std::set<std::string> texts_at(const mdm::Command& command, const char* key) {
  std::set<std::string> texts;
  const plist::Value* value = argument(command, key);
  const plist::Array* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return texts;
  for (const plist::Value& element : *array) {
    if (const std::string* text = element.if_string()) texts.insert(*text);
  }
  return texts;
}

/// The store's number of this version; the same for every device that has it.
std::int64_t store_version(const InstalledApp& app) {
  constexpr std::uint64_t kFirst = 800'000'000;
  constexpr std::uint64_t kSpan = 100'000'000;
  return static_cast<std::int64_t>(kFirst +
                                   Rng(0).derive(app.identifier + app.version).next() % kSpan);
}

plist::Dict describe(const InstalledApp& app) {
  plist::Dict entry;
  entry.emplace("Identifier", app.identifier);
  entry.emplace("Name", app.name);
  entry.emplace("Version", app.version);
  entry.emplace("ShortVersion", app.short_version);
  entry.emplace("BundleSize", app.bundle_size);
  entry.emplace("DynamicSize", app.dynamic_size);
  entry.emplace("ExternalVersionIdentifier", store_version(app));
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
  const auto identifiers = texts_at(command, "Identifiers");
  auto items = texts_at(command, "Items");
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
