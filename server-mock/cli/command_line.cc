#include "server-mock/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "shared/core/errc.h"
#include "shared/core/log.h"

namespace understudy::server {

int complain(const Error& error, ExitCode code) {
  std::cerr << "understudy-server: " << error.message() << "\n";
  return static_cast<int>(code);
}

int complain(const Error& error) {
  const bool is_usage = error.code == errc::invalid_argument || error.code == errc::already_exists;
  return complain(error, is_usage ? ExitCode::usage : ExitCode::unreachable);
}

std::optional<int> parse_flags(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return std::nullopt;
}

void add_push_setup(CLI::App& app, std::vector<std::string>& policies, FaultFlags& faults) {
  app.add_option("--policy", policies, "NAME=VALUE of the push service, may be repeated");
  app.add_option("--fault", faults.rules,
                 "A fault rule, HOP:ACTION[,KEY=VALUE...] or a JSON object, may be repeated");
  app.add_option("--faults", faults.files, "JSON file of fault rules, may be repeated")
      ->check(CLI::ExistingFile);
}

void add_log_level(CLI::App& app, std::string& level) {
  app.add_option("--log-level", level, "debug, info, warn, error or off")
      ->envname("UNDERSTUDY_LOG_LEVEL")
      ->capture_default_str();
}

Result<void> set_log_level(const std::string& level) {
  UNDERSTUDY_TRY(const log::Level parsed, log::parse_level(level));
  log::set_level(parsed);
  return {};
}

}  // namespace understudy::server
