#pragma once

/// Profiles as the device reads them: with its own key, where they are encrypted to it.

#include "agent/device/device.h"

namespace understudy::agent {

/// parse_profile with the enrollment's identity. Errors: mdm::errc, crypto::errc.
Result<mdm::Profile> read_profile(const Device& device, BytesView raw);

}  // namespace understudy::agent
