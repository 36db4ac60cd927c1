#pragma once

/// Battery and sleep.

#include <cstdint>
#include <optional>

namespace understudy::agent {

struct Power {
  std::optional<std::int64_t> percent;  ///< 0 to 100; nullopt: what the battery came with
  bool unplugged = false;               ///< lives on its battery
  bool power_nap = false;               ///< a Mac that sleeps and wakes for the network only

  friend bool operator==(const Power&, const Power&) = default;
};

}  // namespace understudy::agent
