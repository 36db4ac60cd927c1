#pragma once

/// `understudy demo`: the documented workflow on two devices, with a verdict.

#include <filesystem>

#include "shared/core/exit_code.h"

namespace understudy::harness {

struct DemoOptions {
  bool json = false;  ///< one JSON object a line for each command
  bool color = false;
  std::uint64_t seed = 1;
  std::filesystem::path
      keep;  ///< a directory to leave everything in; empty: a temporary one, removed
  std::filesystem::path transcripts;  ///< folder for server.jsonl and agent.jsonl; empty: none
};

/// Runs it and prints to standard output. ok only if every hop of every command happened.
ExitCode run_demo(const DemoOptions& options);

}  // namespace understudy::harness
