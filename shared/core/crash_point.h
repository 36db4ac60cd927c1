#pragma once

/// Named places at which a process can be made to die as `kill -9` does, so that tests can prove
/// what survives. Off unless the environment names one: UNDERSTUDY_CRASH_AT=push_queued.

#include <string_view>

namespace understudy {

/// Ends the process with SIGKILL if UNDERSTUDY_CRASH_AT names this point; otherwise does nothing.
void crash_point(std::string_view name);

}  // namespace understudy
