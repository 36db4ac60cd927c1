#pragma once

/// What is performed and where, read off the catalog and the table of handlers: the list that the
/// program prints and the table in agent/README.md are one.

#include <string>
#include <string_view>
#include <vector>

#include "shared/mdm/catalog.h"

namespace understudy::agent {

struct Coverage {
  const mdm::MessageSpec* spec;  ///< of the built-in catalog
  bool performed = false;
  bool in_lost_mode = false;
};
/// Every command of the catalog, by name.
std::vector<Coverage> command_coverage();

/// Null where the command does not exist on the platform.
const mdm::Availability* availability(const mdm::MessageSpec& spec, mdm::Platform platform);

/// The table in Markdown, a line a command.
std::string coverage_table();

inline constexpr std::string_view kCoverageBegin = "<!-- commands: begin -->\n";
inline constexpr std::string_view kCoverageEnd = "<!-- commands: end -->\n";
/// The document with the table between those two lines. Errors: errc::not_found.
Result<std::string> put_coverage(std::string_view document);

}  // namespace understudy::agent
