#pragma once

/// What a device needs to be known to a courier.

#include <memory>
#include <vector>

#include "agent/device/device.h"
#include "agent/identity/key_maker.h"
#include "agent/push/courier.h"
#include "shared/core/rng.h"

namespace understudy::agent {

struct CourierChoice {
  std::shared_ptr<Courier> courier;
  std::vector<crypto::Certificate> anchors;  ///< whom the device trusts for it
};

/// Puts address, anchors and a new identity into the device's push state. Its tokens come with the
/// first connection; those it had are gone. All arguments outlive the task. Errors: crypto::errc.
Task<Result<void>> take_courier_identity(Device& device, const CourierChoice& choice,
                                         KeyMaker& keys, Rng& rng, TimePoint now);

}  // namespace understudy::agent
