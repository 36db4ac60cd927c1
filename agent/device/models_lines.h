#pragma once

/// models.json as compiled in: one element a line. The definition is generated at build time by
/// understudy_embed (tools/cmake).

#include <span>
#include <string_view>

namespace understudy::agent {

std::span<const std::string_view> models_lines();

}  // namespace understudy::agent
