// What a device costs the agent, against a server stub whose CPU time is not counted: an Idle
// conversation, and an enrollment over SCEP.

#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <sched.h>

#include <boost/asio/co_spawn.hpp>
#include <charconv>

#include "tests/bench/agent_stand.h"
#include "tests/bench/seeded_keys.h"
#include "tests/support/run_task.h"
#include "tests/support/temp_dir.h"

namespace understudy::bench {
namespace {

constexpr std::size_t kPool = 8;       // keys
constexpr std::size_t kAtOnce = 16;    // enrollments under way
constexpr std::uint64_t kUnique = 24;  // keys of their own, by seed the same at each turn

struct Agent {
  support::TempDir directory;
  StubServer server;
  asio::io_context io;
  SystemClock clock;
  agent::DeviceStore store = must(agent::DeviceStore::open(directory / "state"));
  net::HttpClient http{io.get_executor()};
  agent::KeyMaker spare_keys;
  agent::AgentContext context{
      store, http, spare_keys, clock, Rng(1), {}, [](const agent::AgentEvent&) {}};
  Bytes profile = enrollment_profile(server);

  static Agent& instance() {
    static Agent made;
    return made;
  }
  /// Stores one, with a key of that type. -> its id
  std::string add(crypto::KeyType type) {
    const auto parsed = must(mdm::parse_enrollment_profile(profile, stub_rules()));
    const auto identity = issue_identity(server, must(crypto::PrivateKey::generate(type)));
    const auto device = enrolled_device(parsed, identity, must(store.next_number()));
    must(store.save(device));
    return device.id;
  }
  /// `count` enrollments, `kAtOnce` under way.
  void enroll(agent::KeyMaker& keys, std::uint64_t count) {
    agent::EnrollOptions options;
    options.profile = profile;
    options.rules = stub_rules();
    agent::Enroller enroller(context, keys, std::move(options));
    std::uint64_t left = count;
    std::size_t running = std::min<std::size_t>(kAtOnce, count);
    for (std::size_t i = 0; i < std::min<std::size_t>(kAtOnce, count); ++i) {
      asio::co_spawn(io, enroll_on(enroller, left),
                     [&running](const std::exception_ptr&) { --running; });
    }
    io.restart();
    while (running > 0) io.run_one();
  }
  static Task<void> enroll_on(agent::Enroller& enroller, std::uint64_t& left) {
    while (left > 0) {
      --left;
      must(co_await enroller.enroll());
    }
  }
};

/// Holds the process, the stub's thread included, on one core. Two threads that wake each other
/// across cores pay for it, on a machine that is idle as much again as the conversation costs: what
/// is measured would be the machine.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    apply(one);
  }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;
  ~OneCore() { apply(before_); }

 private:
  static void apply(const cpu_set_t& cores) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      const std::string name = task.path().filename();
      pid_t id = 0;
      std::from_chars(name.data(), name.data() + name.size(), id);
      sched_setaffinity(id, sizeof(cores), &cores);
    }
  }

  cpu_set_t before_{};
};

/// A push has come: the wake is stored, Idle signed and sent; the empty answer ends it. The session
/// is loaded, as the Runner keeps it for those that talked last.
void idle(benchmark::State& state, crypto::KeyType type) {
  Agent& agent = Agent::instance();
  const std::string id = agent.add(type);
  auto session = must(agent::DeviceSession::load(agent.context, id));
  const OneCore one_core;
  const double before = agent.server.other_cpu_seconds();
  for (auto _ : state) {
    must(session.wake());
    const auto end = support::run_task(agent.io, session.work());
    if (end.end != agent::End::done) {
      state.SkipWithError(("the conversation ended otherwise: " + end.why).c_str());
    }
  }
  state.counters["agent_cpu_us"] =
      (agent.server.other_cpu_seconds() - before) * 1e6 / static_cast<double>(state.iterations());
}
void idle_rsa(benchmark::State& state) {
  idle(state, crypto::KeyType::rsa_2048);
}
BENCHMARK(idle_rsa)->Iterations(300);
void idle_p256(benchmark::State& state) {
  idle(state, crypto::KeyType::p256);
}
BENCHMARK(idle_p256)->Iterations(300);

void rsa_sign_bare(benchmark::State& state) {
  const auto key = must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  const Bytes message(400, 'x');  // about the size of an Idle
  Bytes signature(256);
  for (auto _ : state) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::size_t size = signature.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key.native());
    EVP_DigestSign(context, signature.data(), &size, message.data(), message.size());
    EVP_MD_CTX_free(context);
  }
}
BENCHMARK(rsa_sign_bare);

void enroll_pool(benchmark::State& state) {
  Agent& agent = Agent::instance();
  std::vector<crypto::PrivateKey> pool;
  while (pool.size() < kPool) {
    pool.push_back(must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048)));
  }
  std::atomic<std::size_t> next = 0;
  agent::KeyMaker keys({}, [&](crypto::KeyType) -> Result<crypto::PrivateKey> {
    return pool[next++ % pool.size()];
  });
  const OneCore one_core;
  const double before = agent.server.other_cpu_seconds();
  const auto count = static_cast<std::uint64_t>(state.max_iterations);
  while (state.KeepRunningBatch(state.max_iterations)) agent.enroll(keys, count);
  state.counters["agent_cpu_ms"] =
      (agent.server.other_cpu_seconds() - before) * 1e3 / static_cast<double>(count);
}
BENCHMARK(enroll_pool)->Iterations(200);

/// Wall-clock time for each device with a key of its own.
void enroll_unique(benchmark::State& state) {
  Agent& agent = Agent::instance();
  SeededKeys source;
  agent::KeyMaker keys({}, [&](crypto::KeyType type) { return source.next(type); });
  for (auto _ : state) agent.enroll(keys, kUnique);
}
BENCHMARK(enroll_unique)->UseRealTime()->Iterations(1);

/// The peer: the same keys, by as many threads as there are cores.
void keys_bare(benchmark::State& state) {
  SeededKeys source;
  std::atomic<std::uint64_t> taken = 0;
  for (auto _ : state) {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      threads.emplace_back([&] {
        while (taken++ < kUnique) must(source.next(crypto::KeyType::rsa_2048));
      });
    }
  }
}
BENCHMARK(keys_bare)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace understudy::bench
