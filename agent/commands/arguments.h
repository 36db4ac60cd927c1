#pragma once

/// The keys of a command. Types have been checked by perform(); a value of another type still reads
/// as absent.

#include <optional>
#include <string>
#include <string_view>

#include "shared/mdm/messages.h"

namespace understudy::agent {

inline const plist::Value* argument(const mdm::Command& command, std::string_view key) {
  const auto found = command.body.find(key);
  return found == command.body.end() ? nullptr : &found->second;
}

inline std::optional<std::string> text_argument(const mdm::Command& command, std::string_view key) {
  const plist::Value* value = argument(command, key);
  if (value == nullptr || value->if_string() == nullptr) return std::nullopt;
  return *value->if_string();
}

/// False when absent.
inline bool flag_argument(const mdm::Command& command, std::string_view key) {
  const plist::Value* value = argument(command, key);
  return value != nullptr && value->if_bool() != nullptr && *value->if_bool();
}

}  // namespace understudy::agent
