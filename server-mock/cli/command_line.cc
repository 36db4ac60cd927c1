#include "server-mock/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <iostream>

#include "shared/cli/command_line.h"
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
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    std::cerr << "understudy-server: " << cli::usage_error(app, e) << "\n";
    return static_cast<int>(ExitCode::usage);
  }
  return std::nullopt;
}

void add_first_word(CLI::App& app, const std::string& name, const std::string& about) {
  app.add_subcommand(name, about)->preparse_callback([&app, name](std::size_t) {
    throw CLI::ArgumentMismatch("it stands in front of all options: " + app.get_name() + " " +
                                name + " ...");
  });
}

void add_place(CLI::App& app, std::filesystem::path& data_dir, std::string& listen,
               std::string& host) {
  app.add_option("--data-dir", data_dir, "Folder for keys and data, made when absent")
      ->envname("UNDERSTUDY_DATA_DIR")
      ->capture_default_str();
  app.add_option("--listen", listen, "Address that every listener binds")
      ->envname("UNDERSTUDY_LISTEN")
      ->capture_default_str();
  app.add_option("--host", host, "Name or address in URLs and certificates")
      ->envname("UNDERSTUDY_HOST")
      ->capture_default_str();
}

void add_port(CLI::App& app, const std::string& flag, std::uint16_t& port,
              const std::string& about) {
  std::string variable = "UNDERSTUDY_" + flag.substr(2);
  std::transform(variable.begin(), variable.end(), variable.begin(), [](unsigned char c) {
    return static_cast<char>(c == '-' ? '_' : std::toupper(c));
  });
  app.add_option(flag, port, about + " (0: last start's, or a free one)")
      ->envname(variable)
      ->check(CLI::Range(0, 65'535));
}

void add_run(CLI::App& app, std::string& api_key, std::uint64_t& seed, bool& virtual_clock) {
  app.add_option("--api-key", api_key, "Password of the API's user nanomdm")
      ->envname("UNDERSTUDY_API_KEY");
  app.add_option("--seed", seed, "Makes everything but keys the same again")
      ->envname("UNDERSTUDY_SEED");
  app.add_flag("--virtual-clock", virtual_clock, "Let POST /v1/clock set time forward")
      ->envname("UNDERSTUDY_VIRTUAL_CLOCK");
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
