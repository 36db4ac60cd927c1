// What is owed at check-in survives kill -9, and options of the transport, with the real program.

#include "tests/integration/agent/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;

class AgentCheckinTest : public AgentProgramTest {
 protected:
  support::Output enroll_mac(const std::string& crash_at = "", Arguments more = {}) {
    mdm::EnrollmentProfileSpec spec = profile_spec();
    spec.mdm.server_capabilities = {"com.apple.mdm.per-user-connections",
                                    "com.apple.mdm.bootstraptoken", "com.apple.mdm.token"};
    write("mac.mobileconfig",
          fakes::require(plist::write_xml(fakes::require(mdm::make_enrollment_profile(spec)))));
    Arguments arguments = {"enroll",       "--profile", path("mac.mobileconfig"), "--model", "mac",
                           "--supervised", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return agent(arguments, crash_at);
  }
  std::vector<FakeMdm::Seen> of_kind(const std::string& kind) {
    std::vector<FakeMdm::Seen> found;
    for (auto& one : seen()) {
      if (one.kind == kind) found.push_back(std::move(one));
    }
    return found;
  }
};

// fact 7.7
TEST_F(AgentCheckinTest, SendsItsBootstrapTokenAgainWhenItDiedBeforeItKnewOfTheAnswer) {
  const auto killed = enroll_mac("agent.bootstrap_token_taken");
  ASSERT_EQ(killed.status, kKilled) << killed.err;
  const auto again = agent({"connect"});
  EXPECT_EQ(again.status, 0) << again.err;
  const auto tokens = of_kind("SetBootstrapToken");
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].request.body, tokens[1].request.body) << "the same token";
  EXPECT_EQ(agent({"connect"}).status, 0);
  EXPECT_EQ(count("SetBootstrapToken"), 2U) << "the server has it now";
}

// fact 7.3
TEST_F(AgentCheckinTest, SendsTheUsersTokenAgainWhenItDiedBeforeItKnewOfTheAnswer) {
  const auto killed = enroll_mac("agent.user_token_taken");
  ASSERT_EQ(killed.status, kKilled) << killed.err;
  EXPECT_EQ(agent({"connect"}).status, 0);
  const auto updates = of_kind("TokenUpdate");
  ASSERT_EQ(updates.size(), 3U) << "the device's, and the user's twice";
  EXPECT_FALSE(updates[0].body.find("UserID"));
  EXPECT_TRUE(updates[1].body.find("UserID"));
  EXPECT_EQ(updates[1].request.body, updates[2].request.body);
  EXPECT_EQ(agent({"connect"}).status, 0);
  EXPECT_EQ(count("TokenUpdate"), 3U);
}

TEST_F(AgentCheckinTest, TellsNobodyWhatItsTokensAre) {
  const std::string log = path("transcript.jsonl");
  const auto enrolled = enroll_mac("", {"--log-level", "debug", "--transcript", log});
  ASSERT_EQ(enrolled.status, 0) << enrolled.err;
  const auto token = of_kind("SetBootstrapToken").at(0).body.data_at("BootstrapToken").value();
  const auto written = fakes::require(io::read_file(log));
  for (const std::string& text : {enrolled.out, enrolled.err, to_text(written)}) {
    EXPECT_EQ(text.find(base64_encode(token).substr(0, 20)), std::string::npos);
    EXPECT_EQ(text.find(hex_encode(token).substr(0, 20)), std::string::npos);
  }
}

// fact 6.7
TEST_F(AgentCheckinTest, FollowsNoRedirectWhenToldNotTo) {
  ASSERT_EQ(enroll().status, 0);
  at_server([](FakeMdm& server) {
    auto moved = net::HttpResponse::text(302, "moved");
    moved.headers.set("Location", "/elsewhere");
    server.script["Idle"] = {moved, moved};
    server.other = [](const net::IncomingRequest&) { return net::HttpResponse::text(200, ""); };
  });
  const auto refused = agent({"connect", "--no-redirects"});
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.err.find("HTTP 302"), std::string::npos) << refused.err;
  EXPECT_EQ(agent({"connect"}).status, 0);
}

}  // namespace
}  // namespace understudy::agent
