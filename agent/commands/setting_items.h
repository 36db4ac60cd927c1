#pragma once

/// The items of the Settings command, one row each. Which of them exist on a device is judged by
/// the catalog before (settings.cc).

#include <optional>
#include <span>
#include <string_view>

#include "agent/device/device.h"
#include "shared/mdm/error_chain.h"

namespace understudy::agent {

/// nullopt: the setting is in force.
using SettingError = std::optional<mdm::ErrorEntry>;

struct SettingRow {
  std::string_view item;
  SettingError (*apply)(Device& device, const plist::Value& item);
};
std::span<const SettingRow> setting_table();

}  // namespace understudy::agent
