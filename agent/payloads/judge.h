#pragma once

/// Whether a device takes the payloads of a profile. Nothing is changed.

#include "agent/device/device.h"
#include "shared/mdm/error_chain.h"

namespace understudy::agent {

/// Why not, as an ErrorChain whose second entry is the cause; empty: it does. `now` is when it
/// is installed. Which code stands for what: docs/protocol/profiles.md.
mdm::ErrorChain judge_profile(const Device& device, const mdm::Profile& profile,
                              mdm::Channel channel, TimePoint now);

}  // namespace understudy::agent
