/// ActiveNSExtensions, NSExtensionMappings. Sources: mdm/commands/application.extensions.*.yaml.

#include <algorithm>
#include <array>

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"
#include "agent/payloads/in_force.h"

namespace understudy::agent {
namespace {

/// What the apps of the system bring along.
struct Extension {
  std::string_view identifier, point, name, container, container_name, path, version;
};
constexpr auto kExtensions = std::to_array<Extension>({
    {"com.apple.share.Mail.compose", "com.apple.share-services", "Mail", "com.apple.mail", "Mail",
     "/System/Applications/Mail.app/Contents/PlugIns/MailShareExtension.appex", "16.0"},
    {"com.apple.Safari.CacheDeleteExtension", "com.apple.deletable", "Safari", "com.apple.Safari",
     "Safari", "/Applications/Safari.app/Contents/PlugIns/CacheDeleteExtension.appex", "18.1"},
    {"com.apple.TextEdit.QuickLook", "com.apple.quicklook.preview", "TextEdit",
     "com.apple.TextEdit", "TextEdit",
     "/System/Applications/TextEdit.app/Contents/PlugIns/Preview.appex", "1.20"},
});

plist::Dict mapping(const Extension& extension) {
  plist::Dict entry;
  entry.emplace("Identifier", extension.identifier);
  entry.emplace("ExtensionPoint", extension.point);
  entry.emplace("DisplayName", extension.name);
  return entry;
}

plist::Dict active(const Extension& extension) {
  plist::Dict entry = mapping(extension);
  entry.emplace("ContainerDisplayName", extension.container_name);
  entry.emplace("ContainerIdentifier", extension.container);
  entry.emplace("Path", extension.path);
  entry.emplace("Version", extension.version);
  entry.emplace("UserElection", "Default");
  return entry;
}

bool is_installed(const Device& device, const Extension& extension) {
  return std::ranges::find(device.apps, extension.container, &InstalledApp::identifier) !=
         device.apps.end();
}

bool names(const PayloadInForce& payload, const char* list, std::string_view what) {
  const plist::Value* texts = payload.keys.find(list);
  return texts != nullptr && texts->if_array() != nullptr &&
         std::ranges::count(*texts->if_array(), plist::Value(what)) > 0;
}

/// By its name, or with all of its point; that one named as allowed is spared the latter is our
/// inference. Source: mdm/profiles/com.apple.NSExtension.yaml.
bool is_denied(const std::vector<PayloadInForce>& payloads, const Extension& extension) {
  const auto any = [&](const char* list, std::string_view what) {
    return std::ranges::any_of(
        payloads, [&](const PayloadInForce& payload) { return names(payload, list, what); });
  };
  if (any("DeniedExtensions", extension.identifier)) return true;
  return any("DeniedExtensionPoints", extension.point) &&
         !any("AllowedExtensions", extension.identifier);
}

Outcome answer(plist::Array extensions) {
  plist::Dict body;
  body.emplace("Extensions", std::move(extensions));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace

Outcome active_ns_extensions(Device& device, const mdm::Command& command, const Surroundings&) {
  const auto points = texts_argument(command, "FilterExtensionPoints");
  const auto payloads = payloads_in_force(device, {"com.apple.NSExtension"});
  plist::Array list;
  for (const Extension& extension : kExtensions) {
    const bool wanted = points.empty() || std::ranges::count(points, extension.point) > 0;
    if (!wanted || !is_installed(device, extension) || is_denied(payloads, extension)) continue;
    list.emplace_back(active(extension));
  }
  return answer(std::move(list));
}

Outcome ns_extension_mappings(Device& device, const mdm::Command&, const Surroundings&) {
  plist::Array list;
  for (const Extension& extension : kExtensions) {
    if (is_installed(device, extension)) list.emplace_back(mapping(extension));
  }
  return answer(std::move(list));
}

}  // namespace understudy::agent
