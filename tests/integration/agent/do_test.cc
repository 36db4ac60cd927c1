// understudy-agent do: a person's hands, beside a `run` and without one.

#include <sys/stat.h>

#include "tests/integration/agent/agent_fixture.h"
#include "tools/harness/process.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;

class DoTest : public AgentProgramTest {
 protected:
  support::Output hand(const std::string& action, const std::string& argument = "") const {
    Arguments arguments = {"do", "d1", action};
    if (!argument.empty()) arguments.push_back(argument);
    return agent(arguments);
  }
  json show() const { return json::parse(agent({"show", "d1", "--json"}).out, nullptr, false); }
  static std::string certificates(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "CertificateList"}});
  }
  std::string socket() const { return state() + "/control.sock"; }

  harness::Process run() const {
    harness::ProcessOptions options;
    options.arguments = {std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent", "run", "--state",
                         state()};
    options.error_log = path("run.log");
    auto process = require(harness::Process::start(options));
    wait_for(process, "ready");
    return process;
  }
  /// The next event of that name.
  static json wait_for(harness::Process& process, const std::string& event) {
    for (;;) {
      const auto line = process.read_line(std::chrono::seconds(20));
      if (!line) {
        ADD_FAILURE() << event << ": " << line.error().message();
        return {};
      }
      json object = json::parse(*line, nullptr, false);
      if (object.is_object() && object.value("event", "") == event) return object;
    }
  }
};

TEST_F(DoTest, ChangesADeviceThatNoProcessHolds) {
  ASSERT_EQ(enroll({"--passcode", "918273"}).status, 0);
  const auto locked = hand("lock");
  EXPECT_EQ(locked.status, 0) << locked.err;
  EXPECT_EQ(locked.out, "d1 is locked\n");
  EXPECT_EQ(show()["locked"], true);
  queue({certificates("A")});
  EXPECT_EQ(events(agent({"connect", "d1"}).out, "command").at(0)["status"], "NotNow");
  const auto wrong = hand("unlock", "111111");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(hand("unlock", "918273").out, "d1 is unlocked\n");
  queue({certificates("A")});
  EXPECT_EQ(events(agent({"connect", "d1"}).out, "command").at(0)["status"], "Acknowledged");
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(DoTest, KeepsADeviceFromConnectingWhileItIsOffline) {
  ASSERT_EQ(enroll().status, 0);
  ASSERT_EQ(hand("go-offline").status, 0);
  const auto refused = agent({"connect", "d1"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("it is offline"), std::string::npos) << refused.err;
  EXPECT_EQ(count("Idle"), 0U);
  ASSERT_EQ(hand("come-online").status, 0);
  EXPECT_EQ(agent({"connect", "d1"}).status, 0);
}

TEST_F(DoTest, UnderstandsAPlaceInTheSouth) {
  ASSERT_EQ(enroll().status, 0);
  const auto there = hand("travel", "-33.8568,151.2153");
  EXPECT_EQ(there.status, 0) << there.err;
  EXPECT_EQ(there.out, "d1 is at -33.8568,151.2153\n");
}

TEST_F(DoTest, SaysGoodbyeToTheServer) {
  ASSERT_EQ(enroll().status, 0);
  ASSERT_EQ(hand("remove-profile", "org.example.enroll").status, 0);
  EXPECT_EQ(count("CheckOut"), 1U);
  EXPECT_EQ(list()[0]["state"], "not enrolled");
}

TEST_F(DoTest, ReachesADeviceThatRuns) {
  ASSERT_EQ(enroll({"--passcode", "918273"}).status, 0);
  ASSERT_EQ(hand("lock").status, 0);
  queue({certificates("A")});
  ASSERT_EQ(agent({"connect", "d1"}).status, 0);  // its last word is NotNow
  queue({certificates("A")});
  auto process = run();
  struct stat status{};
  ASSERT_EQ(::stat(socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  const auto unlocked = hand("unlock", "918273");
  EXPECT_EQ(unlocked.out, "d1 is unlocked\n") << unlocked.err;
  const json event = wait_for(process, "hand");
  EXPECT_EQ(event["action"], "unlock");
  EXPECT_EQ(event.dump().find("918273"), std::string::npos) << "it may be a passcode";
  EXPECT_EQ(wait_for(process, "command")["status"], "Acknowledged") << "it came back by itself";

  const auto unknown = hand("juggle");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.err.find("there are unlock, lock"), std::string::npos) << unknown.err;
  EXPECT_EQ(agent({"do", "d7", "lock"}).status, 1);
  process.terminate(std::chrono::minutes(1));
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(DoTest, WorksAfterARunThatWasKilled) {
  ASSERT_EQ(enroll().status, 0);
  run().kill();
  ASSERT_TRUE(std::filesystem::exists(socket()));
  EXPECT_EQ(hand("lock").out, "d1 is locked\n");
  auto process = run();
  EXPECT_EQ(hand("set-passcode", "4711").out, "d1 has a new passcode\n");
}

TEST_F(DoTest, SaysWhatThereIsInOneLine) {
  ASSERT_EQ(enroll().status, 0);
  const std::vector<std::pair<Arguments, std::string>> lines = {
      {{"do", "d1", "juggle"}, "there are unlock, lock, set-passcode"},
      {{"do", "d7", "lock"}, "`list` names the devices"},
      {{"do", "d1", "travel", "home"}, "LAT,LON"},
      {{"do", "d1", "travel"}, "travel LAT,LON"},
      {{"do", "d1"}, "ACTION"},
      {{"do", "d1", "remove-app", "org.example.none"}, "org.example.none"},
  };
  for (const auto& [arguments, words] : lines) {
    const auto output = agent(arguments);
    EXPECT_EQ(output.status, 1) << words << ": " << output.err;
    EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
    EXPECT_NE(output.err.find(words), std::string::npos) << output.err;
  }
  const std::string help = agent({"do", "--help"}).out;
  for (const char* form : {"unlock [PASSCODE]", "travel LAT,LON", "power-nap on|off"}) {
    EXPECT_NE(help.find(form), std::string::npos) << help;
  }
}

}  // namespace
}  // namespace understudy::agent
