// kill -9 at each step of a conversation: nothing is lost, nothing is done twice. The server here
// keeps a command until it has its result, as a real one does.

#include <set>

#include "tests/integration/agent/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;

class AgentKilledTest : public AgentProgramTest {
 protected:
  void offer(const std::string& command) {
    at_server([&](FakeMdm& server) {
      server.on_request = [this, &server, command](const std::string&) {
        if (server.seen.back().body.string_at("CommandUUID") == "A") answered_ = true;
        server.commands.clear();
        if (!answered_) server.commands.push_back(command);
      };
    });
  }
  bool answered() {
    return at_server([this](FakeMdm&) { return answered_; });
  }

 private:
  bool answered_ = false;
};

class AgentKilled : public AgentKilledTest, public testing::WithParamInterface<const char*> {};

std::string readable(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

TEST_P(AgentKilled, AnswersAndPerformsOnce) {
  ASSERT_EQ(enroll().status, 0);
  offer(FakeMdm::command("A", {{"RequestType", "DeviceLock"}}));
  const auto killed = agent({"connect"}, GetParam());
  ASSERT_EQ(killed.status, kKilled) << GetParam() << " was not passed: " << killed.err;
  const auto again = agent({"connect"});
  ASSERT_EQ(again.status, 0) << again.err;

  EXPECT_TRUE(answered());
  EXPECT_EQ(json::parse(agent({"show", "d1", "--json"}).out)["locked"], true);
  EXPECT_EQ(json::parse(agent({"show", "d1", "--json"}).out)["pending_results"], 0);
  const std::string at = GetParam();
  const bool was_stored = at.find("agent.result_") == 0;
  EXPECT_EQ(events(again.out, "command").size(), was_stored ? 0U : 1U);
  std::set<std::string> bodies;  // sent again, it is the same answer
  for (const auto& one : seen()) {
    if (one.kind == "Acknowledged") bodies.insert(one.request.body);
  }
  EXPECT_EQ(bodies.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, AgentKilled,
                         testing::Values("agent.idle_sent", "agent.command_received",
                                         "agent.before_store", "agent.result_stored",
                                         "agent.result_sent", "agent.result_forgotten"),
                         readable);

class AgentKilledWhileErasing : public AgentKilled {};

TEST_P(AgentKilledWhileErasing, IsErasedOnce) {
  ASSERT_EQ(enroll().status, 0);
  offer(FakeMdm::command("A", {{"RequestType", "EraseDevice"}}));
  ASSERT_EQ(agent({"connect"}, GetParam()).status, kKilled);
  agent({"connect"});  // says that nothing is enrolled, where the answer was on its way already
  EXPECT_TRUE(answered());
  const json device = json::parse(agent({"show", "d1", "--json"}).out);
  EXPECT_EQ(device["state"], "erased");
  EXPECT_EQ(device["erased_times"], 1);
  EXPECT_EQ(count("Acknowledged"), 1U) << "never sent twice";
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, AgentKilledWhileErasing,
                         testing::Values("agent.before_store", "agent.result_stored",
                                         "agent.result_sent"),
                         readable);

class AgentKilledWhileReturning : public AgentKilled {};

TEST_P(AgentKilledWhileReturning, IsErasedOnceAndEnrolledAgain) {
  ASSERT_EQ(enroll().status, 0);
  const auto profile = io::read_file(path("enroll.mobileconfig"));
  ASSERT_TRUE(profile);
  plist::Dict settings = {{"Enabled", true}, {"MDMProfileData", *profile}};
  offer(FakeMdm::command(
      "A", {{"RequestType", "EraseDevice"}, {"ReturnToService", std::move(settings)}}));
  const Arguments connect = {"connect", "d1"};
  ASSERT_EQ(agent(connect, GetParam()).status, kKilled);
  const std::string at = GetParam();
  if (at == "agent.ended") {  // the server never hears the answer, and does not ask an erased phone
    at_server([](FakeMdm& server) {
      server.commands.clear();
      server.on_request = nullptr;
    });
  }
  const auto again = agent(connect);
  EXPECT_EQ(again.status, 0) << again.err;
  const json device = json::parse(agent({"show", "d1", "--json"}).out);
  EXPECT_EQ(device["state"], "enrolled");
  EXPECT_EQ(device["erased_times"], 1);
  EXPECT_EQ(device["pending_results"], 0);
  EXPECT_LE(count("Acknowledged"), 1U) << "never sent twice";
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, AgentKilledWhileReturning,
                         testing::Values("agent.result_stored", "agent.ended", "agent.result_sent"),
                         readable);

class AgentKilledWhileLeaving : public AgentKilled {};

TEST_P(AgentKilledWhileLeaving, EndsUnenrolled) {
  ASSERT_EQ(enroll().status, 0);
  offer(FakeMdm::command("A",
                         {{"RequestType", "RemoveProfile"}, {"Identifier", "org.example.enroll"}}));
  ASSERT_EQ(agent({"connect"}, GetParam()).status, kKilled);
  const auto again = agent({"connect"});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(answered());
  EXPECT_GE(count("CheckOut"), 1U);
  EXPECT_EQ(list()[0]["state"], "not enrolled");
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, AgentKilledWhileLeaving,
                         testing::Values("agent.before_store", "agent.result_stored",
                                         "agent.result_sent", "agent.result_forgotten",
                                         "agent.leave_checkout_sent"),
                         readable);

TEST_F(AgentKilledTest, OwesATokenUpdateWhenKilledAfterAuthenticate) {
  const Arguments arguments = {"enroll", "--profile", path("enroll.mobileconfig")};
  ASSERT_EQ(agent(arguments, "agent.authenticated").status, kKilled);
  EXPECT_EQ(list()[0]["state"], "token pending");
  EXPECT_EQ(agent({"connect"}).status, 0);
  EXPECT_EQ(list()[0]["state"], "enrolled");
  EXPECT_EQ(count("Authenticate"), 1U);
  EXPECT_EQ(count("TokenUpdate"), 1U);
}

}  // namespace
}  // namespace understudy::agent
