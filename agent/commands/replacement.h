#pragma once

/// Profiles with an MDM payload that reach an enrolled device. Sources:
/// docs/protocol/device-facts.md 1.16, 1.20 to 1.24.

#include <optional>

#include "agent/commands/perform.h"

namespace understudy::agent {

/// What a profile is to this device's enrollment.
struct MdmProfileVerdict {
  std::optional<Outcome> refusal;
  std::optional<mdm::EnrollmentProfile> replacement;  ///< a valid one, to be put in place
};
/// Neither: it has nothing to do with it.
MdmProfileVerdict judge_mdm_profile(const Device& device, const mdm::Profile& profile);

/// The enrollment goes by another profile. PushMagic, tokens and what --ca named stay; the unlock
/// token goes with the right to it. The device needs device.enrollment, and `next` in its keychain.
void replace_enrollment(Device& device, const mdm::EnrollmentProfile& next);

}  // namespace understudy::agent
