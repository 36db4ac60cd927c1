// The command line of understudy-agent.

#include <CLI/CLI.hpp>
#include <csignal>

#include "agent/cli/process.h"
#include "agent/device/device.h"
#include "agent/hands/hands.h"
#include "shared/cli/command_line.h"
#include "shared/core/log.h"

namespace understudy::agent::cli {
namespace {

constexpr int kMostDevices = 1'000'000;

struct Arguments {
  CommonArguments common;
  EnrollArguments enroll;
  RunArguments run;
  DevicesArguments devices;
  CommandsArguments commands;
  FindingsArguments findings;
  HandArguments hand;
  std::string log_level = "warn";
  std::string passcode;
  std::uint64_t seed = 0;
  bool no_passcode = false;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* what, Arguments& arguments) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("--state", arguments.common.state, "directory of the devices' state")
      ->envname("UNDERSTUDY_STATE")
      ->required();
  return command;
}

void add_load(CLI::App& command, LoadArguments& load, const std::string& workers) {
  command.add_option("--workers", load.workers, "how many devices at once; default: " + workers)
      ->envname("UNDERSTUDY_WORKERS")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--rate", load.rate, "how many new ones a second, evenly spaced")
      ->envname("UNDERSTUDY_RATE")
      ->check(CLI::Range(0.001, 1e6));
}

/// What matters with many of them.
void add_fleet(CLI::App& command, EnrollArguments& enroll) {
  auto* count = command.add_option("--count", enroll.count, "how many new devices")
                    ->envname("UNDERSTUDY_COUNT")
                    ->capture_default_str()
                    ->check(CLI::Range(1, kMostDevices));
  command
      .add_option("--total", enroll.total,
                  "instead of --count: as many new ones as it takes for so many to be enrolled; "
                  "what a stopped enroll left unfinished is finished first")
      ->envname("UNDERSTUDY_TOTAL")
      ->excludes(count)
      ->check(CLI::Range(1, kMostDevices));
  add_load(command, enroll.load, "twice as many as cores, at least 8");
  command
      .add_option("--keys", enroll.keys,
                  "unique: RSA 2048 a device, as a real one; shortcuts: pool:N (N RSA keys that "
                  "all share), p256 (EC a device)")
      ->envname("UNDERSTUDY_KEYS")
      ->capture_default_str();
}

void add_enroll(CLI::App& app, Arguments& arguments) {
  EnrollArguments& enroll = arguments.enroll;
  CLI::App* command = add_command(app, "enroll", "Makes new devices and enrolls them", arguments);
  std::string models;
  for (const auto& name : model_names()) models += "\n  " + name;
  command->footer("Models:" + models);
  command->add_option("--profile", enroll.profile, "enrollment profile: a file or a URL")
      ->envname("UNDERSTUDY_PROFILE")
      ->required();
  command->add_option("--ca", enroll.ca, "PEM file of CAs to trust besides the profile's")
      ->envname("UNDERSTUDY_CA");
  command->add_option("--courier", enroll.courier, "HOST:PORT of the push courier")
      ->envname("UNDERSTUDY_COURIER");
  add_fleet(*command, enroll);
  command
      ->add_option("--model", enroll.model,
                   "model of the devices: a name below, NAME/PRODUCT, or mix:iphone=7,mac=3")
      ->envname("UNDERSTUDY_MODEL")
      ->capture_default_str();
  command->add_option("--os-version", enroll.os_version, "default: the newest known")
      ->envname("UNDERSTUDY_OS_VERSION");
  command
      ->add_option("--build-version", enroll.build_version,
                   "with --os-version: a release that is not known here, such as 26.1 23B85")
      ->needs("--os-version");
  command->add_flag("--supervised", enroll.supervised, "the devices are supervised");
  command->add_flag("--automated", enroll.automated,
                    "as if by Automated Device Enrollment: supervised, and waiting in Setup "
                    "Assistant for DeviceConfigured");
  command->add_option("--seed", arguments.seed, "the same seed makes the same devices")
      ->envname("UNDERSTUDY_SEED")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{INT64_MAX}));
  command->add_flag("--allow-http", enroll.allow_http, "accept plain http URLs");
  auto* passcode =
      command->add_option("--passcode", arguments.passcode, "default: six digits from the seed")
          ->envname("UNDERSTUDY_PASSCODE");
  command->add_flag("--no-passcode", arguments.no_passcode, "the devices have no passcode")
      ->excludes(passcode);
  command->add_flag("--json", enroll.json, "print JSON lines, the last one the summary");
}

void add_others(CLI::App& app, Arguments& arguments) {
  auto& devices = arguments.devices.devices;
  CLI::App* run = add_command(app, "run", "Holds the push channels and reacts", arguments);
  run->add_option("--courier", arguments.run.courier,
                  "HOST:PORT of the push courier, for devices that were enrolled without one")
      ->envname("UNDERSTUDY_COURIER");
  run->add_option("--ca", arguments.run.ca, "PEM file of CAs to trust for --courier")
      ->envname("UNDERSTUDY_CA");
  run->add_option("--ready-timeout", arguments.run.ready_timeout_s,
                  "seconds until the ready line comes although a channel does not listen")
      ->capture_default_str()
      ->check(CLI::Range(0, 3600));
  CLI::App* connect = add_command(app, "connect", "Holds one conversation now", arguments);
  connect->add_option("DEVICE", devices, "default: every enrolled device");
  add_load(*connect, arguments.devices.load, "32");
  connect->add_flag("--json", arguments.devices.json, "print the summary only, one JSON object");
  CLI::App* list = add_command(app, "list", "Lists the devices", arguments);
  list->add_flag("--json", arguments.devices.json, "print one JSON array");
  CLI::App* show = add_command(app, "show", "Shows a device", arguments);
  show->add_option("DEVICE", devices, "id, as `list` prints it")->required();
  show->add_flag("--json", arguments.devices.json, "print JSON lines");
  CLI::App* findings = add_command(app, "findings", "Lists what servers did wrong", arguments);
  findings->add_flag("--json", arguments.findings.json, "print one JSON array");
  findings->add_option("--level", arguments.findings.level, "this one and worse")
      ->capture_default_str()
      ->check(CLI::IsMember({"must", "should", "info"}));
  CLI::App* unenroll =
      add_command(app, "unenroll", "Removes the enrollment profile, as a user does", arguments);
  unenroll->add_option("DEVICE", devices, "id, as `list` prints it")->required();
}

void add_do(CLI::App& app, Arguments& arguments) {
  HandArguments& hand = arguments.hand;
  CLI::App* command = add_command(
      app, "do", "Does what a person would with a device, also while it runs", arguments);
  std::string actions;
  for (const HandRow& row : hand_table()) {
    std::string form = std::string(row.action) + " " + std::string(row.argument);
    form.resize(std::max(form.size(), std::size_t{28}), ' ');
    actions += "\n  " + form + std::string(row.what);
  }
  command->footer("Actions:" + actions);
  command->add_option("DEVICE", hand.device, "id, as `list` prints it")->required();
  command->add_option("ACTION", hand.action, "see below")->required();
  command->add_option("ARGUMENT", hand.argument, "of the action, where it has one");
}

/// How every subcommand speaks to servers.
void add_transport(CLI::App& app, CommonArguments& common) {
  app.add_option("--transcript", common.transcript,
                 "append what is said on the wire to this file, secrets removed")
      ->envname("UNDERSTUDY_TRANSCRIPT");
  app.add_flag("--no-redirects", common.no_redirects,
               "a redirect is a failed answer, and not followed");
  app.add_flag("--leave-silently", common.leave_silently,
               "the RemoveProfile that breaks MDM gets no result, only the CheckOut that its "
               "profile asks for; devices may do either");
  app.add_option("--retry-after", common.retry_after_ms,
                 "milliseconds until a failed conversation is tried again; doubled each time")
      ->envname("UNDERSTUDY_RETRY_AFTER")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400'000));
  app.add_option("--longest-retry", common.longest_retry_ms, "and never more than this")
      ->envname("UNDERSTUDY_LONGEST_RETRY")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400'000));
}

/// Asks for no state directory.
void add_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* commands = app.add_subcommand("commands", "Lists the commands and where they exist");
  auto* json = commands->add_flag("--json", arguments.commands.json, "print one JSON array");
  commands
      ->add_option("--into", arguments.commands.into,
                   "bring the table between the two marker lines of this file up to date")
      ->excludes(json);
}

ExitCode dispatch(const CLI::App& app, Arguments& arguments) {
  if (arguments.no_passcode) {
    arguments.enroll.passcode = "";
  } else if (!arguments.passcode.empty()) {
    arguments.enroll.passcode = arguments.passcode;
  }
  if (arguments.seed != 0) arguments.enroll.seed = arguments.seed;
  const CommonArguments& common = arguments.common;
  if (app.got_subcommand("enroll")) return enroll(common, arguments.enroll);
  if (app.got_subcommand("run")) return run(common, arguments.run);
  if (app.got_subcommand("connect")) return connect(common, arguments.devices);
  if (app.got_subcommand("commands")) return commands(arguments.commands);
  if (app.got_subcommand("list")) return list(common, arguments.devices);
  if (app.got_subcommand("show")) return show(common, arguments.devices);
  if (app.got_subcommand("do")) return do_by_hand(common, arguments.hand);
  if (app.got_subcommand("findings")) return findings(common, arguments.findings);
  return unenroll(common, arguments.devices);
}

}  // namespace

ExitCode main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe or socket is an error value, not a death
  Arguments arguments;
  CLI::App app("Stand-in Apple devices: enroll with an MDM server, hold the push channel, answer.",
               "understudy-agent");
  app.require_subcommand(1);
  app.fallthrough();
  understudy::cli::add_config_file(app, "file with options, one section a command");
  understudy::cli::add_common(app);
  app.add_option("--log-level", arguments.log_level, "debug, info, warn, error or off")
      ->envname("UNDERSTUDY_LOG_LEVEL")
      ->capture_default_str();
  add_transport(app, arguments.common);
  add_enroll(app, arguments);
  add_others(app, arguments);
  add_commands(app, arguments);
  add_do(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return static_cast<ExitCode>(app.exit(error));
    complain(understudy::cli::usage_error(app, error));
    return ExitCode::usage;
  }
  const auto level = log::parse_level(arguments.log_level);
  if (!level) return complain(level.error(), ExitCode::usage);
  log::set_level(*level);
  return dispatch(app, arguments);
}

}  // namespace understudy::agent::cli
