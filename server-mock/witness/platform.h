#pragma once

#include <optional>
#include <string_view>

#include "shared/mdm/target.h"

namespace understudy::server {

/// By the beginning of ProductName, "iPhone15,2"; nothing for one that we do not know.
std::optional<mdm::Platform> platform_of(std::string_view product);

}  // namespace understudy::server
