// What is said about the push service on the command line, of both programs.

#include <algorithm>

#include "tests/integration/apns_program_fixture.h"

namespace understudy::server {
namespace {

const char* const kBadRule = "delivery:dorp";

class ApnsFlagsTest : public ApnsProgramTest {
 protected:
  /// Exit code 1, one line, with this in it.
  void expect_usage_error(Arguments arguments, const std::string& text) const {
    arguments.insert(arguments.end(), {"--data-dir", folder()});
    for (const bool alone : {true, false}) {
      Arguments whole = arguments;
      whole.insert(whole.begin(), std::string(UNDERSTUDY_BIN_DIR) + "/understudy-server");
      if (alone) whole.insert(whole.begin() + 1, "apns");
      const auto refused = support::run(whole);
      EXPECT_EQ(refused.status, 1) << refused.err;
      EXPECT_EQ(refused.out, "");
      EXPECT_NE(refused.err.find(text), std::string::npos) << refused.err;
      EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    }
  }
};

TEST_F(ApnsFlagsTest, RefusesBadRulesAndPolicies) {
  expect_usage_error({"--fault", kBadRule}, "it has: drop, delay");
  expect_usage_error({"--fault", R"({"hop": "delivery"})"}, "action: is missing");
  expect_usage_error({"--fault", "delivery:drop,id=a", "--fault", "delivery:drop,id=a"},
                     "a rule with the id 'a' is set");
  write("rules.json", "[{\"hop\": \"delivery\",\n \"action\": }]");
  expect_usage_error({"--faults", file("rules.json")},
                     "rules.json: fault rules: bad JSON at line 2");
  expect_usage_error({"--policy", "provider.tokens=loose"}, "it takes strict | lenient");
  expect_usage_error({"--policy", "provider.tokens"}, "write NAME=VALUE");
}

TEST_F(ApnsFlagsTest, RefusesAHostThatIsNone) {
  expect_usage_error({"--host", ""}, "--host is empty; give the name or address");
  expect_usage_error({"--host", "a b"}, "--host 'a b' is no name and no address");
  expect_usage_error({"--host", "http://a"}, "--host 'http://a' is no name");
}

TEST_F(ApnsFlagsTest, SetsRulesAndPolicies) {
  write("rules.json", R"([{"id": "first", "hop": "delivery", "action": "drop"}])");
  start({"--fault", "delivery:delay,ms=5,token=ab*", "--faults", file("rules.json"), "--fault",
         R"({"hop": "courier.write", "action": "oversize", "percent": 1})", "--policy",
         "courier.identity=lenient"});
  const json rules = api("/v1/faults")["faults"];
  ASSERT_EQ(rules.size(), 3U) << rules;
  EXPECT_EQ(rules[0]["id"], "first");
  EXPECT_EQ(rules[1]["with"]["ms"], 5);
  EXPECT_EQ(rules[1]["match"]["token"], "ab*");
  EXPECT_EQ(rules[2]["action"], "oversize");
  EXPECT_EQ(api("/v1/apns/snapshot")["policies"]["courier.identity"], "lenient");
}

TEST_F(ApnsFlagsTest, RemembersAsManyPushesAsItIsTold) {
  start({"--journal", "2"});
  issue("push", kPushTopic);
  for (int i = 0; i < 3; ++i) curl(ready("apns") + "/3/device/" + kUnknownToken, {"-d", "x"});
  const json pushes = api("/v1/apns/pushes");
  EXPECT_EQ(pushes["pushes"].size(), 2U) << pushes;
  EXPECT_EQ(pushes["last_sequence"], 3);
  EXPECT_EQ(apns({"--data-dir", folder(), "--journal", "0"}).status, 1);
}

TEST_F(ApnsFlagsTest, PrintsPoliciesAndFaultPoints) {
  const auto policies = apns({"--policies", "--policy", "courier.redeliver-after=7"});
  EXPECT_EQ(policies.status, 0) << policies.err;
  EXPECT_NE(policies.out.find("courier.redeliver-after=7\n"), std::string::npos) << policies.out;
  EXPECT_NE(policies.out.find("provider.tokens=strict\n"), std::string::npos);
  EXPECT_EQ(apns({"--policies", "--policy", "no=thing"}).status, 1);
  const auto points = apns({"--fault-points"});
  EXPECT_EQ(points.status, 0) << points.err;
  EXPECT_NE(points.out.find("courier.connect:rotate_token\n"), std::string::npos) << points.out;
  EXPECT_NE(points.out.find("ms: an integer from 0 to 3600000; 1000 if it is not given"),
            std::string::npos)
      << points.out;
}

TEST_F(ApnsFlagsTest, EndsWhileARequestWaits) {
  start();
  harness::ProcessOptions options;
  options.arguments = {"/usr/bin/env",
                       "curl",
                       "-sS",
                       "-u",
                       "nanomdm:" + ready("api_key"),
                       "--trace-ascii",
                       "-",
                       ready("api") + "/v1/apns/tokens/" + kUnknownToken + "/next?wait=300"};
  auto waiting = harness::Process::start(options);
  ASSERT_TRUE(waiting) << waiting.error().message();
  // It has sent its request.
  for (std::string line; line.find("=> Send header") == std::string::npos;) {
    const auto next = waiting->read_line(std::chrono::seconds(10));
    ASSERT_TRUE(next) << next.error().message();
    line = *next;
  }
  EXPECT_TRUE(api("/v1/apns/tokens").contains("tokens"));
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(waiting->wait(std::chrono::seconds(10)).value_or(-1), -1);
}

}  // namespace
}  // namespace understudy::server
