#pragma once

/// `understudy-server apns` as a program, and witnesses that we did not write: curl, openssl, and
/// an HTTP/2 client in Python.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "shared/io/file.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tools/harness/process.h"

namespace understudy::server {

using nlohmann::json;
using Arguments = std::vector<std::string>;

inline const std::string kPushTopic =
    "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555";
inline const std::string kUnknownToken(64, 'b');

class ApnsProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* witness : {"curl", "openssl"}) {
      if (!support::have_program(witness)) GTEST_SKIP() << witness << " is not installed";
    }
  }

  std::string folder() const { return (dir_ / "apns").string(); }
  std::string file(const std::string& name) const { return (dir_ / name).string(); }
  void write(const std::string& name, const std::string& content) {
    const auto written = io::write_file(dir_ / name, as_bytes(content));
    ASSERT_TRUE(written) << written.error().message();
  }
  /// `understudy-server apns`, and more.
  static support::Output apns(Arguments more) {
    more.insert(more.begin(), {program(), "apns"});
    return support::run(more);
  }

  void start(const Arguments& more = {}) {
    harness::ProcessOptions options;
    options.arguments = {program(), "apns", "--data-dir", folder()};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    start(options);
  }
  void start(const harness::ProcessOptions& options) {
    auto process = harness::Process::start(options);
    ASSERT_TRUE(process) << process.error().message();
    process_.emplace(std::move(*process));
    const auto line = process_->read_line(std::chrono::seconds(30));
    ASSERT_TRUE(line) << line.error().message();
    ready_ = json::parse(*line);
  }
  /// SIGTERM; the exit code.
  int stop() {
    process_->terminate(std::chrono::minutes(1));
    return process_->wait(std::chrono::seconds(10)).value_or(-1);
  }
  std::string ready(const char* key) const { return ready_.at(key).get<std::string>(); }
  int port(const char* key) const {
    const std::string address = ready(key);
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  /// NAME.pem: certificate and key. What the program printed.
  json issue(const std::string& name, const std::string& topic, const Arguments& more = {}) {
    Arguments arguments = {"issue-cert", "--data-dir", folder(),           "--topic",
                           topic,        "--out",      file(name + ".pem")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto output = apns(arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  /// The same, but of nobody we know; its subject has the topic.
  void make_foreign(const std::string& name, const std::string& topic) {
    const auto output = support::run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                                      "-subj", "/UID=" + topic + "/CN=foreign", "-days", "2",
                                      "-keyout", file(name + ".key"), "-out", file(name + ".crt")});
    ASSERT_EQ(output.status, 0) << output.err;
    write(name + ".pem", to_text(io::read_file(dir_ / (name + ".crt")).value()) +
                             to_text(io::read_file(dir_ / (name + ".key")).value()));
  }

  struct Answer {
    int status = 0;
    std::multimap<std::string, std::string> headers;
    std::string body;
    std::string error;
    std::string header(const std::string& name) const {
      const auto found = headers.find(name);
      return found == headers.end() ? "" : found->second;
    }
  };
  /// curl over HTTP/2; trusts our CA, and shows NAME.pem unless `identity` is empty.
  Answer curl(const std::string& url, Arguments more, const std::string& identity = "push") const {
    Arguments arguments = {"curl",     "--http2",    "-sS",
                           "-i",       "--max-time", "20",
                           "--cacert", ready("ca"),  "--suppress-connect-headers"};
    if (!identity.empty()) arguments.insert(arguments.end(), {"--cert", file(identity + ".pem")});
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(url);
    return parse(support::run(arguments));
  }
  /// Through the REST API.
  json api(const std::string& path, Arguments more = {}) const {
    more.insert(more.begin(), {"curl", "-sS", "-u", "nanomdm:" + ready("api_key")});
    more.push_back(ready("api") + path);
    const auto output = support::run(more);
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  std::string metrics() const {
    return support::run(
               {"curl", "-sS", "-u", "nanomdm:" + ready("api_key"), ready("api") + "/metrics"})
        .out;
  }
  /// tests/support/apns_provider.py says what `job` holds and what it answers.
  json provider(json job, const std::string& identity = "push",
                const char* listener = "apns") const {
    const auto output = support::run({"/usr/bin/python3", provider_script()},
                                     complete(std::move(job), identity, listener).dump());
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  /// The same, for a job with `wait_for_end`: `meanwhile` runs once its requests are answered.
  template <class Meanwhile>
  json provider_until_end(json job, const std::string& identity, Meanwhile meanwhile) {
    job["wait_for_end"] = true;
    write("job.json", complete(std::move(job), identity, "apns").dump());
    harness::ProcessOptions options;
    options.arguments = {"/usr/bin/python3", provider_script(), file("job.json")};
    auto process = harness::Process::start(options);
    EXPECT_TRUE(process);
    EXPECT_EQ(process->read_line(std::chrono::seconds(20)).value_or(""), "waiting");
    meanwhile();
    const auto line = process->read_line(std::chrono::seconds(20));
    return json::parse(line.value_or(""), nullptr, false);
  }
  /// `base` and `app`, the tokens that a new device got for the topic before it left.
  json make_device(const std::string& topic = kPushTopic,
                   const std::string& server_name = "courier.push.apple.com") {
    make_foreign("device", topic);
    const auto output = support::run(
        {"/usr/bin/python3",
         std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/courier_client.py", "--port",
         std::to_string(port("courier")), "--ca", ready("ca"), "--cert", file("device.crt"),
         "--key", file("device.key"), "--topic", topic, "--server-name", server_name});
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  std::string make_token(const std::string& topic = kPushTopic) {
    return make_device(topic).value("app", "");
  }

  support::TempDir dir_;
  json ready_;
  std::optional<harness::Process> process_;

 private:
  static std::string provider_script() {
    return std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/apns_provider.py";
  }
  json complete(json job, const std::string& identity, const char* listener) const {
    job["port"] = port(listener);
    job["ca"] = ready("ca");
    if (!identity.empty()) job["cert"] = file(identity + ".pem");
    return job;
  }
  static std::string program() { return std::string(UNDERSTUDY_BIN_DIR) + "/understudy-server"; }

  static Answer parse(const support::Output& output) {
    Answer answer;
    answer.error = output.err;
    const auto end = output.out.find("\r\n\r\n");
    std::istringstream head(output.out.substr(0, end));
    std::string version;
    head >> version >> answer.status;
    std::string line;
    std::getline(head, line);
    while (std::getline(head, line)) {
      if (line.ends_with('\r')) line.pop_back();
      const auto colon = line.find(": ");
      if (colon == std::string::npos) continue;
      answer.headers.emplace(line.substr(0, colon), line.substr(colon + 2));
    }
    if (end != std::string::npos) answer.body = output.out.substr(end + 4);
    return answer;
  }
};

}  // namespace understudy::server
