#pragma once

/// `understudy up`: the server and its enrolled devices together, until interrupted.

#include <filesystem>
#include <string>

#include "shared/core/exit_code.h"

namespace understudy::harness {

struct UpOptions {
  int devices = 1;  ///< enrolled ones, at least
  std::string model = "iphone";
  std::uint64_t seed = 1;
  std::filesystem::path directory;  ///< state of both; used again at the next start
};

/// Prints the server's ready line (with `devices` and `state` added), stays until SIGINT or
/// SIGTERM, or until one of the two programs ends.
ExitCode run_up(const UpOptions& options);

}  // namespace understudy::harness
