#pragma once

/// Private to shared/mdm: what both catalogs are read with. A fault of the text is an exception
/// with its place; parse() of the catalog catches it.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/mdm/catalog.h"

namespace understudy::mdm::catalog_read {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& why);
/// The member "os".
Platforms platforms_of(const Json& json, const std::string& where);
/// The keys in `member`, with all they contain.
std::vector<KeySpec> keys_of(const Json& json, const char* member, const std::string& outer);
/// The text of which the lines were compiled in.
std::string joined(std::span<const std::string_view> lines);

}  // namespace understudy::mdm::catalog_read
