#pragma once

/// What the faults of hop `delivery` make of a push's frame. Pure; the hub writes.

#include <vector>

#include "server-mock/faults/engine.h"
#include "shared/apns/messages.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"

namespace understudy::apns_mock {

struct FaultyDelivery {
  std::vector<apns::Frame> frames;  ///< to be written; none: dropped
  Duration after{0};                ///< so much later
  bool behind_next = false;         ///< only once another push went to that device, or `after`
};

/// `frame` is a Notification. What is made up comes from `rng`.
FaultyDelivery distort(const faults::Strike& strike, apns::Frame frame, Rng& rng);

}  // namespace understudy::apns_mock
