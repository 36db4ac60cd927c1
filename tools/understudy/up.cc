#include "tools/understudy/up.h"

#include <signal.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tools/harness/stand.h"

namespace understudy::harness {
namespace {

using nlohmann::json;

/// Of the state directory. Erased devices, and those that left, are in it for ever.
struct Devices {
  int all = 0, enrolled = 0;
};

Result<Devices> count_devices(Stand& stand) {
  Devices devices;
  if (!std::filesystem::exists(stand.agent_directory() / "agent.db")) return devices;
  UNDERSTUDY_TRY(const std::string text, stand.agent_command({"list", "--json"}));
  const json list = json::parse(text, nullptr, false);
  for (const json& device : list) {
    ++devices.all;
    if (device.value("state", "") == "enrolled") ++devices.enrolled;
  }
  return devices;
}

/// How many devices are enrolled then.
Result<int> start(Stand& stand, const UpOptions& options) {
  UNDERSTUDY_CHECK(stand.start_server());
  UNDERSTUDY_TRY(Devices there, count_devices(stand));
  if (there.enrolled < options.devices) {
    EnrollOptions enroll;
    enroll.count = options.devices - there.enrolled;
    enroll.model = options.model;
    if (there.all == 0) enroll.seed = options.seed;  // later ones go on with it
    UNDERSTUDY_CHECK(stand.enroll(enroll));
    UNDERSTUDY_TRY(there, count_devices(stand));
  }
  UNDERSTUDY_CHECK(stand.start_agent());
  return there.enrolled;
}

}  // namespace

ExitCode run_up(const UpOptions& options) {
  Stand stand(own_directory(), options.directory);
  const auto started = start(stand, options);
  if (!started) {
    std::cerr << "understudy up: " << started.error().message() << "\n";
    return ExitCode::unreachable;
  }
  stand.agent().ignore_output();  // it tells every step of every device, and nobody reads it here
  // Blocked only now, so that the children did not inherit it; then taken synchronously.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  json ready = json::parse(stand.address().ready_line);
  ready["devices"] = *started;
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
