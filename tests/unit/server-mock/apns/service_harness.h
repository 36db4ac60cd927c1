#pragma once

/// A push service on a thread and ports of its own, and witnesses that we did not write beside it.

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "server-mock/apns/service.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server-mock/apns/known.h"

namespace understudy::apns_mock {

/// Certificates that every test can share: making keys is slow.
struct Certificates {
  TimePoint now = SystemClock().now();
  crypto::CertificateAuthority server_ca =
      crypto::CertificateAuthority::create(crypto::Name::of({{"CN", "test server CA"}}),
                                           crypto::KeyType::p256, now - std::chrono::hours(1),
                                           now + std::chrono::hours(24))
          .value();
  crypto::Identity device = make("device");
  crypto::Identity other_device = make("other device");

  static const Certificates& get() {
    static const Certificates certificates;
    return certificates;
  }

 private:
  crypto::Identity make(const std::string& name) const {
    return crypto::CertificateAuthority::create(crypto::Name::of({{"CN", name}}),
                                                crypto::KeyType::rsa_2048, now,
                                                now + std::chrono::hours(24))
        .value()
        .identity();
  }
};

class ServiceTest : public testing::Test {
 public:
  ServiceTest(const ServiceTest&) = delete;
  ServiceTest& operator=(const ServiceTest&) = delete;

 protected:
  ServiceTest() {
    write_identity("device", Certificates::get().device);
    write_identity("other_device", Certificates::get().other_device);
    write("ca.pem", Certificates::get().server_ca.certificate().pem());
    options.server_ca = Certificates::get().server_ca;
    options.data_dir = dir / "data";
    options.observer = [this](const PushEvent& event) {
      const std::lock_guard lock(mutex);
      events.insert(std::string(stage_name(event.stage)) + " " + event.apns_id);
      changed.notify_all();
    };
  }
  ~ServiceTest() override { stop(); }

  void start() {
    io = std::make_unique<asio::io_context>();
    auto started = ApnsService::start(io->get_executor(), *clock, Rng(1), options);
    ASSERT_TRUE(started) << started.error().message();
    service = std::move(*started);
    ports = service->ports();
    if (!std::filesystem::exists(dir / "push.pem")) {
      push_identity = service->authority().issue_identity(kTopic, clock->now()).value();
      write_identity("push", *push_identity);
    }
    thread = std::thread([this] { io->run(); });
  }

  /// As `kill -9` does: nothing is told to anybody.
  void kill() {
    io->stop();
    thread.join();
    service.reset();
    io.reset();
  }

  /// Ends in order: the thread ends because nothing is left to do.
  void stop() {
    if (!io) return;
    asio::post(*io, [this] {
      service->stop();
      service.reset();
    });
    thread.join();
    io.reset();
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir / name, std::ios::binary) << text;
  }
  void write_identity(const std::string& name, const crypto::Identity& identity) {
    write(name + ".pem", identity.certificate.pem());
    write(name + ".key", identity.key.pem());
  }
  std::string file(const std::string& name) const { return (dir / name).string(); }

  std::string url(const std::string& path) const {
    return "https://localhost:" + std::to_string(ports.provider) + path;
  }

  struct Answer {
    std::string status;
    std::map<std::string, std::string> headers;
    std::string body;
    std::string error;
  };

  /// curl with `--http2`, the push certificate unless `identity` names another or none.
  Answer curl(const std::string& path, std::vector<std::string> more,
              const std::string& identity = "push") const {
    std::vector<std::string> arguments = {"curl",       "--http2", "-sS",      "-i",
                                          "--max-time", "15",      "--cacert", file("ca.pem")};
    if (!identity.empty()) {
      arguments.insert(arguments.end(),
                       {"--cert", file(identity + ".pem"), "--key", file(identity + ".key")});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(url(path));
    return parse(support::run(arguments));
  }

  /// What an MDM server sends: no header, {"mdm": magic}.
  Answer push(const std::string& token, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"-d", R"({"mdm":"magic"})"});
    return curl("/3/device/" + token, std::move(more));
  }

  std::vector<std::string> courier_arguments(const std::vector<std::string>& more,
                                             const std::string& device = "device") const {
    std::vector<std::string> arguments = {
        "/usr/bin/python3",
        std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/courier_client.py",
        "--port",
        std::to_string(ports.courier),
        "--ca",
        file("ca.pem"),
        "--cert",
        file(device + ".pem"),
        "--key",
        file(device + ".key"),
        "--topic",
        kTopic};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// The independent courier client; its JSON report.
  nlohmann::json courier(const std::vector<std::string>& more = {},
                         const std::string& device = "device") const {
    const auto output = support::run(courier_arguments(more, device));
    EXPECT_EQ(output.status, 0) << output.err;
    return nlohmann::json::parse(output.out, nullptr, false);
  }

  /// Waits until the observer has reported this ("acked <apns-id>").
  bool wait_for(const std::string& event) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(15), [&] { return events.contains(event); });
  }

  /// Runs on the service's thread.
  template <class Function>
  auto ask(Function function) {
    std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
    auto future = task.get_future();
    asio::post(*io, std::move(task));
    return future.get();
  }

  support::TempDir dir;
  std::unique_ptr<VirtualClock> clock = VirtualClock::flowing();
  ApnsOptions options;
  std::optional<crypto::Identity> push_identity;
  ApnsService::Ports ports;
  std::unique_ptr<asio::io_context> io;
  std::unique_ptr<ApnsService> service;
  std::thread thread;

  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::string> events;

 private:
  static Answer parse(const support::Output& output) {
    Answer answer;
    answer.error = output.err;
    const auto end = output.out.find("\r\n\r\n");
    std::istringstream head(output.out.substr(0, end));
    std::string line;
    std::getline(head, line);
    if (line.size() > 9)
      answer.status = line.substr(0, 10) == "HTTP/2 200" ? "200" : line.substr(7, 3);
    while (std::getline(head, line)) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const auto colon = line.find(": ");
      if (colon != std::string::npos)
        answer.headers[line.substr(0, colon)] = line.substr(colon + 2);
    }
    if (end != std::string::npos) answer.body = output.out.substr(end + 4);
    return answer;
  }
};

}  // namespace understudy::apns_mock
