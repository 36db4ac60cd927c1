// A server that misbehaves, and what `understudy-agent findings` says of it.

#include "tests/integration/agent/agent_fixture.h"
#include "tools/harness/process.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;

class AgentFindingsTest : public AgentProgramTest {
 protected:
  json findings(const Arguments& more = {}) const {
    Arguments arguments = {"findings", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto output = agent(arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  /// Has two devices and a server that was wrong in three ways.
  void misbehave() {
    ASSERT_EQ(enroll({"--count", "2"}).status, 0);
    queue({FakeMdm::command("A", {{"RequestType", "DeviceLock"}, {"Mesage", "hello"}}),
           FakeMdm::command("B", {{"RequestType", "ClearPasscode"}}), " "});
    const auto connected = agent({"connect", "d1"});
    ASSERT_EQ(connected.status, 0) << connected.err;
    const auto summary = events(connected.out, "summary");
    ASSERT_EQ(summary.size(), 1U) << connected.out;
    EXPECT_EQ(summary[0]["findings"], 3);
    EXPECT_EQ(summary[0]["devices"], 1);
    EXPECT_EQ(summary[0]["failed"], 0);
  }
};

TEST_F(AgentFindingsTest, AreNoneOfARightServer) {
  const auto enrolled = enroll();
  ASSERT_EQ(enrolled.status, 0) << enrolled.err;
  EXPECT_EQ(events(enrolled.out, "summary").at(0)["findings"], 0);
  queue({FakeMdm::command("A", {{"RequestType", "DeviceLock"}})});
  const auto connected = agent({"connect"});
  EXPECT_EQ(events(connected.out, "summary").at(0)["findings"], 0) << connected.err;
  EXPECT_EQ(findings(), json::array());
  EXPECT_EQ(agent({"findings"}).out, "no findings\n");
}

TEST_F(AgentFindingsTest, AreListedTheWorstFirst) {
  misbehave();
  const json all = findings();
  ASSERT_EQ(all.size(), 3U) << all.dump(2);
  EXPECT_EQ(all[0]["id"], "command/missing-key");
  EXPECT_EQ(all[0]["level"], "must");
  EXPECT_EQ(all[0]["device"], "d1");
  EXPECT_EQ(all[0]["command_uuid"], "B");
  EXPECT_EQ(all[0]["source"], "mdm/commands/passcode.clear.yaml");
  EXPECT_EQ(all[0]["count"], 1);
  EXPECT_EQ(all[1]["id"], "http/white-space-body");
  EXPECT_EQ(all[1]["command_uuid"], "");
  EXPECT_EQ(all[2]["id"], "command/unknown-key");
  EXPECT_EQ(all[2]["level"], "should");
  EXPECT_EQ(findings({"--level", "must"}).size(), 2U);
  EXPECT_EQ(findings({"--level", "should"}).size(), 3U);
  EXPECT_EQ(agent({"findings", "--level", "worst"}).status, 1);

  const json devices = list();
  EXPECT_EQ(devices[0]["findings"], 3);
  EXPECT_EQ(devices[1]["findings"], 0);
  EXPECT_EQ(json::parse(agent({"show", "d1", "--json"}).out)["findings"], 3);
}

TEST_F(AgentFindingsTest, AreATableForPeople) {
  misbehave();
  const auto table = agent({"findings"});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 4) << table.out;
  for (const char* part : {"LEVEL", "command/missing-key", "Command.UnlockToken", "d1", "command B",
                           "[mdm/commands/passcode.clear.yaml]"}) {
    EXPECT_NE(table.out.find(part), std::string::npos) << part << "\n" << table.out;
  }
}

TEST_F(AgentFindingsTest, AreCountedAndReadWhileTheAgentRuns) {
  misbehave();
  harness::ProcessOptions options;
  options.arguments = {std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent", "run", "--state",
                       state()};
  auto process = require(harness::Process::start(options));
  const auto line = [&process] {
    return json::parse(require(process.read_line(std::chrono::seconds(20))), nullptr, false);
  };
  json event = line();
  while (event["event"] != "ready") event = line();
  EXPECT_EQ(event["findings"], 3);
  EXPECT_EQ(findings().size(), 3U);
  process.terminate(std::chrono::minutes(1));
  while (event["event"] != "summary") event = line();
  EXPECT_EQ(event["findings"], 3);
  EXPECT_EQ(event["findings_by_level"]["must"].get<int>() +
                event["findings_by_level"]["should"].get<int>() +
                event["findings_by_level"]["info"].get<int>(),
            3);
  EXPECT_EQ(event["conversations"], 0) << "nothing was owed";
  EXPECT_EQ(event["commands"], 0);
  EXPECT_EQ(event["failed"], 0);
  EXPECT_EQ(require(process.wait(std::chrono::seconds(20))), 0);
}

TEST_F(AgentFindingsTest, AreKeptOfAProfileThatIsRefused) {
  std::string text = profile_text();
  const std::string topic = "com.apple.mgmt.External.test";
  text.replace(text.find(topic), topic.size(), "");
  write("enroll.mobileconfig", text);
  EXPECT_EQ(enroll().status, 1);
  const json all = findings();
  ASSERT_EQ(all.size(), 1U) << all.dump(2);
  EXPECT_EQ(all[0]["id"], "profile/topic");
  EXPECT_EQ(all[0]["device"], "");
}

}  // namespace
}  // namespace understudy::agent
