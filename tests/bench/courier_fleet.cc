/// Many stand-in devices on one courier, in one process: a PushChannel of the agent for each, which
/// is what `understudy-agent run` holds of a device while nothing is owed. Driven by apns_bench.py
/// over standard input and output, one JSON object a line.
///
///   courier_fleet COURIER CA_FILE COUNT TOPIC TOKEN_FILE      (and a new folder TOKEN_FILE.state)
///
/// Prints {"event": "ready", ...} when every device listens. On standard input: "report" prints
/// what has happened so far, "return" waits for a loss of all connections; the end of it ends the
/// program.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "agent/fleet/device_store.h"
#include "agent/push/push_channel.h"
#include "shared/crypto/ca.h"
#include "shared/io/file.h"
#include "shared/net/timer.h"

namespace understudy::agent {
namespace {

constexpr std::size_t kKeys = 8;  // of a pool: making an RSA key takes 100 ms

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << "courier_fleet: " << result.error().message() << "\n";
    std::exit(2);
  }
  return std::move(*result);
}

std::uint64_t resident_kb() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Totals {
  explicit Totals(const asio::any_io_executor& executor) : changed(executor) {}
  net::Event changed;  ///< a device listens, or does not any more
  std::size_t listening = 0;
  std::uint64_t wakes = 0, refused = 0, losses = 0;
  std::uint64_t most_failures = 0;  ///< of one device's attempts, in a row
};

/// A device in the store, as the agent's Runner has it while nothing is owed.
class Member final : public PushListener {
 public:
  Member(Totals& totals, DeviceStore& store, std::string id)
      : totals_(totals), store_(store), id_(std::move(id)) {}
  Result<ChannelSetup> setup(const std::string& topic) {
    UNDERSTUDY_TRY(const Device device, store_.load(id_));
    return channel_setup(device, topic, "magic");
  }
  Result<void> tokens_changed(const CourierTokens& tokens, mdm::Channel) override {
    UNDERSTUDY_TRY(Device device, store_.load(id_));
    store_tokens(tokens, device.push);
    return store_.save(device);
  }
  Result<void> woken(mdm::Channel) override {
    ++totals_.wakes;
    return {};
  }
  void refused(const RefusedPush& /*push*/) override { ++totals_.refused; }
  void listening(bool yes) override {
    if (yes) {
      ++totals_.listening;
    } else if (was_listening) {
      --totals_.listening;
      ++totals_.losses;
      failures_ = 0;
    } else {
      totals_.most_failures = std::max(totals_.most_failures, ++failures_);
    }
    was_listening = yes;
    totals_.changed.notify();
  }

 private:
  Totals& totals_;
  DeviceStore& store_;
  std::string id_;
  std::uint64_t failures_ = 0;

 public:
  std::unique_ptr<PushChannel> channel;
  bool was_listening = false;
};

struct Pool {
  explicit Pool(TimePoint when)
      : ca(must(crypto::CertificateAuthority::create(crypto::Name::of({{"CN", "bench"}}),
                                                     crypto::KeyType::p256, when,
                                                     when + std::chrono::hours(24)))) {
    for (std::size_t i = 0; i < kKeys; ++i) {
      keys.push_back(must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048)));
    }
    spec.not_before = when;
    spec.not_after = when + std::chrono::hours(24);
  }
  /// A certificate of its own for each device, over a key of the pool.
  void equip(PushState& push, std::size_t number) {
    const crypto::PrivateKey& key = keys[number % keys.size()];
    spec.subject = crypto::Name::of({{"CN", "device " + std::to_string(number)}});
    push.key_der = key.der();
    push.certificate_der = must(ca.issue(spec, key.public_key())).der();
  }
  crypto::CertificateAuthority ca;
  crypto::CertificateSpec spec;
  std::vector<crypto::PrivateKey> keys;
};

struct Fleet {
  explicit Fleet(const std::vector<std::string>& arguments)
      : topic(arguments.at(4)),
        token_file(arguments.at(5)),
        store(must(DeviceStore::open(token_file + ".state"))) {
    const auto anchors =
        must(crypto::Certificate::all_from_pem(to_text(must(io::read_file(arguments.at(2))))));
    courier = must(Courier::make(io.get_executor(), clock,
                                 must(CourierAddress::parse(arguments.at(1))), anchors));
    make_members(std::stoul(arguments.at(3)));
  }

  void make_members(std::size_t count) {
    Pool pool(clock.now());
    before_kb = resident_kb();
    for (std::size_t i = 0; i < count; ++i) {
      Device device = must(make_device(Rng(1), i, FactoryOptions()));
      pool.equip(device.push, i);
      if (!store.save(device)) std::exit(2);
      members.push_back(std::make_unique<Member>(totals, store, device.id));
      Member& member = *members.back();
      member.channel = std::make_unique<PushChannel>(
          courier, clock, Rng(i), [this, &member] { return member.setup(topic); }, member);
    }
  }

  Task<void> start() {
    const TimePoint began = clock.now();
    for (const auto& member : members) {
      net::spawn(io.get_executor(), "device", member->channel->run());
    }
    co_await all_listen();
    write_tokens();
    say("ready", clock.now() - began);
  }

  Task<void> all_listen() {
    while (totals.listening < members.size()) co_await totals.changed.wait();
  }

  void write_tokens() {
    std::ofstream file(token_file);
    for (const std::string& id : must(store.ids())) {
      file << hex_encode(must(store.load(id)).push.topic_token) << "\n";
    }
  }

  void say(const char* event, Duration took) const {
    const nlohmann::json line = {{"event", event},
                                 {"seconds", std::chrono::duration<double>(took).count()},
                                 {"listening", totals.listening},
                                 {"wakes", totals.wakes},
                                 {"refused", totals.refused},
                                 {"losses", totals.losses},
                                 {"most_failures", totals.most_failures},
                                 {"before_kb", before_kb},
                                 {"resident_kb", resident_kb()},
                                 {"cpu_seconds", cpu_seconds()}};
    std::cout << line.dump() << std::endl;
  }

  /// Says "waiting", and returns when each connection was lost once and all listen again: the time
  /// since the first loss.
  Task<Duration> all_return() {
    totals.most_failures = 0;
    const std::uint64_t lost_before = totals.losses;
    say("waiting", Duration{0});
    while (totals.losses == lost_before) co_await totals.changed.wait();
    const TimePoint first = clock.now();
    while (totals.losses < lost_before + members.size()) co_await totals.changed.wait();
    co_await all_listen();
    co_return clock.now() - first;
  }

  /// A line is a wish.
  Task<void> serve() {
    asio::posix::stream_descriptor input(io, dup(STDIN_FILENO));
    std::string buffer;
    for (;;) {
      auto [ec, size] =
          co_await asio::async_read_until(input, asio::dynamic_buffer(buffer), '\n', net::kAsTuple);
      if (ec) co_return io.stop();
      const std::string wish = buffer.substr(0, size - 1);
      buffer.erase(0, size);
      Duration took{0};
      if (wish == "return") took = co_await all_return();
      say("report", took);
    }
  }

  asio::io_context io;
  SystemClock clock;
  std::string topic, token_file;
  DeviceStore store;
  Totals totals{io.get_executor()};
  std::shared_ptr<Courier> courier;
  std::vector<std::unique_ptr<Member>> members;
  std::uint64_t before_kb = 0;
};

int run(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: courier_fleet COURIER CA_FILE COUNT TOPIC TOKEN_FILE\n";
    return 1;
  }
  Fleet fleet(std::vector<std::string>(argv, argv + argc));
  net::spawn(fleet.io.get_executor(), "start", fleet.start());
  net::spawn(fleet.io.get_executor(), "serve", fleet.serve());
  fleet.io.run();
  return 0;
}

}  // namespace
}  // namespace understudy::agent

int main(int argc, char** argv) {
  return understudy::agent::run(argc, argv);
}
