#pragma once

/// The questions of DeviceInformation, one row each. Which of them exist on a platform, and which
/// access right they need, is the catalog's matter; here is what the answer is.

#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "agent/commands/perform.h"

namespace understudy::agent {

/// nullopt: this device has no answer (no modem, no account, ...) and leaves the key out.
using Answer = std::optional<plist::Value>;

struct Query {
  std::string_view name;
  /// A member of the hardware (no answer when empty), a switch that is always so, or a function.
  std::variant<std::string Hardware::*, bool, Answer (*)(const Device&, const Surroundings&)>
      source;
};

/// Macs with an Ethernet port can be woken by another one (LOM).
inline bool supports_lights_out(const Device& device) {
  return device.hardware.apple_silicon && !device.hardware.ethernet_mac.empty();
}

/// AvailableDeviceCapacity, in gigabytes.
double free_gigabytes(const Device& device, const Surroundings& around);

Answer answer(const Query& query, const Device& device, const Surroundings& around);

std::span<const Query> device_queries();   ///< what it is and how it is set
std::span<const Query> mac_queries();      ///< of Macs only
std::span<const Query> network_queries();  ///< addresses, SIM, carrier
std::span<const Query> shared_queries();   ///< of Shared iPads only

}  // namespace understudy::agent
