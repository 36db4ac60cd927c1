// The two flows that repeat all day, against a real server process: an Idle conversation (CPU of
// each end), and a push from the provider's POST to the device's courier connection. One stand for
// all of them.

#include <benchmark/benchmark.h>
#include <time.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "agent/identity/trust.h"
#include "agent/push/push_channel.h"
#include "agent/session/device_session.h"
#include "server-mock/store/sqlite_store.h"
#include "shared/apns/provider.h"
#include "shared/io/file.h"
#include "shared/net/timer.h"
#include "tests/support/run_task.h"
#include "tests/support/temp_dir.h"
#include "tools/harness/stand.h"

namespace understudy {
namespace {

using std::chrono::steady_clock;

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << "flow_bench: " << result.error().message() << "\n";
    std::exit(2);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A server process with one device, whose state is opened here.
struct Flow {
  support::TempDir directory;
  harness::Stand stand{harness::own_directory(), directory.path()};
  asio::io_context io;
  SystemClock clock;
  net::HttpClient http{io.get_executor()};
  agent::KeyMaker keys;
  std::optional<agent::DeviceStore> store;
  std::optional<agent::AgentContext> context;
  std::string id;
  clockid_t server_cpu{};

  Flow() {
    must(stand.start_server());
    must(stand.enroll({}));
    store.emplace(must(agent::DeviceStore::open(stand.agent_directory())));
    context.emplace(agent::AgentContext{
        *store, http, keys, clock, Rng(store->seed()), {}, [](const agent::AgentEvent&) {}});
    id = must(store->ids()).at(0);
    if (clock_getcpuclockid(stand.server().pid(), &server_cpu) != 0) std::exit(2);
  }
  static Flow& instance() {
    static Flow flow;
    return flow;
  }
};

/// One conversation: a wake is stored, Idle is signed and sent over a new TLS connection, the empty
/// answer ends it.
void idle_conversation(benchmark::State& state) {
  Flow& flow = Flow::instance();
  auto session = must(agent::DeviceSession::load(*flow.context, flow.id));
  const double agent_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double server_before = cpu_seconds(flow.server_cpu);
  for (auto _ : state) {
    must(session.wake());
    const auto end = support::run_task(flow.io, session.work());
    if (end.end != agent::End::done)
      state.SkipWithError(("the conversation ended otherwise: " + end.why).c_str());
  }
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["agent_cpu_us"] =
      (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - agent_before) * 1e6 / rounds;
  state.counters["server_cpu_us"] = (cpu_seconds(flow.server_cpu) - server_before) * 1e6 / rounds;
}
BENCHMARK(idle_conversation)->Iterations(200);

/// Takes the time at which each push arrives.
class Arrivals final : public agent::PushListener {
 public:
  explicit Arrivals(const asio::any_io_executor& executor) : event(executor) {}
  Result<void> tokens_changed(const agent::CourierTokens&, mdm::Channel) override { return {}; }
  Result<void> woken(mdm::Channel) override {
    at = steady_clock::now();
    ++count;
    event.notify();
    return {};
  }
  void refused(const agent::RefusedPush& push) override {
    std::cerr << "flow_bench: refused: " << push.words << "\n";
  }
  void listening(bool yes) override {
    ready = yes;
    event.notify();
  }
  net::Event event;
  steady_clock::time_point at;
  int count = 0;
  bool ready = false;
};

Task<void> until_ready(Arrivals& arrivals) {
  while (!arrivals.ready) co_await arrivals.event.wait();
}
Task<void> until_count(Arrivals& arrivals, int count) {
  while (arrivals.count < count) co_await arrivals.event.wait();
}

net::HttpRequest push_request(Flow& flow, const agent::Device& device) {
  auto credentials = std::make_shared<net::ClientCredentials>();
  credentials->anchors = must(
      crypto::Certificate::all_from_pem(to_text(must(io::read_file(flow.stand.address().ca)))));
  auto server_store = must(server::SqliteStore::open(flow.stand.server_directory() / "server.db"));
  credentials->identity =
      must(crypto::Identity::from_pem(must(server_store->push_certificate("production"))->pem));
  net::HttpRequest request;
  request.method = "POST";
  request.url = flow.stand.address().apns + "/3/device/" + hex_encode(device.push.topic_token);
  request.body = apns::mdm_payload(device.enrollment->push_magic);
  request.http2 = true;
  request.credentials = std::move(credentials);
  return request;
}

void push_post_to_device(benchmark::State& state) {
  Flow& flow = Flow::instance();
  const agent::Device device = must(flow.store->load(flow.id));
  const auto& enrollment = *device.enrollment;
  auto anchors = must(agent::certificates_from(device.push.courier_anchors_der));
  auto courier = must(agent::Courier::make(flow.io.get_executor(), flow.clock,
                                           must(agent::CourierAddress::parse(device.push.courier)),
                                           std::move(anchors)));
  Arrivals arrivals(flow.io.get_executor());
  agent::PushChannel channel(
      std::move(courier), flow.clock, Rng(1),
      [&] { return agent::channel_setup(device, enrollment.mdm.topic, enrollment.push_magic); },
      arrivals);
  asio::cancellation_signal stop;
  bool stopped = false;
  auto ended = [&stopped](const std::exception_ptr&) { stopped = true; };
  net::spawn(flow.io.get_executor(), channel.run(), stop, ended);
  support::run_task(flow.io, until_ready(arrivals));

  const net::HttpRequest request = push_request(flow, device);
  int count = 0;
  for (auto _ : state) {
    const auto start = steady_clock::now();
    auto copy = request;
    const auto answer = support::run_task(flow.io, flow.http.send(std::move(copy)));
    if (!answer || answer->status != 200) {
      state.SkipWithError(answer ? answer->body.c_str() : answer.error().message().c_str());
      break;
    }
    support::run_task(flow.io, until_count(arrivals, ++count));
    state.SetIterationTime(std::chrono::duration<double>(arrivals.at - start).count());
  }
  stop.emit(asio::cancellation_type::terminal);
  while (!stopped && flow.io.run_one() > 0) {
  }
}
BENCHMARK(push_post_to_device)->UseManualTime()->Iterations(300);

/// The peer: the same number of octets to a thread and back over loopback TCP.
void tcp_round_trip(benchmark::State& state) {
  asio::io_context io;
  net::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  net::tcp::socket client(io);
  client.connect(acceptor.local_endpoint());
  net::tcp::socket server(io);
  acceptor.accept(server);
  std::thread echo([&server] {
    std::array<char, 145> frame{};
    boost::system::error_code ec;
    while (asio::read(server, asio::buffer(frame), ec) > 0 && !ec)
      asio::write(server, asio::buffer(frame), ec);
  });
  std::array<char, 145> frame{};
  for (auto _ : state) {
    asio::write(client, asio::buffer(frame));
    asio::read(client, asio::buffer(frame));
  }
  client.close();
  echo.join();
}
BENCHMARK(tcp_round_trip)->UseRealTime();

}  // namespace
}  // namespace understudy
