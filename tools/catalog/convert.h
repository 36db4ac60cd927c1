#pragma once

/// Apple's YAML schema to the catalogs' JSON. Facts only: names, types, presence, choices,
/// ranges, platforms, versions, channels, rights, kinds of enrollment. The prose stays behind.
/// Form of the result: docs/protocol/catalog.md.

#include <filesystem>
#include <string>
#include <vector>

#include "shared/core/result.h"

namespace understudy::catalog {

/// Reads mdm/commands and mdm/checkin of each schema; the text of catalog.json, the same for the
/// same schemas. Errors: errc::not_found (no such folder), errc::corrupt (a file is no YAML, or
/// says something this program does not know: the context names the file and the key),
/// errc::already_exists (two schemas have the same message).
Result<std::string> convert(const std::vector<std::filesystem::path>& schemas);

/// The same of `schema`/mdm/profiles: the text of payload_catalog.json.
Result<std::string> convert_payloads(const std::filesystem::path& schema);

}  // namespace understudy::catalog
