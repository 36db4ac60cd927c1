#pragma once

/// Fault rules in the REST API. GET /v1/faults, /v1/faults/points; POST /v1/faults (one rule or an
/// array: all are set or none); DELETE /v1/faults, /v1/faults/{rule}. The text of a rule:
/// server-mock/faults/rule_text.h.

#include "server-mock/console/router.h"
#include "server-mock/faults/engine.h"

namespace understudy::server {

/// `engine` outlives the router.
void add_fault_routes(Router& router, faults::Engine& engine);

}  // namespace understudy::server
