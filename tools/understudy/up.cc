#include "tools/understudy/up.h"

#include <signal.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tools/harness/stand.h"

namespace understudy::harness {
namespace {

using nlohmann::json;

Result<int> enrolled_devices(Stand& stand) {
  if (!std::filesystem::exists(stand.agent_directory() / "agent.db")) return 0;
  UNDERSTUDY_TRY(const std::string list, stand.agent_command({"list", "--json"}));
  const json devices = json::parse(list, nullptr, false);
  return devices.is_array() ? static_cast<int>(devices.size()) : 0;
}

Result<void> start(Stand& stand, const UpOptions& options) {
  UNDERSTUDY_CHECK(stand.start_server());
  UNDERSTUDY_TRY(const int there, enrolled_devices(stand));
  if (there < options.devices) {
    EnrollOptions enroll;
    enroll.count = options.devices - there;
    enroll.model = options.model;
    if (there == 0) enroll.seed = options.seed;
    UNDERSTUDY_CHECK(stand.enroll(enroll));
  }
  return stand.start_agent();
}

}  // namespace

ExitCode run_up(const UpOptions& options) {
  Stand stand(own_directory(), options.directory);
  const auto started = start(stand, options);
  if (!started) {
    std::cerr << "understudy up: " << started.error().message() << "\n";
    return ExitCode::unreachable;
  }
  // Blocked only now, so that the children did not inherit it; then taken synchronously.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  json ready = json::parse(stand.address().ready_line);
  ready["devices"] = options.devices;
  ready["state"] = options.directory.string();
  std::cout << ready.dump() << "\n" << std::flush;

  const timespec second{1, 0};
  while (stand.server().running() && stand.agent().running()) {
    if (sigtimedwait(&signals, nullptr, &second) > 0) return ExitCode::ok;
  }
  std::cerr << "understudy up: "
            << (stand.server().running() ? "understudy-agent" : "understudy-server")
            << " ended by itself; its log is in " << options.directory.string() << "\n";
  return ExitCode::check_failed;
}

}  // namespace understudy::harness
