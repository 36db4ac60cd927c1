#pragma once

/// When a device says NotNow, in one place. Pure functions of its state.
/// Source: docs/protocol/not-now.md 8.10 to 8.16.

#include <optional>
#include <string_view>

#include "agent/device/device.h"

namespace understudy::agent {

/// Why the device cannot do that now, in words for people; empty: it can. Only asked about commands
/// that are valid for the device: what is not is an error, however busy the device is.
std::string_view why_not_now(const Device& device, std::string_view request_type,
                             mdm::Channel channel = mdm::Channel::device);

/// Whether the device can do now what it put off. A device whose last word was NotNow connects by
/// itself then (8.11). An empty `request_type`: any command of that channel.
bool can_now(const Device& device, std::string_view request_type,
             mdm::Channel channel = mdm::Channel::device);
/// When the reason for NotNow ends, where that is a matter of time alone.
std::optional<TimePoint> hindrance_ends(const Device& device);

}  // namespace understudy::agent
