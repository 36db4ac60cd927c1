#pragma once

/// What every program of the project exits with.

namespace understudy {

enum class ExitCode : int {
  ok = 0,
  usage = 1,                ///< the command line, or a file it names, is wrong
  unreachable = 2,          ///< a target cannot be reached, or set-up failed
  check_failed = 10,        ///< a check of the harness failed
  waiver_passed = 11,       ///< a check that was waived passed: remove the waiver
  threshold_breached = 99,  ///< a threshold was breached
};

}  // namespace understudy
