// understudy: starts the two ends together, and shows what travels between them.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "shared/cli/command_line.h"
#include "tools/understudy/demo.h"
#include "tools/understudy/up.h"

namespace {

using understudy::ExitCode;

std::filesystem::path default_directory() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state != '\0') return std::filesystem::path(state) / "understudy";
  return std::filesystem::path(home == nullptr ? "." : home) / ".local" / "state" / "understudy";
}

bool color_wanted() {
  return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Understudy: stand-in Apple devices, and everything they talk to", "understudy");
  app.require_subcommand(1);
  understudy::cli::add_config_file(app, "a file with the options, one section a command");
  understudy::cli::add_common(app);
  app.footer(app.get_footer() + " 10: a check failed.");

  understudy::harness::DemoOptions demo;
  CLI::App* demo_command =
      app.add_subcommand("demo", "the documented workflow on two devices, with a verdict");
  demo_command->add_flag("--json", demo.json, "one JSON object a line for each command");
  demo_command->add_option("--seed", demo.seed, "same seed, same devices")
      ->envname("UNDERSTUDY_SEED");
  demo_command->add_option("--keep", demo.keep, "leave state and logs in this empty directory");
  demo_command
      ->add_option("--transcripts", demo.transcripts, "write every message into this directory")
      ->check(CLI::ExistingDirectory);

  understudy::harness::UpOptions up;
  up.directory = default_directory();
  CLI::App* up_command =
      app.add_subcommand("up", "server and enrolled devices together, until interrupted");
  up_command->add_option("--devices", up.devices, "how many are to be enrolled, at least")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  up_command->add_option("--model", up.model, "which kind: see understudy-agent enroll --help")
      ->capture_default_str();
  up_command->add_option("--seed", up.seed, "same seed, same devices")
      ->envname("UNDERSTUDY_SEED")
      ->capture_default_str();
  up_command->add_option("--state", up.directory, "where both keep their state")
      ->envname("UNDERSTUDY_STATE")
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "understudy: " << understudy::cli::usage_error(app, error) << "\n";
    return static_cast<int>(ExitCode::usage);
  }
  try {
    demo.color = color_wanted();
    const ExitCode code = demo_command->parsed() ? run_demo(demo) : run_up(up);
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    std::cerr << "understudy: " << error.what() << "\n";
    return static_cast<int>(ExitCode::unreachable);
  }
}
