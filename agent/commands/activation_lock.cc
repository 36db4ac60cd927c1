/// ActivationLockBypassCode, ClearActivationLockBypassCode. Sources: mdm/commands/
/// device.activationlock.*.yaml; docs/protocol/device-facts.md 11.15.

#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/progress.h"

namespace understudy::agent {
namespace {

/// "XXXXX-XXXXX-XXXX-XXXX-XXXX-XXXX"; a device that was erased has another one.
std::string bypass_code(const Device& device, const Surroundings& around) {
  constexpr std::string_view kAlphabet = "0123456789ACDEFGHJKLMNPQRTUVWXYZ";
  constexpr std::string_view kForm = "xxxxx-xxxxx-xxxx-xxxx-xxxx-xxxx";
  Rng rng = query_rng(around, "bypass/" + std::to_string(device.erased_times));
  std::string code(kForm);
  for (char& c : code) {
    if (c == 'x') c = kAlphabet[rng.below(kAlphabet.size())];
  }
  return code;
}

}  // namespace

Outcome activation_lock_bypass_code(Device& device, const mdm::Command&,
                                    const Surroundings& around) {
  // It can be had for 15 days after supervision. No stand-in remembers when it was supervised: its
  // days count from the first question.
  constexpr std::int64_t kWindowSeconds = std::int64_t{15} * 24 * 3600;
  const std::int64_t now = now_seconds(around);
  if (device.bypass_code_at == 0) device.bypass_code_at = now;
  if (device.bypass_code_cleared || now - device.bypass_code_at >= kWindowSeconds) {
    return Outcome::refusal(codes::kInternalInconsistency,
                            "The Activation Lock bypass code is not available any more.");
  }
  plist::Dict body;
  body.emplace("ActivationLockBypassCode", bypass_code(device, around));
  return Outcome::acknowledged(std::move(body));
}

Outcome clear_activation_lock_bypass_code(Device& device, const mdm::Command&,
                                          const Surroundings&) {
  device.bypass_code_cleared = true;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
