#pragma once

/// Where a fault can strike in the push service, and what it does there. The vocabulary of the
/// rules; who carries each out is named in fault_points.cc.

#include <vector>

#include "server-mock/faults/vocabulary.h"

namespace understudy::apns_mock {

namespace hop {
inline constexpr const char* kHandshake = "provider.handshake";
inline constexpr const char* kRequest = "provider.request";
inline constexpr const char* kAccepted = "push.accepted";
inline constexpr const char* kDelivery = "delivery";
inline constexpr const char* kConnect = "courier.connect";
inline constexpr const char* kKeepalive = "courier.keepalive";
inline constexpr const char* kWrite = "courier.write";
}  // namespace hop

std::vector<faults::Hop> fault_points();

}  // namespace understudy::apns_mock
