#pragma once

/// The catalogues as compiled in: one element a line. The definitions are generated at build time
/// by embed_catalog.cmake.

#include <span>
#include <string_view>

namespace understudy::mdm {

std::span<const std::string_view> catalog_lines();          ///< catalog.json
std::span<const std::string_view> payload_catalog_lines();  ///< payload_catalog.json

}  // namespace understudy::mdm
