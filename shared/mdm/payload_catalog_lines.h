#pragma once

/// payload_catalog.json as compiled in: one element a line. The definition is generated at build
/// time by understudy_embed (tools/cmake).

#include <span>
#include <string_view>

namespace understudy::mdm {

std::span<const std::string_view> payload_catalog_lines();

}  // namespace understudy::mdm
