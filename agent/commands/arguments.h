#pragma once

/// The keys of a command. Types have been checked by perform(); a value of another type still reads
/// as absent.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

inline std::optional<std::int64_t> number_argument(const mdm::Command& command,
                                                   std::string_view key) {
  const plist::Value* value = argument(command, key);
  return value == nullptr ? std::nullopt : value->if_int();
}

/// Empty when absent.
inline Bytes data_argument(const mdm::Command& command, std::string_view key) {
  const plist::Value* value = argument(command, key);
  return value == nullptr || value->if_data() == nullptr ? Bytes{} : *value->if_data();
}
inline plist::Dict dict_argument(const mdm::Command& command, std::string_view key) {
  const plist::Value* value = argument(command, key);
  return value == nullptr || value->if_dict() == nullptr ? plist::Dict{} : *value->if_dict();
}
inline plist::Array array_argument(const mdm::Command& command, std::string_view key) {
  const plist::Value* value = argument(command, key);
  return value == nullptr || value->if_array() == nullptr ? plist::Array{} : *value->if_array();
}
/// The strings of an array; elements of another type are passed over.
inline std::vector<std::string> texts_argument(const mdm::Command& command, std::string_view key) {
  std::vector<std::string> texts;
  for (const plist::Value& element : array_argument(command, key)) {
    if (const std::string* text = element.if_string()) texts.push_back(*text);
  }
  return texts;
}

}  // namespace understudy::agent
