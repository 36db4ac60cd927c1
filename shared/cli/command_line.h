#pragma once

/// What the command lines of all programs have in common.

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): its own
class App;
class ParseError;
}  // namespace CLI

namespace understudy::cli {

/// Adds --version, and to the end of --help what the program exits with (core/exit_code.h).
void add_common(CLI::App& app);
/// Adds --config FILE. A key or section of it that is none of the app's is an error.
void add_config_file(CLI::App& app, const std::string& about);

/// What is wrong with flags, environment or configuration file, and where help is: one line, to
/// stand behind the program's name. `app` is the one that was parsed; its name begins with the
/// program's, and may go on with a subcommand ("understudy-server apns").
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace understudy::cli
