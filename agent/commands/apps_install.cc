/// InstallApplication, InstallEnterpriseApplication, RemoveApplication. Sources: mdm/commands/
/// application.install.yaml, application.install.enterprise.yaml, application.remove.yaml;
/// docs/protocol/device-facts.md 11.8.

#include <algorithm>
#include <optional>

#include "agent/commands/app_store.h"
#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/progress.h"

namespace understudy::agent {
namespace {

using plist::Dict;

/// What is to be installed, and how.
struct Order {
  ManagedApp app;                                 ///< version empty: it names none
  std::optional<Dict> configuration, attributes;  ///< absent: as they were
  bool managed = true;
  bool take_over = false;  ///< ChangeManagementState: an app its user installed becomes managed
};

/// RejectionReason goes with the error; macOS has one word for all of them.
Outcome reject(const Device& device, std::int64_t code, const char* reason, std::string why) {
  Outcome outcome = Outcome::refusal(code, std::move(why));
  const bool mac = device.hardware.platform == mdm::Platform::macos;
  outcome.body.emplace("RejectionReason", mac ? "Other" : reason);
  return outcome;
}

InstalledApp* find_app(Device& device, const std::string& identifier) {
  const auto app = std::ranges::find(device.apps, identifier, &InstalledApp::identifier);
  return app == device.apps.end() ? nullptr : &*app;
}

bool is_under_way(const ManagedApp& app) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"Queued", "Prompting", "Redeeming", "Installing", "Updating", "PromptingForManagement"});
  return std::ranges::find(kWords, app.status) != kWords.end();
}

/// Whoever holds an unsupervised device is asked; on a Mac and an Apple TV nobody is.
bool asks_user(const Device& device) {
  const auto platform = device.hardware.platform;
  return !device.supervised && platform != mdm::Platform::macos && platform != mdm::Platform::tvos;
}

Order order_of(const Device& device, const mdm::Command& command) {
  Order order;
  order.app.flags = number_argument(command, "ManagementFlags").value_or(0);
  if (argument(command, "Configuration") != nullptr) {
    order.configuration = dict_argument(command, "Configuration");
  }
  if (argument(command, "Attributes") != nullptr) {
    order.attributes = dict_argument(command, "Attributes");
  }
  // Elsewhere everything a server installs is managed.
  order.managed = device.hardware.platform != mdm::Platform::macos ||
                  flag_argument(command, "InstallAsManaged");
  order.take_over = text_argument(command, "ChangeManagementState") == "Managed";
  return order;
}

/// The status in which an order starts; the app's server sees it in the reply.
std::string first_status(const Device& device, const Order& order, bool installed, bool costs) {
  if (installed && order.take_over) {
    return asks_user(device) ? "PromptingForManagement" : "Managed";
  }
  if (installed) return "Updating";
  if (costs) return "NeedsRedemption";
  return asks_user(device) ? "Prompting" : "Queued";
}

/// A Mac's user gets the app, and nobody manages it.
void install_unmanaged(Device& device, const ManagedApp& app) {
  std::erase_if(device.managed_apps,
                [&](const ManagedApp& old) { return old.identifier == app.identifier; });
  if (InstalledApp* old = find_app(device, app.identifier)) {
    old->managed = false;
    old->version = old->short_version = app.version;
    return;
  }
  constexpr std::int64_t kBundleSize = 25'000'000;
  device.apps.push_back(
      {app.identifier, app.name, app.version, app.version, kBundleSize, 0, false});
}

/// What the command does not name stays as it was.
void fill_in(Order& order, const ManagedApp* old, const InstalledApp* installed) {
  ManagedApp& app = order.app;
  const bool stays = app.version.empty() || app.status != "Updating";
  if (installed != nullptr && stays) app.version = installed->version;
  if (app.version.empty()) app.version = "1.0";
  const ManagedApp before = old == nullptr ? ManagedApp() : *old;
  app.configuration = order.configuration.value_or(before.configuration);
  app.attributes = order.attributes.value_or(before.attributes);
  app.feedback = before.feedback;
}

Outcome accept(Device& device, Order order, bool costs, const Surroundings& around) {
  ManagedApp& app = order.app;
  app.name = app_name(app.identifier);
  const ManagedApp* old = device.find_managed_app(app.identifier);
  InstalledApp* installed = find_app(device, app.identifier);
  if (old != nullptr && is_under_way(*old)) {
    return reject(device, codes::kAppAlreadyInstalled, "AppAlreadyQueued",
                  "\"" + app.identifier + "\" is being installed already.");
  }
  const bool of_user = installed != nullptr && old == nullptr && order.managed;
  if (of_user && !order.take_over) {
    return reject(device, codes::kAppAlreadyInstalled, "AppAlreadyInstalled",
                  "\"" + app.identifier + "\" is installed already, and not managed.");
  }
  app.status = first_status(device, order, installed != nullptr, costs);
  fill_in(order, old, installed);
  app.changed_at = now_seconds(around);
  Dict body;
  body.emplace("Identifier", app.identifier);
  if (!order.managed) {
    install_unmanaged(device, app);
    body.emplace("State", "Installing");
    return Outcome::acknowledged(std::move(body));
  }
  body.emplace("State", app.status);
  if (app.status == "Managed") installed->managed = true;
  std::erase_if(device.managed_apps,
                [&](const ManagedApp& entry) { return entry.identifier == app.identifier; });
  device.managed_apps.push_back(std::move(app));
  return Outcome::acknowledged(std::move(body));
}

/// The one app of a manifest; the error says what is wrong with it.
Result<ManagedApp> read_manifest(const plist::Value& manifest) {
  const plist::Value* items = manifest.find("items");
  const plist::Array* list = items == nullptr ? nullptr : items->if_array();
  if (list == nullptr || list->empty()) return fail(mdm::errc::missing_key, "Manifest: items");
  if (list->size() > 1) return fail(mdm::errc::bad_value, "Manifest: it has several apps");
  const plist::Value* metadata = list->front().find("metadata");
  const auto identifier =
      metadata == nullptr ? std::nullopt : metadata->string_at("bundle-identifier");
  if (!identifier || identifier->empty()) {
    return fail(mdm::errc::missing_key, "Manifest: metadata.bundle-identifier");
  }
  ManagedApp app;
  app.identifier = *identifier;
  app.version = metadata->string_at("bundle-version").value_or("1.0");
  return app;
}

}  // namespace

Outcome install_application(Device& device, const mdm::Command& command,
                            const Surroundings& around) {
  Order order = order_of(device, command);
  const auto store_id = number_argument(command, "iTunesStoreID");
  const auto manifest = text_argument(command, "ManifestURL");
  const auto identifier = text_argument(command, "Identifier");
  if (manifest && !manifest->starts_with("https://")) {
    return reject(device, codes::kUrlNotHttps, "Other", "ManifestURL is no https URL.");
  }
  if ((store_id && *store_id <= 0) ||
      (!store_id && !manifest && (!identifier || identifier->empty()))) {
    return reject(device, codes::kUnknownStoreId, "CouldNotVerifyAppID",
                  "InstallApplication names no app that exists.");
  }
  order.app.enterprise = manifest.has_value();
  order.app.validated = !manifest;
  order.app.identifier = identifier && !identifier->empty() ? *identifier
                         : store_id                         ? store_identifier(*store_id)
                                                            : manifest_identifier(*manifest);
  // An assigned license (PurchaseMethod 1) has been paid already.
  const plist::Value options(dict_argument(command, "Options"));
  const bool licensed = options.int_at("PurchaseMethod") == 1;
  const bool costs = device.hardware.platform == mdm::Platform::ios && store_id && !licensed &&
                     costs_money(*store_id);
  return accept(device, std::move(order), costs, around);
}

Outcome install_enterprise_application(Device& device, const mdm::Command& command,
                                       const Surroundings& around) {
  Order order = order_of(device, command);
  const auto url = text_argument(command, "ManifestURL");
  if (argument(command, "Manifest") != nullptr) {
    const plist::Value manifest(dict_argument(command, "Manifest"));
    const auto app = read_manifest(manifest);
    if (!app) {
      const bool several = app.error().code == mdm::errc::bad_value;
      return Outcome::refusal(several ? codes::kTooManyApps : codes::kInvalidManifest,
                              app.error().message());
    }
    order.app.identifier = app->identifier;
    order.app.version = app->version;
  } else if (!url) {
    return Outcome::refusal(codes::kNoManifest,
                            "InstallEnterpriseApplication needs Manifest or ManifestURL.");
  } else if (!url->starts_with("https://")) {
    return Outcome::refusal(codes::kUrlNotHttps, "ManifestURL is no https URL.");
  } else {
    order.app.identifier = manifest_identifier(*url);
  }
  order.app.enterprise = order.app.validated = true;  // a package has its signature with it
  return accept(device, std::move(order), false, around);
}

Outcome remove_application(Device& device, const mdm::Command& command, const Surroundings&) {
  const std::string identifier = text_argument(command, "Identifier").value_or("");
  if (device.find_managed_app(identifier) == nullptr) {
    return Outcome::refusal(codes::kAppNotManaged, "\"" + identifier + "\" is no managed app.");
  }
  std::erase_if(device.managed_apps,
                [&](const ManagedApp& app) { return app.identifier == identifier; });
  std::erase_if(device.apps, [&](const InstalledApp& app) { return app.identifier == identifier; });
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
