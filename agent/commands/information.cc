/// DeviceInformation. Source: mdm/commands/information.device.yaml;
/// docs/protocol/device-facts.md 1.6.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"
#include "agent/commands/queries.h"
#include "agent/commands/reply.h"

namespace understudy::agent {
namespace {

/// The schema's entry for each question: it says where it exists and which right it needs.
std::span<const mdm::KeySpec> query_specs() {
  const mdm::MessageSpec* spec = mdm::Catalog::builtin().command("DeviceInformation");
  const auto queries = std::ranges::find(spec->request, "Queries", &mdm::KeySpec::name);
  return queries->subkeys.front().subkeys;
}

const Query* find_query(std::string_view name) {
  for (const auto& table : {device_queries(), mac_queries(), network_queries(), shared_queries()}) {
    const auto found = std::ranges::find(table, name, &Query::name);
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

/// A question that does not exist here, or whose right is missing, is not refused: its answer is
/// left out (1.6).
bool may_answer(const mdm::KeySpec& spec, const mdm::Target& target) {
  if (!exists_for(spec, target)) return false;
  const auto& entry = spec.platforms.at(static_cast<std::size_t>(target.platform));
  const std::uint32_t needed = entry ? entry->access_rights : 0;
  return (target.access_rights & needed) == needed;
}

}  // namespace

Outcome device_information(Device& device, const mdm::Command& command,
                           const Surroundings& around) {
  mdm::Target target = device.target();
  target.channel = around.channel;
  const auto specs = query_specs();
  plist::Dict answers;
  const plist::Value* queries = argument(command, "Queries");
  const plist::Array none;
  const plist::Array* asked = queries == nullptr ? nullptr : queries->if_array();
  for (const plist::Value& element : asked == nullptr ? none : *asked) {
    const std::string* name = element.if_string();
    if (name == nullptr) continue;
    const auto spec = std::ranges::find(specs, *name, &mdm::KeySpec::name);
    const Query* query = find_query(*name);
    if (spec == specs.end() || query == nullptr || !may_answer(*spec, target)) continue;
    if (auto value = answer(*query, device, around)) answers.emplace(*name, *std::move(value));
  }
  plist::Dict body;
  body.emplace("QueryResponses", std::move(answers));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
