#include "agent/device/bootstrap_token.h"

#include <algorithm>

#include "agent/device/device.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kTokenSize = 64;

bool is_escrowed(const Device& device) {
  if (!device.enrollment || !device.supervised) return false;
  if (!device.enrollment->server_can("com.apple.mdm.bootstraptoken")) return false;
  if (device.hardware.platform == mdm::Platform::macos) {
    return std::ranges::any_of(
        device.users, [](const User& user) { return user.logged_in && user.secure_token; });
  }
  const bool is_handheld = device.hardware.platform == mdm::Platform::ios ||
                           device.hardware.platform == mdm::Platform::visionos;
  const mdm::Version twenty_six{{26}};
  return is_handheld && device.automated && !(device.target().os < twenty_six);
}

}  // namespace

void make_bootstrap_token(Device& device, Rng rng) {
  if (!is_escrowed(device) || !device.enrollment->bootstrap_token.empty()) return;
  device.enrollment->bootstrap_token = rng.bytes(kTokenSize);
  device.enrollment->bootstrap_owed = true;
}

bool bootstrap_token_authorizes(const Device& device) {
  if (device.hardware.platform != mdm::Platform::macos || !device.hardware.apple_silicon) {
    return false;
  }
  if (!device.enrollment || device.enrollment->bootstrap_token.empty()) return false;
  return plist::Value(device.settings.mdm_options).bool_at("BootstrapTokenAllowed").value_or(true);
}

}  // namespace understudy::agent
