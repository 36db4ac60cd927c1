// What ten thousand devices cost that are enrolled and not connected: their file, the time until
// the Runner has them, its memory. Each figure is taken in a process of its own, so that nothing is
// counted that was allocated before.

#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>

#include "agent/session/runner.h"
#include "tests/bench/agent_stand.h"
#include "tests/support/temp_dir.h"

namespace understudy::bench {
namespace {

constexpr std::size_t kKeys = 8;  // of a pool

double resident_kb() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

using Figures = std::array<double, 2>;

/// What `measure` returns, in a child process.
Figures in_child(const std::function<Figures()>& measure) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) std::exit(2);
  const pid_t child = fork();
  if (child == 0) {
    const Figures figures = measure();
    const bool written = write(pipe[1], figures.data(), sizeof figures) == sizeof figures;
    _exit(written ? 0 : 2);
  }
  close(pipe[1]);
  Figures figures{};
  const bool is_read = child > 0 && read(pipe[0], figures.data(), sizeof figures) == sizeof figures;
  close(pipe[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  if (!is_read) std::exit(2);
  return figures;
}

/// With a courier, and an identity for it. Offline, so that none of them connects.
void make_fleet(agent::DeviceStore& store, std::size_t count) {
  const StubServer server;
  const auto profile =
      must(mdm::parse_enrollment_profile(enrollment_profile(server), stub_rules()));
  std::vector<crypto::PrivateKey> pool;
  while (pool.size() < kKeys) {
    pool.push_back(must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048)));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto identity = issue_identity(server, pool[i % kKeys]);
    auto device = enrolled_device(profile, identity, must(store.next_number()));
    device.push.courier = "127.0.0.1:5223";
    device.push.courier_anchors_der = {server.ca().certificate().der()};
    const auto courier_identity = issue_identity(server, pool[(i + 1) % kKeys]);
    device.push.key_der = courier_identity.key.der();
    device.push.certificate_der = courier_identity.certificate.der();
    device.push.base_token = device.push.topic_token;
    device.offline = true;
    device.enrollment->stage = agent::Enrollment::Stage::token_pending;
    must(store.save(device));
    device.enrollment->stage = agent::Enrollment::Stage::enrolled;  // as an enrollment does
    must(store.save(device));
  }
}

/// -> KB of all files, each device's share
double state_kb(const std::filesystem::path& folder, std::size_t count) {
  double total = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    total += static_cast<double>(file.file_size()) / 1024;
  }
  return total / static_cast<double>(count);
}

struct Fleet {
  explicit Fleet(std::size_t devices) : count(devices) {
    file_kb = in_child([this] {
      auto store = must(agent::DeviceStore::open(folder.path()));
      make_fleet(store, count);
      return Figures{state_kb(folder.path(), count)};  // while it is open: the log is part of it
    })[0];
  }
  support::TempDir folder;
  std::size_t count;
  double file_kb = 0;
};

/// -> CPU seconds until the Runner has all devices, KB each
Figures load(const Fleet& fleet) {
  const double before_kb = resident_kb();
  const double before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  auto store = must(agent::DeviceStore::open(fleet.folder.path()));
  asio::io_context io;
  const SystemClock clock;
  net::HttpClient http{io.get_executor()};
  agent::KeyMaker spare_keys;
  agent::AgentContext context{
      store, http, spare_keys, clock, Rng(1), {}, [](const agent::AgentEvent&) {}};
  agent::Runner runner(io.get_executor(), context);
  if (must(runner.start()) != fleet.count) std::exit(2);
  const double seconds = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
  return {seconds, (resident_kb() - before_kb) / static_cast<double>(fleet.count)};
}

void load_devices(benchmark::State& state) {
  static const Fleet fleet(static_cast<std::size_t>(state.range(0)));
  Figures figures{};
  for (auto _ : state) figures = in_child([] { return load(fleet); });
  state.counters["cpu_seconds"] = figures[0];
  state.counters["memory_kb"] = figures[1];
  state.counters["state_kb"] = fleet.file_kb;
}
BENCHMARK(load_devices)->Arg(10'000)->Iterations(1);

}  // namespace
}  // namespace understudy::bench
