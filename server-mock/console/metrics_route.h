#pragma once

/// GET /metrics for Prometheus, and what either program has to say there.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "server-mock/console/apns_routes.h"
#include "server-mock/store/store.h"

namespace understudy::server {

/// Whole families, version 0.0.4 of the text format. Errors: those of what is read for it.
using MetricsSource = std::function<Result<std::string>()>;

/// Answers what the sources say, one after the other.
void add_metrics_route(Router& router, std::vector<MetricsSource> sources);

/// The push service's. `access` is copied.
MetricsSource apns_metrics(const ApnsAccess& access);
/// The reference server's own: each counter, and when each push certificate runs out. The store
/// outlives the source.
MetricsSource server_metrics(Store& store);

/// What happened how often since the data directory was made; what never did, too. Errors: the
/// store's.
Result<std::map<std::string, std::int64_t>> server_counters(Store& store);

}  // namespace understudy::server
