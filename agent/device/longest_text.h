#pragma once

/// How long a text a device is told may be.

#include <algorithm>

#include "shared/plist/value.h"

namespace understudy::agent {

/// No value of the protocol is near this long, and a device keeps what it is told.
inline constexpr std::size_t kLongestText = std::size_t{64} * 1024;

/// Whether a text or a name anywhere in it is longer.
inline bool has_endless_text(const plist::Value& value) {
  if (const std::string* text = value.if_string()) return text->size() > kLongestText;
  if (const plist::Array* array = value.if_array()) {
    return std::ranges::any_of(*array, has_endless_text);
  }
  const plist::Dict* dict = value.if_dict();
  return dict != nullptr && std::ranges::any_of(*dict, [](const auto& member) {
           return member.first.size() > kLongestText || has_endless_text(member.second);
         });
}

}  // namespace understudy::agent
