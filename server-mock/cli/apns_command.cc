/// The push service alone, from the command line.

#include <CLI/CLI.hpp>

#include "server-mock/apns/fault_points.h"
#include "server-mock/apns_server.h"
#include "server-mock/cli/apns_tables.h"
#include "server-mock/cli/commands.h"
#include "server-mock/cli/serve.h"
#include "shared/cli/command_line.h"

namespace understudy::server {
namespace {

struct ApnsCommandLine {
  ApnsServerOptions options;
  std::string log_level = "warn";
  std::uint64_t seed = 0;
  bool virtual_clock = false;
  bool show_policies = false, show_fault_points = false;
};

void add_addresses(CLI::App& app, ApnsServerOptions& options) {
  add_place(app, options.data_dir, options.listen, options.host);
  add_push_ports(app, options);
  add_port(app, "--proxy-port", options.proxy_port, "CONNECT proxy, for HTTPS_PROXY");
  add_port(app, "--api-port", options.api_port, "REST API");
}

void add_behavior(CLI::App& app, ApnsCommandLine& line) {
  add_run(app, line.options.api_key, line.seed, line.virtual_clock);
  add_push_setup(app, line.options.policies, line.options.faults);
  app.add_option("--journal", line.options.journal, "Pushes of each environment the API remembers")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_flag("--policies", line.show_policies, "Print every policy with its value, and exit");
  app.add_flag("--fault-points", line.show_fault_points,
               "Print where faults can strike and what they can do there, and exit");
  add_log_level(app, line.log_level);
}

/// What is asked for instead of a server. Errors: as read_policies.
Result<std::string> tables(const ApnsCommandLine& line) {
  std::string text;
  if (line.show_policies) {
    UNDERSTUDY_TRY(const apns_mock::Policies policies, read_policies(line.options.policies));
    text += policies_text(policies);
  }
  if (line.show_fault_points) text += fault_points_text(apns_mock::fault_points());
  return text;
}

}  // namespace

int apns_command(int argc, char** argv) {
  CLI::App app(
      "The push service of Understudy alone. It prints one JSON line when everything listens, and "
      "serves until SIGTERM or SIGINT.",
      "understudy-server apns");
  ApnsCommandLine line;
  add_addresses(app, line.options);
  add_behavior(app, line);
  cli::add_config_file(app, kConfigAbout);
  cli::add_common(app);
  add_first_word(app, "issue-cert", "Issues a push certificate");
  add_first_word(app, "hint", "Prints how an MDM server comes to push here");
  if (const auto code = parse_flags(app, argc, argv)) return *code;
  const Result<std::string> shown = tables(line);
  if (!shown) return complain(shown.error());
  if (!shown->empty()) {
    std::cout << *shown;
    return static_cast<int>(ExitCode::ok);
  }
  const Result<void> level = set_log_level(line.log_level);
  if (!level) return complain(level.error());
  if (app.count("--seed") > 0) line.options.seed = line.seed;
  return serve<ApnsServer>(line.options, line.virtual_clock, complain);
}

}  // namespace understudy::server
