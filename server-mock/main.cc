/// understudy-server: the reference MDM server with its own APNs, from the command line.

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>

#include "server-mock/server.h"
#include "shared/core/exit_code.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

/// For what is said at the end: GOAWAY, close_notify.
constexpr std::chrono::milliseconds kFarewell{100};

struct CommandLine {
  ServerOptions options;
  double repush_after = 30;
  double monitor_delay = 0;
  std::string workflow = "safe";
  std::string log_level = "warn";
  std::uint64_t seed = 0;
  bool virtual_clock = false;
};

void add_addresses(CLI::App& app, ServerOptions& options) {
  app.add_option("--data-dir", options.data_dir, "Folder for keys and data, made when absent")
      ->envname("UNDERSTUDY_DATA_DIR")
      ->capture_default_str();
  app.add_option("--listen", options.listen, "Address that every listener binds")
      ->envname("UNDERSTUDY_LISTEN")
      ->capture_default_str();
  app.add_option("--host", options.host, "Name or address in URLs and certificates")
      ->envname("UNDERSTUDY_HOST")
      ->capture_default_str();
  app.add_option("--port", options.port, "Device services (0: last start's, or a free one)")
      ->envname("UNDERSTUDY_PORT");
  app.add_option("--api-port", options.api_port, "REST API")->envname("UNDERSTUDY_API_PORT");
  app.add_option("--apns-port", options.apns_port, "APNs provider API")
      ->envname("UNDERSTUDY_APNS_PORT");
  app.add_option("--courier-port", options.courier_port, "APNs courier")
      ->envname("UNDERSTUDY_COURIER_PORT");
  app.add_option("--push-host", options.push_host,
                 "HOST:PORT of another APNs than the built-in one")
      ->envname("UNDERSTUDY_PUSH_HOST");
  app.add_option("--push-ca", options.push_ca, "PEM file of the CAs to trust for --push-host")
      ->envname("UNDERSTUDY_PUSH_CA")
      ->check(CLI::ExistingFile);
}

void add_behavior(CLI::App& app, CommandLine& line) {
  app.add_option("--api-key", line.options.api_key, "Password of the API's user nanomdm")
      ->envname("UNDERSTUDY_API_KEY");
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
  app.add_option("--seed", line.seed, "Makes everything but keys the same again")
      ->envname("UNDERSTUDY_SEED");
  app.add_flag("--virtual-clock", line.virtual_clock, "Let POST /v1/clock set time forward")
      ->envname("UNDERSTUDY_VIRTUAL_CLOCK");
  app.add_option("--transcript", line.options.transcript,
                 "Append what devices and server say, without secrets, one JSON object a line")
      ->envname("UNDERSTUDY_TRANSCRIPT");
  app.add_option("--log-level", line.log_level, "debug, info, warn, error or off")
      ->envname("UNDERSTUDY_LOG_LEVEL")
      ->capture_default_str();
}

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

int complain(const Error& error, ExitCode code) {
  std::cerr << "understudy-server: " << error.message() << "\n";
  return static_cast<int>(code);
}

int serve(const ServerOptions& options, bool virtual_clock) {
  asio::io_context io;
  const SystemClock system_clock;
  const std::unique_ptr<VirtualClock> settable = VirtualClock::flowing();
  const Clock& clock = virtual_clock ? static_cast<const Clock&>(*settable) : system_clock;
  Result<std::unique_ptr<Server>> server =
      Server::start(io.get_executor(), options, clock, virtual_clock ? settable.get() : nullptr);
  if (!server) return complain(server.error(), ExitCode::unreachable);
  std::cout << (*server)->ready_line() << "\n" << std::flush;

  asio::signal_set signals(io, SIGINT, SIGTERM);
  asio::steady_timer farewell(io);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    (*server)->stop();
    farewell.expires_after(kFarewell);
    farewell.async_wait([&](const boost::system::error_code&) { io.stop(); });
  });
  io.run();
  return static_cast<int>(ExitCode::ok);
}

int run(int argc, char** argv) {
  CLI::App app(
      "The reference MDM server of Understudy, with its own APNs. It prints one JSON line "
      "when everything listens.");
  CommandLine line;
  add_addresses(app, line.options);
  add_behavior(app, line);
  app.set_config("--config", "", "Options from a file, key = value; flags win");
  app.set_version_flag("--version", UNDERSTUDY_VERSION);
  app.add_subcommand("run", "Serve until SIGTERM or SIGINT (the default)")->fallthrough();
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  const Result<log::Level> level = log::parse_level(line.log_level);
  if (!level) return complain(level.error(), ExitCode::usage);
  log::set_level(*level);
  const bool is_safe = line.workflow == "safe";
  line.options.workflow =
      is_safe ? ServerOptions::Workflow::safe : ServerOptions::Workflow::documented;
  line.options.repush_after = milliseconds(line.repush_after);
  line.options.monitor_delay = milliseconds(line.monitor_delay);
  if (app.count("--seed") > 0) line.options.seed = line.seed;
  return serve(line.options, line.virtual_clock);
}

}  // namespace
}  // namespace understudy::server

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return understudy::server::run(argc, argv);
}
