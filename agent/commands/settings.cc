/// Settings: one result for each item, whatever became of the others. Sources: mdm/commands/
/// settings.yaml; docs/protocol/device-facts.md 11.12.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/setting_items.h"
#include "shared/mdm/validate.h"

namespace understudy::agent {
namespace {

using Kind = mdm::Problem::Kind;
using plist::Dict;
using plist::Value;

/// Where the only item of a message stands.
constexpr const char* kPlace = "Command.Settings[0]";

/// The item as a command of its own, so that the catalog's rules judge it.
std::vector<mdm::Problem> problems_of(const Value& item, const mdm::Target& target) {
  plist::Array items;
  items.emplace_back(item);
  Dict command;
  command.emplace("RequestType", "Settings");
  command.emplace("Settings", std::move(items));
  Dict message;
  message.emplace("CommandUUID", "");
  message.emplace("Command", std::move(command));
  return mdm::validate_command(mdm::Catalog::builtin(), message, target);
}

/// A key of a newer schema, or of another platform, passes; an item that is not for this device
/// does not.
SettingError error_for(const mdm::Problem& problem, const std::string& name) {
  const bool whole_item = problem.path == kPlace;
  if (whole_item && problem.kind == Kind::needs_supervision) {
    return {{codes::kChaperoneDomain, codes::kNotSupervised, name + " needs a supervised device."}};
  }
  if (whole_item && problem.kind == Kind::needs_right) {
    return {{mdm::kMdmErrorDomain, codes::kNotAuthorized,
             "The enrollment's access rights do not allow " + name + "."}};
  }
  if (whole_item && problem.kind == Kind::key_not_here) {
    return {{codes::kSettingsDomain, codes::kUnknownSetting, name + " " + problem.what + "."}};
  }
  // A grace period between the known ones is no error: the device takes the next lowest.
  const bool rounds_down = problem.path.ends_with(".PasscodeLockGracePeriod");
  if (problem.kind == Kind::bad_value && !rounds_down) {
    return {{mdm::kMdmErrorDomain, codes::kMalformedRequest, problem.path + " " + problem.what}};
  }
  return std::nullopt;
}

SettingError apply(Device& device, const Value& item, const mdm::Target& target) {
  const std::string name = item.string_at("Item").value_or("");
  const auto rows = setting_table();
  const auto row = std::ranges::find(rows, name, &SettingRow::item);
  if (row == rows.end()) {
    return {{codes::kSettingsDomain, codes::kUnknownSetting, "There is no such setting."}};
  }
  for (const mdm::Problem& problem : problems_of(item, target)) {
    if (auto error = error_for(problem, name)) return error;
  }
  return row->apply(device, item);
}

Dict result_of(const Value& item, const SettingError& error) {
  Dict result;
  result.emplace("Status", error ? "Error" : "Acknowledged");
  if (error) result.emplace("ErrorChain", mdm::to_plist(mdm::ErrorChain{*error}));
  if (auto identifier = item.string_at("Identifier")) {
    result.emplace("Identifier", *std::move(identifier));
  }
  return result;
}

}  // namespace

Outcome settings(Device& device, const mdm::Command& command, const Surroundings& around) {
  mdm::Target target = device.target();
  target.channel = around.channel;
  plist::Array results;
  for (const Value& item : array_argument(command, "Settings")) {
    results.emplace_back(result_of(item, apply(device, item, target)));
  }
  Dict body;
  body.emplace("Settings", std::move(results));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
