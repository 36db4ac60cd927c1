#pragma once

/// What a handler offers before fit_to_schema takes out what its device does not have: a key that
/// the command has on no platform would vanish there, and nobody would miss it.

#include <algorithm>
#include <string>
#include <vector>

#include "agent/commands/perform.h"
#include "agent/commands/progress.h"
#include "shared/mdm/catalog.h"

namespace understudy::agent::test {

void name_unknown(const plist::Dict& dict, const std::vector<mdm::KeySpec>& keys,
                  const std::string& path, std::vector<std::string>& out);

inline void name_unknown_inside(const plist::Value& value, const mdm::KeySpec& key,
                                const std::string& path, std::vector<std::string>& out) {
  if (key.subkeys.empty()) return;  // anything
  if (const plist::Dict* dict = value.if_dict()) return name_unknown(*dict, key.subkeys, path, out);
  const plist::Array* items = value.if_array();
  if (items == nullptr) return;
  // The result of Settings is typed as one dictionary, and sent as one for each item.
  const bool one_for_each = key.type == mdm::KeyType::dictionary;
  const auto item = std::ranges::find(key.subkeys, mdm::KeyType::dictionary, &mdm::KeySpec::type);
  if (!one_for_each && item == key.subkeys.end()) return;
  for (const plist::Value& element : *items) {
    name_unknown_inside(element, one_for_each ? key : *item, path, out);
  }
}

inline void name_unknown(const plist::Dict& dict, const std::vector<mdm::KeySpec>& keys,
                         const std::string& path, std::vector<std::string>& out) {
  for (const auto& [name, value] : dict) {
    auto key = std::ranges::find(keys, name, &mdm::KeySpec::name);
    if (key == keys.end()) {
      key = std::ranges::find_if(
          keys, [](const mdm::KeySpec& any) { return any.name.starts_with("ANY"); });
    }
    if (key == keys.end()) {
      out.push_back(path + name);
    } else {
      name_unknown_inside(value, *key, path + name + ".", out);
    }
  }
}

/// The reply keys, as paths, that the handler offers on this device and no device has. `device` as
/// it was before a command that is performed.
inline std::vector<std::string> unknown_reply_keys(Device device, const plist::Value& message,
                                                   const Surroundings& around) {
  const auto command = mdm::parse_command(message).value();
  const auto table = command_table();
  const auto row = std::ranges::find(table, command.request_type, &CommandRow::request_type);
  catch_up(device, around);
  const Outcome offered = row->handler(device, command, around);
  std::vector<std::string> out;
  name_unknown(offered.body, mdm::Catalog::builtin().command(command.request_type)->response, "",
               out);
  return out;
}

}  // namespace understudy::agent::test
