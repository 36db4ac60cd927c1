#pragma once

/// Where a device is, and what it shows while it is lost.

#include <cstdint>
#include <string>

namespace understudy::agent {

/// Source: mdm/commands/device.lostmode.enable.yaml; docs/protocol/device-facts.md 11.6.
struct LostMode {
  bool on = false;
  std::string message, phone_number, footnote;
  std::uint64_t sounds = 0;  ///< how often it was told to make itself heard since it is lost

  friend bool operator==(const LostMode&, const LostMode&) = default;
};

/// Degrees, north and east positive.
struct Position {
  double latitude = 0, longitude = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

}  // namespace understudy::agent
