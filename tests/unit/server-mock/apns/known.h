#pragma once

/// A time and a topic, for tests to which any will do.

#include <string>

#include "shared/core/clock.h"

namespace understudy::apns_mock {

inline const TimePoint kNow = from_unix_us(1'700'000'000'000'000);
inline const std::string kTopic = "com.apple.mgmt.External.00000000-0000-0000-0000-000000000001";

}  // namespace understudy::apns_mock
