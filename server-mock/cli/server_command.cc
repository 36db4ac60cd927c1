/// The reference server from the command line.

#include <CLI/CLI.hpp>

#include "server-mock/cli/commands.h"
#include "server-mock/cli/serve.h"
#include "server-mock/server.h"
#include "shared/cli/command_line.h"

namespace understudy::server {
namespace {

struct ServerCommandLine {
  ServerOptions options;
  double repush_after = 30;
  double monitor_delay = 0;
  std::string workflow = "safe";
  std::string log_level = "warn";
  std::uint64_t seed = 0;
  bool virtual_clock = false;
};

void add_addresses(CLI::App& app, ServerOptions& options) {
  add_place(app, options.data_dir, options.listen, options.host);
  add_port(app, "--port", options.port, "Device services");
  add_port(app, "--api-port", options.api_port, "REST API");
  add_push_ports(app, options);
  app.add_option("--push-host", options.push_host,
                 "HOST:PORT of another APNs than the built-in one")
      ->envname("UNDERSTUDY_PUSH_HOST");
  app.add_option("--push-ca", options.push_ca, "PEM file of the CAs to trust for --push-host")
      ->envname("UNDERSTUDY_PUSH_CA")
      ->check(CLI::ExistingFile);
}

void add_scep(CLI::App& app, ServerOptions& options) {
  app.add_flag("--scep-get-only", options.scep_get_only,
               "A SCEP CA that takes messages by GET only")
      ->envname("UNDERSTUDY_SCEP_GET_ONLY");
  app.add_flag("--scep-ra", options.scep_ra,
               "A SCEP CA whose GetCACert answers CA and RA, and whose messages go to the RA")
      ->envname("UNDERSTUDY_SCEP_RA");
  app.add_option("--scep-pending", options.scep_pending,
                 "How often a good SCEP request is answered PENDING before it is granted")
      ->envname("UNDERSTUDY_SCEP_PENDING")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
}

void add_behavior(CLI::App& app, ServerCommandLine& line) {
  add_run(app, line.options.api_key, line.seed, line.virtual_clock);
  app.add_option("--workflow", line.workflow,
                 "safe: push once the command is stored; documented: push at once")
      ->envname("UNDERSTUDY_WORKFLOW")
      ->check(CLI::IsMember({"safe", "documented"}))
      ->capture_default_str();
  app.add_option("--repush-after", line.repush_after,
                 "Seconds until a command without an answer is pushed for again")
      ->envname("UNDERSTUDY_REPUSH_AFTER")
      ->check(CLI::Range(0.001, 86400.0 * 365))
      ->capture_default_str();
  app.add_option("--monitor-delay", line.monitor_delay,
                 "Seconds by which the queue monitor is late, as one that polls")
      ->envname("UNDERSTUDY_MONITOR_DELAY")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  add_scep(app, line.options);
  app.add_option("--transcript", line.options.transcript,
                 "Append what devices and server say, without secrets, one JSON object a line")
      ->envname("UNDERSTUDY_TRANSCRIPT");
  add_push_setup(app, line.options.policies, line.options.faults);
  add_log_level(app, line.log_level);
}

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

constexpr const char* kAbout =
    "The reference MDM server of Understudy, with its own APNs. It prints one JSON line when "
    "everything listens, and serves until SIGTERM or SIGINT.";

int serve_as_told(CLI::App& app, int argc, char** argv) {
  ServerCommandLine line;
  add_addresses(app, line.options);
  add_behavior(app, line);
  cli::add_config_file(app, kConfigAbout);
  cli::add_common(app);
  if (const auto code = parse_flags(app, argc, argv)) return *code;
  const Result<void> level = set_log_level(line.log_level);
  if (!level) return complain(level.error(), ExitCode::usage);
  const bool is_safe = line.workflow == "safe";
  line.options.workflow =
      is_safe ? ServerOptions::Workflow::safe : ServerOptions::Workflow::documented;
  line.options.repush_after = milliseconds(line.repush_after);
  line.options.monitor_delay = milliseconds(line.monitor_delay);
  if (app.count("--seed") > 0) line.options.seed = line.seed;
  return serve<Server>(line.options, line.virtual_clock, complain);
}

}  // namespace

int server_command(int argc, char** argv) {
  CLI::App app(kAbout, "understudy-server");
  app.add_subcommand("run", "The same, by its name")->fallthrough();
  add_first_word(app, "apns", "The push service alone, push certificates for it, and hints");
  app.require_subcommand(0, 1);
  return serve_as_told(app, argc, argv);
}

int run_command(int argc, char** argv) {
  CLI::App app(kAbout, "understudy-server run");
  return serve_as_told(app, argc, argv);
}

}  // namespace understudy::server
