#pragma once

/// Names shared by the writer and the reader of stored devices.

#include <array>
#include <string_view>

#include "agent/device/device.h"

namespace understudy::agent {

/// Of the stored form. Members may be added without counting up: an absent one reads as its
/// default.
inline constexpr std::int64_t kStateVersion = 1;

/// In the order of Enrollment::Stage.
inline constexpr std::array<std::string_view, 4> kStageNames = {"authenticating", "token-pending",
                                                                "enrolled", "leaving"};

}  // namespace understudy::agent
