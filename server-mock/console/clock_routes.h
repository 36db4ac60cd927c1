#pragma once

/// Routes that every program with a REST API has: its version and its clock.

#include <functional>

#include "server-mock/console/router.h"
#include "shared/core/clock.h"

namespace understudy::server {

/// What the clock's routes work on; all of it outlives the router.
struct ClockAccess {
  const Clock& clock;
  VirtualClock* virtual_clock = nullptr;  ///< null: time cannot be set
  std::function<void()> clock_changed;
};

/// GET /version
void add_version_route(Router& router);
/// GET and POST /v1/clock. `access` is copied.
void add_clock_routes(Router& router, const ClockAccess& access);

}  // namespace understudy::server
