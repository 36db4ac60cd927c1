#pragma once

/// The push service's policies and fault points, for people.

#include <string>
#include <vector>

#include "server-mock/apns/policies.h"
#include "server-mock/faults/vocabulary.h"

namespace understudy::server {

std::string policies_text(const apns_mock::Policies& policies);
std::string fault_points_text(const std::vector<faults::Hop>& points);

}  // namespace understudy::server
