#pragma once

/// The questions of DeviceInformation, one row each. Which of them exist on a platform, and which
/// access right they need, is the catalogue's matter; here is what the answer is.

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

Answer answer(const Query& query, const Device& device, const Surroundings& around);

std::span<const Query> device_queries();   ///< what it is and how it is set
std::span<const Query> mac_queries();      ///< of Macs only
std::span<const Query> network_queries();  ///< addresses, SIM, carrier

/// A generator for what this device would tell the same way each time it is asked.
inline Rng query_rng(const Surroundings& around, std::string_view label) {
  return around.seed.derive("device/" + std::to_string(around.number) + "/" + std::string(label));
}

}  // namespace understudy::agent
