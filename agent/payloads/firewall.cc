#include "agent/payloads/firewall.h"

#include <map>

#include "agent/payloads/in_force.h"

namespace understudy::agent {
namespace {

using plist::Dict;
using plist::Value;

constexpr Switch kFirewallSwitches[] = {{"EnableFirewall", "FirewallEnabled"},
                                        {"BlockAllIncoming", "BlockAllIncoming"},
                                        {"EnableStealthMode", "StealthMode"}};

/// An app that one profile blocks stays blocked.
void add_applications(std::map<std::string, bool>& allowed, const Value& keys) {
  const Value* list = keys.find("Applications");
  const plist::Array* apps = list == nullptr ? nullptr : list->if_array();
  if (apps == nullptr) return;
  for (const Value& app : *apps) {
    const auto identifier = app.string_at("BundleID");
    if (!identifier) continue;
    bool& entry = allowed.try_emplace(*identifier, true).first->second;
    entry = entry && app.bool_at("Allowed").value_or(false);
  }
}

std::string name_of(const Device& device, const std::string& identifier) {
  for (const InstalledApp& app : device.apps) {
    if (app.identifier == identifier) return app.name;
  }
  return identifier.substr(identifier.rfind('.') + 1);
}

plist::Array report(const Device& device, const std::map<std::string, bool>& allowed) {
  plist::Array list;
  for (const auto& [identifier, is_allowed] : allowed) {
    Dict entry;
    entry.emplace("BundleID", identifier);
    entry.emplace("Name", name_of(device, identifier));
    entry.emplace("Allowed", is_allowed);
    list.emplace_back(std::move(entry));
  }
  return list;
}

}  // namespace

Dict firewall_settings(const Device& device) {
  Dict settings;
  for (const Switch& row : kFirewallSwitches) settings.emplace(row.reported_as, false);
  settings.emplace("LoggingEnabled", true);
  settings.emplace("LoggingOption", "throttled");
  std::map<std::string, bool> allowed;
  for (const auto& payload : payloads_in_force(device, {"com.apple.security.firewall"})) {
    for (const Switch& row : kFirewallSwitches) {
      if (payload.keys.bool_at(row.payload_key).value_or(false)) settings[row.reported_as] = true;
    }
    if (const auto on = payload.keys.bool_at("EnableLogging")) settings["LoggingEnabled"] = *on;
    if (auto how = payload.keys.string_at("LoggingOption")) settings["LoggingOption"] = *how;
    add_applications(allowed, payload.keys);
  }
  settings.emplace("Applications", report(device, allowed));
  return settings;
}

}  // namespace understudy::agent
