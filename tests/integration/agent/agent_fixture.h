#pragma once

/// Drives the real understudy-agent against a scripted MDM server on a thread of its own.

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "shared/crypto/pkcs12.h"
#include "shared/io/file.h"
#include "shared/mdm/profile.h"
#include "tests/support/command.h"
#include "tests/support/enrollment.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/fakes/fake_mdm.h"

namespace understudy::agent {

using nlohmann::json;
using Arguments = std::vector<std::string>;

constexpr int kKilled = 128 + 9;  ///< the status of a program that SIGKILL ended

class AgentProgramTest : public testing::Test {
 protected:
  AgentProgramTest() : server_(io_, pki_.server()) {
    write("ca.pem", pki_.root().pem());
    write("enroll.mobileconfig", profile_text());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~AgentProgramTest() override {
    io_.stop();
    thread_.join();
  }

  void write(const std::string& name, const std::string& text) {
    const auto written = io::write_file(directory_ / name, as_bytes(text));
    ASSERT_TRUE(written) << written.error().message();
  }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string state() const { return path("state"); }
  std::string server_url(const std::string& path) const { return server_.url(path); }

  mdm::EnrollmentProfileSpec profile_spec() const {
    mdm::Pkcs12Payload identity;
    identity.password = "a-password-nobody-sees";
    identity.file = fakes::require(crypto::write_pkcs12(pki_.device(), identity.password, "id"));
    auto spec = support::enrollment_spec(server_.url(""), identity, {pki_.root()});
    spec.mdm.check_out_when_removed = true;
    return spec;
  }
  std::string profile_text() const {
    return fakes::require(
        plist::write_xml(fakes::require(mdm::make_enrollment_profile(profile_spec()))));
  }

  /// Runs `use` on the server's thread, with the server.
  template <class Use>
  auto at_server(Use use) {
    std::packaged_task<std::invoke_result_t<Use, fakes::FakeMdm&>()> task(
        [this, &use] { return use(server_); });
    auto result = task.get_future();
    asio::post(io_, [&task] { task(); });
    return result.get();
  }
  std::size_t count(const std::string& kind) {
    return at_server([&](fakes::FakeMdm& server) { return server.count(kind); });
  }
  std::vector<fakes::FakeMdm::Seen> seen() {
    return at_server([](fakes::FakeMdm& server) { return server.seen; });
  }
  /// The commands the server hands out next.
  void queue(const std::deque<std::string>& commands) {
    at_server([&](fakes::FakeMdm& server) { server.commands = commands; });
  }

  /// understudy-agent with these arguments and this state directory.
  support::Output agent(Arguments arguments, const std::string& crash_at = "") const {
    Arguments all = {"env", "UNDERSTUDY_CRASH_AT=" + crash_at,
                     std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--state", state()});
    return support::run(all);
  }
  support::Output enroll(Arguments more = {}) const {
    Arguments arguments = {"enroll", "--profile", path("enroll.mobileconfig"), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return agent(arguments);
  }
  json list() const { return json::parse(agent({"list", "--json"}).out, nullptr, false); }

  /// The JSON lines named `event`.
  static std::vector<json> events(const std::string& output, const std::string& event) {
    std::vector<json> found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
      const json object = json::parse(line, nullptr, false);
      if (object.is_object() && object.value("event", "") == event) found.push_back(object);
    }
    return found;
  }

  support::TempDir directory_;
  asio::io_context io_;
  fakes::Pki pki_;
  fakes::FakeMdm server_;  ///< belongs to the thread: see at_server
  std::thread thread_;
};

}  // namespace understudy::agent
