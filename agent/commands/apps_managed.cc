/// ManagedApplicationList, ManagedApplicationAttributes, ManagedApplicationConfiguration,
/// ManagedApplicationFeedback. Sources: mdm/commands/application.managed.list.yaml,
/// managed.application.*.yaml.

#include <algorithm>
#include <array>

#include "agent/commands/app_store.h"
#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

/// Told once, and gone with the telling.
bool is_transient(const ManagedApp& app) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"UserRejected", "UpdateRejected", "ManagementRejected", "Failed", "Unknown"});
  return std::ranges::find(kWords, app.status) != kWords.end();
}

plist::Dict describe(const ManagedApp& app) {
  plist::Dict entry;
  entry.emplace("Status", app.status);
  entry.emplace("ManagementFlags", app.flags);
  entry.emplace("HasConfiguration", !app.configuration.empty());
  entry.emplace("HasFeedback", !app.feedback.empty());
  entry.emplace("IsValidated", app.validated);
  if (!app.enterprise) {
    entry.emplace("ExternalVersionIdentifier", store_version(app.identifier + app.version));
  }
  return entry;
}

/// One entry for each managed app that the command names: its identifier, and `member` of it under
/// `key` unless that is empty.
Outcome list_of(const Device& device, const mdm::Command& command, const char* list_key,
                const char* key, plist::Dict ManagedApp::* member) {
  const auto identifiers = texts_argument(command, "Identifiers");
  plist::Array list;
  for (const ManagedApp& app : device.managed_apps) {
    if (std::ranges::count(identifiers, app.identifier) == 0) continue;
    plist::Dict entry;
    entry.emplace("Identifier", app.identifier);
    if (!(app.*member).empty()) entry.emplace(key, app.*member);
    list.emplace_back(std::move(entry));
  }
  plist::Dict body;
  body.emplace(list_key, std::move(list));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace

Outcome managed_application_list(Device& device, const mdm::Command& command, const Surroundings&) {
  const auto identifiers = texts_argument(command, "Identifiers");
  const auto is_asked = [&](const ManagedApp& app) {
    return identifiers.empty() || std::ranges::count(identifiers, app.identifier) > 0;
  };
  plist::Dict apps;
  for (const ManagedApp& app : device.managed_apps) {
    if (is_asked(app)) apps.emplace(app.identifier, describe(app));
  }
  std::erase_if(device.managed_apps,
                [&](const ManagedApp& app) { return is_asked(app) && is_transient(app); });
  plist::Dict body;
  body.emplace("ManagedApplicationList", std::move(apps));
  return Outcome::acknowledged(std::move(body));
}

Outcome managed_application_attributes(Device& device, const mdm::Command& command,
                                       const Surroundings&) {
  return list_of(device, command, "ApplicationAttributes", "Attributes", &ManagedApp::attributes);
}

Outcome managed_application_configuration(Device& device, const mdm::Command& command,
                                          const Surroundings&) {
  return list_of(device, command, "ApplicationConfigurations", "Configuration",
                 &ManagedApp::configuration);
}

Outcome managed_application_feedback(Device& device, const mdm::Command& command,
                                     const Surroundings&) {
  Outcome outcome =
      list_of(device, command, "ManagedApplicationFeedback", "Feedback", &ManagedApp::feedback);
  if (flag_argument(command, "DeleteFeedback")) {
    for (const std::string& identifier : texts_argument(command, "Identifiers")) {
      if (ManagedApp* app = device.find_managed_app(identifier)) app->feedback.clear();
    }
  }
  return outcome;
}

}  // namespace understudy::agent
