#pragma once

/// What com.apple.mobiledevice.passwordpolicy asks of a passcode. Source: its file in Apple's
/// mdm/profiles.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/device/device.h"

namespace understudy::agent {

/// Of several policies each rule's strictest binds (our inference; Apple says it of restrictions).
struct PasscodePolicy {
  bool forced = false;  ///< there has to be one
  bool allow_simple = true;
  bool alphanumeric = false;
  std::int64_t min_length = 0, min_complex = 0;
  std::int64_t history = 0;                   ///< so many passcodes ago may not come again
  std::optional<std::int64_t> grace_seconds;  ///< the longest a locked screen opens without one
};
PasscodePolicy passcode_policy(const Device& device);

/// Which rule a passcode breaks, in words; empty: none. An empty passcode breaks only "forced".
std::string_view broken_rule(const PasscodePolicy& policy, std::string_view passcode);
bool is_compliant(const Device& device);

}  // namespace understudy::agent
