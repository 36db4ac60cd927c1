/// The push service alone, from the command line.

#include <CLI/CLI.hpp>

#include "server-mock/apns/fault_points.h"
#include "server-mock/apns_server.h"
#include "server-mock/cli/apns_tables.h"
#include "server-mock/cli/commands.h"
#include "server-mock/cli/serve.h"

namespace understudy::server {
namespace {

struct CommandLine {
  ApnsServerOptions options;
  std::string log_level = "warn";
  std::uint64_t seed = 0;
  bool virtual_clock = false;
  bool show_policies = false, show_fault_points = false;
};

void add_addresses(CLI::App& app, ApnsServerOptions& options) {
  app.add_option("--data-dir", options.data_dir, "Folder for keys and data, made when absent")
      ->envname("UNDERSTUDY_DATA_DIR")
      ->capture_default_str();
  app.add_option("--listen", options.listen, "Address that every listener binds")
      ->envname("UNDERSTUDY_LISTEN")
      ->capture_default_str();
  app.add_option("--host", options.host, "Name or address in URLs and certificates")
      ->envname("UNDERSTUDY_HOST")
      ->capture_default_str();
  app.add_option("--apns-port", options.apns_port,
                 "Provider API, production (0, as for every port: last start's, or a free one)")
      ->envname("UNDERSTUDY_APNS_PORT");
  app.add_option("--sandbox-port", options.sandbox_port, "Provider API, sandbox")
      ->envname("UNDERSTUDY_SANDBOX_PORT");
  app.add_option("--courier-port", options.courier_port, "Courier, for devices")
      ->envname("UNDERSTUDY_COURIER_PORT");
  app.add_option("--light-port", options.light_port, "Courier without TLS, on loopback only")
      ->envname("UNDERSTUDY_LIGHT_PORT");
  app.add_option("--proxy-port", options.proxy_port, "CONNECT proxy, for HTTPS_PROXY")
      ->envname("UNDERSTUDY_PROXY_PORT");
  app.add_option("--api-port", options.api_port, "REST API")->envname("UNDERSTUDY_API_PORT");
}

void add_behavior(CLI::App& app, CommandLine& line) {
  app.add_option("--api-key", line.options.api_key, "Password of the API's user nanomdm")
      ->envname("UNDERSTUDY_API_KEY");
  add_push_setup(app, line.options.policies, line.options.faults);
  app.add_flag("--policies", line.show_policies, "Print every policy with its value, and exit");
  app.add_flag("--fault-points", line.show_fault_points,
               "Print where faults can strike and what they can do there, and exit");
  app.add_option("--seed", line.seed, "Makes everything but keys the same again")
      ->envname("UNDERSTUDY_SEED");
  app.add_flag("--virtual-clock", line.virtual_clock, "Let POST /v1/clock set time forward")
      ->envname("UNDERSTUDY_VIRTUAL_CLOCK");
  add_log_level(app, line.log_level);
}

/// What is asked for instead of a server. Errors: as read_policies.
Result<std::string> tables(const CommandLine& line) {
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
  CommandLine line;
  add_addresses(app, line.options);
  add_behavior(app, line);
  app.set_config("--config", "", "Options from a file, key = value; flags win");
  app.footer(
      "A push certificate: understudy-server apns issue-cert --help\n"
      "How an MDM server comes to push here: understudy-server apns hint --help");
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
