#pragma once

/// What the subcommands share. Private to cli/.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "server-mock/push_setup.h"
#include "shared/core/exit_code.h"
#include "shared/core/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): its own
class App;
}

namespace understudy::server {

inline constexpr const char* kConfigAbout = "Options from a file, key = value; flags win";

/// Says on standard error what is wrong; `code` as an int.
int complain(const Error& error, ExitCode code);
/// The same; a wrong argument is a matter of usage, everything else of set-up.
int complain(const Error& error);

/// The exit code when the program is to end here: after --help, or a wrong flag.
std::optional<int> parse_flags(CLI::App& app, int argc, char** argv);

/// Names a subcommand that main.cc looks for before any flag is read: in help, and where the words
/// stand in another order.
void add_first_word(CLI::App& app, const std::string& name, const std::string& about);

// Flags that mean the same to both servers.

/// Adds --data-dir, --listen and --host.
void add_place(CLI::App& app, std::filesystem::path& data_dir, std::string& listen,
               std::string& host);
/// Adds a port, by flag and by UNDERSTUDY_..._PORT.
void add_port(CLI::App& app, const std::string& flag, std::uint16_t& port,
              const std::string& about);
/// Adds the ports of the push service; `Options` is ServerOptions or ApnsServerOptions.
template <class Options>
void add_push_ports(CLI::App& app, Options& options) {
  add_port(app, "--apns-port", options.apns_port, "APNs provider API, production");
  add_port(app, "--sandbox-port", options.sandbox_port, "APNs provider API, sandbox");
  add_port(app, "--courier-port", options.courier_port, "APNs courier, for devices");
  add_port(app, "--light-port", options.light_port, "Courier without TLS, on loopback only");
}
/// Adds --api-key, --seed and --virtual-clock.
void add_run(CLI::App& app, std::string& api_key, std::uint64_t& seed, bool& virtual_clock);

/// Adds --policy, --fault and --faults.
void add_push_setup(CLI::App& app, std::vector<std::string>& policies, FaultFlags& faults);

/// Adds --log-level; once parsed, `level` is for set_log_level.
void add_log_level(CLI::App& app, std::string& level);
/// Errors: errc::invalid_argument.
Result<void> set_log_level(const std::string& level);

}  // namespace understudy::server
