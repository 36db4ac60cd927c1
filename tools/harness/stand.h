#pragma once

/// A stand: one understudy-server and one understudy-agent with its devices, as processes of their
/// own, in one directory. What `understudy up` and the end-to-end tests are made of.

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/core/result.h"
#include "tools/harness/api.h"
#include "tools/harness/process.h"

namespace understudy::harness {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// What the server's ready line says.
struct ServerAddress {
  std::string enroll, api, api_key, courier, apns, device_services, ca;
  std::string ready_line;  ///< the JSON as printed
};

struct EnrollOptions {
  int count = 1;
  std::string model = "iphone";
  std::optional<std::uint64_t> seed;
  std::string profile;  ///< empty: the server's own /enroll
  std::vector<std::string> extra;
};

/// Not thread-safe. Errors carry the last lines of the failing program's log.
class Stand {
 public:
  /// `programs` holds understudy-server and understudy-agent; `directory` is made, and kept.
  Stand(std::filesystem::path programs, std::filesystem::path directory);

  /// Starts (again) with the same data directory, and waits for the ready line.
  Result<void> start_server(const std::vector<std::string>& extra = {},
                            const Environment& environment = {});
  /// Runs `understudy-agent enroll` to its end.
  Result<void> enroll(const EnrollOptions& options);
  /// Starts `understudy-agent run`, and waits until every push channel is up.
  Result<void> start_agent(const std::vector<std::string>& extra = {},
                           const Environment& environment = {});
  /// As above, without waiting: for a process that is meant to die.
  Result<void> launch_agent(const std::vector<std::string>& extra, const Environment& environment);
  /// Any other subcommand, to its end; its standard output. `subcommand` first, options after it.
  Result<std::string> agent_command(std::vector<std::string> arguments);

  const ServerAddress& address() const { return address_; }
  Api& api() { return *api_; }
  Process& server() { return *server_; }
  Process& agent() { return *agent_; }
  std::filesystem::path server_directory() const { return directory_ / "server"; }
  std::filesystem::path agent_directory() const { return directory_ / "agent"; }
  std::filesystem::path log_of(const std::string& program) const {
    return directory_ / (program + ".log");
  }

 private:
  Result<std::string> wait_ready(Process& process, const std::string& program);
  tl::unexpected<Error> with_log(const std::string& program, Error error) const;

  std::filesystem::path programs_, directory_;
  ServerAddress address_;
  std::optional<Process> server_, agent_;
  std::unique_ptr<Api> api_;
};

/// The folder of the running program.
std::filesystem::path own_directory();

}  // namespace understudy::harness
