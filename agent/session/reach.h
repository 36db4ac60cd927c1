#pragma once

/// Whether a device can be reached at all, and reach its server. A pure function of its state.

#include <string_view>

#include "agent/device/device.h"

namespace understudy::agent {

struct Reach {
  bool connects = true;  ///< to its server
  bool pushes = true;    ///< it holds its push channel; a courier keeps the newest push otherwise
  std::string_view why;  ///< what is in the way, and how it ends; empty: nothing
};
/// Source: docs/protocol/not-now.md 11.1, 11.7, 12.7.
Reach reach_of(const Device& device);

}  // namespace understudy::agent
