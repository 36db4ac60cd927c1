#pragma once

/// What the subcommands share. Private to cli/.

#include <optional>
#include <string>

#include "server-mock/push_setup.h"
#include "shared/core/exit_code.h"
#include "shared/core/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): its own
class App;
}

namespace understudy::server {

/// Says on standard error what is wrong; `code` as an int.
int complain(const Error& error, ExitCode code);
/// The same; a wrong argument is a matter of usage, everything else of set-up.
int complain(const Error& error);

/// The exit code when the program is to end here: after --help, or a wrong flag.
std::optional<int> parse_flags(CLI::App& app, int argc, char** argv);

/// Adds --policy, --fault and --faults.
void add_push_setup(CLI::App& app, std::vector<std::string>& policies, FaultFlags& faults);

/// Adds --log-level; once parsed, `level` is for set_log_level.
void add_log_level(CLI::App& app, std::string& level);
/// Errors: errc::invalid_argument.
Result<void> set_log_level(const std::string& level);

}  // namespace understudy::server
