#pragma once

/// An update of the operating system that a server has asked for. Progress is a matter of time: see
/// agent/commands/progress.h.

#include <cstdint>
#include <string>

namespace understudy::agent {

struct OsUpdate {
  std::string product_key;
  std::string version, build;
  std::string action;           ///< InstallAction, "Default" already decided
  std::int64_t started_at = 0;  ///< seconds since 1970: when the download began
  bool downloaded = false;
  std::int64_t install_at = 0;     ///< seconds since 1970; 0: it waits for another command
  std::int64_t max_deferrals = 0;  ///< Macs

  friend bool operator==(const OsUpdate&, const OsUpdate&) = default;
};

}  // namespace understudy::agent
