// `understudy up`, and what a device without a push channel can still get.

#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "tests/e2e/stand_fixture.h"
#include "tests/support/command.h"
#include "tools/harness/process.h"

namespace understudy::e2e {
namespace {

using std::chrono::seconds;

class Up : public testing::Test {
 protected:
  /// The ready line of `up --devices N`.
  json start(int devices) {
    harness::ProcessOptions options;
    options.arguments = {kUnderstudy, "up",
                         "--devices", std::to_string(devices),
                         "--state",   directory_.path().string()};
    auto process = harness::Process::start(options);
    EXPECT_TRUE(process);
    process_.emplace(std::move(*process));
    const auto line = process_->read_line(seconds(60));
    EXPECT_TRUE(line) << (line ? "" : line.error().message());
    return json::parse(line.value_or(""), nullptr, false);
  }
  void stop() {
    process_->terminate(std::chrono::minutes(1));
    EXPECT_EQ(process_->wait(seconds(20)).value_or(-1), 0);
  }
  static json get(harness::Api& api, const std::string& path) {
    return json::parse(api.get(path).value_or("{}"), nullptr, false);
  }

  support::TempDir directory_;
  std::optional<harness::Process> process_;
};

TEST_F(Up, EnrollsAnotherDeviceForOneThatWasErased) {
  json ready = start(2);
  EXPECT_EQ(ready["devices"], 2);
  harness::Api api(ready["api"], ready["api_key"]);
  const std::string id = get(api, "/v1/devices")["devices"][0]["id"];
  const auto wiped = api.post("/v1/devices/" + id + "/actions", R"({"action": "wipe"})");
  ASSERT_TRUE(wiped) << wiped.error().message();
  const std::string uuid = json::parse(*wiped)["command_uuid"];
  ASSERT_EQ(get(api, "/v1/commands/" + uuid + "?wait=30")["status"], "acknowledged");
  stop();

  ready = start(2);
  EXPECT_EQ(ready["devices"], 2);
  harness::Api again(ready["api"], ready["api_key"]);
  int enrolled = 0;
  const json list = get(again, "/v1/devices");
  for (const json& device : list["devices"]) {
    if (device["state"] == "enrolled") ++enrolled;
  }
  EXPECT_EQ(enrolled, 2);
  EXPECT_EQ(list["devices"].size(), 3U);
  stop();
  EXPECT_EQ(start(1)["devices"], 2) << "as many as there are";
  stop();
}

/// What a device does is told on a pipe that holds 64 KiB; this is more than that.
TEST_F(Up, GoesOnForAnyNumberOfCommands) {
  const json ready = start(1);
  harness::Api api(ready["api"], ready["api_key"]);
  const std::string id = get(api, "/v1/devices")["devices"][0]["id"];
  std::string last;
  for (int i = 0; i < 400; ++i) {
    const auto asked = api.post("/v1/devices/" + id + "/actions",
                                R"({"action":"command","command":{"RequestType":"ProfileList"}})");
    ASSERT_TRUE(asked) << asked.error().message();
    last = json::parse(*asked)["command_uuid"];
  }
  json command;
  for (int turn = 0; turn < 10 && command["status"] != "acknowledged"; ++turn) {
    command = get(api, "/v1/commands/" + last + "?wait=20");  // it takes minutes under tsan
  }
  EXPECT_EQ(command["status"], "acknowledged");
  stop();
}

/// `up` waits for SIGTERM, and looks at its children now and then: the signal must wait for it.
TEST(HarnessProcess, TakesNoSignalAwayFromItsOwner) {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR1);
  const support::TempDir directory;
  const std::string gate = (directory / "gate").string();
  ASSERT_EQ(::mkfifo(gate.c_str(), 0600), 0);
  harness::ProcessOptions options;
  // More than a pipe holds: when the gate is open at both ends, somebody is reading.
  options.arguments = {"/bin/sh", "-c",
                       "head -c 1000000 /dev/zero; read -r _ < \"$0\"; kill -USR1 $PPID", gate};
  auto process = harness::Process::start(options);
  ASSERT_TRUE(process);
  process->ignore_output();
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  std::ofstream(gate) << "go\n";
  EXPECT_EQ(process->wait(seconds(20)).value_or(-1), 0);
  const timespec at_once{};
  EXPECT_EQ(sigtimedwait(&wanted, nullptr, &at_once), SIGUSR1);
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

TEST(UnderstudyProgram, NamesTheWordItDoesNotKnow) {
  const auto output = support::run({kUnderstudy, "frob"});
  EXPECT_EQ(output.status, 1);
  EXPECT_NE(output.err.find("'frob'"), std::string::npos) << output.err;
}

TEST(UnderstudyProgram, RefusesAnUnknownKeyOfItsFileAndTellsItsVersion) {
  const support::TempDir directory;
  const std::string file = (directory.path() / "understudy.ini").string();
  std::ofstream(file) << "[up]\ndevcies = 2\n";
  const auto refused = support::run({kUnderstudy, "--config", file, "up"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("key 'up.devcies' is unknown"), std::string::npos) << refused.err;
  const auto version = support::run({kUnderstudy, "--version"});
  EXPECT_EQ(version.status, 0) << version.err;
  EXPECT_NE(version.out.find('.'), std::string::npos) << version.out;
}

TEST_F(StandTest, GivesAPushChannelToADeviceThatHasNone) {
  ASSERT_RESULT(stand_.start_server());
  const harness::ServerAddress& address = stand_.address();
  ASSERT_RESULT(stand_.agent_command({"enroll", "--profile", address.enroll, "--ca", address.ca}));
  // A slip is mended by the next run.
  ASSERT_RESULT(
      stand_.start_agent({"--courier", "127.0.0.1:1", "--ca", address.ca, "--ready-timeout", "0"}));
  stand_.agent().terminate(std::chrono::minutes(1));
  ASSERT_RESULT(stand_.agent().wait(seconds(20)));
  ASSERT_RESULT(stand_.start_agent({"--courier", address.courier, "--ca", address.ca}));
  const std::string id = device_ids().at(0);
  ASSERT_TRUE(enqueue(id, "U1", {{"RequestType", "DeviceLock"}}));
  EXPECT_EQ(finished("U1")["status"], "acknowledged");
}

}  // namespace
}  // namespace understudy::e2e
