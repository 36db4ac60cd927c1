#include "server-mock/apns/hints.h"

#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace understudy::apns_mock {
namespace {

HintFacts facts() {
  HintFacts facts;
  facts.provider_port = 1001;
  facts.sandbox_port = 1002;
  facts.proxy_port = 1003;
  facts.ca = "/data/ca.pem";
  facts.bundle = "/data/ca-bundle.pem";
  return facts;
}

/// What a shell that evaluates the hint has in that variable.
std::string evaluated(const std::string& hint, const std::string& variable) {
  const auto output =
      support::run({"sh", "-ec", "eval \"$1\"; printf %s \"$" + variable + "\"", "sh", hint});
  EXPECT_EQ(output.status, 0) << output.err << hint;
  return output.out;
}

TEST(Hints, KnowTheirTargets) {
  for (const char* name : {"nanomdm", "micromdm", "zentral", "fleet", "hosts"}) {
    const auto target = hint_target(name);
    ASSERT_TRUE(target) << name;
    const std::string text = hint(*target, facts());
    EXPECT_TRUE(text.starts_with("# ")) << name;
    EXPECT_TRUE(text.ends_with("\n")) << name;
    EXPECT_NE(text.find("/data/ca.pem"), std::string::npos) << name;
  }
  EXPECT_FALSE(hint_target("jamf"));
}

TEST(Hints, LeadThroughTheProxyAndTrustTheBundle) {
  for (const HintTarget target : {HintTarget::nanomdm, HintTarget::micromdm, HintTarget::zentral}) {
    const std::string text = hint(target, facts());
    EXPECT_EQ(evaluated(text, "HTTPS_PROXY"), "http://127.0.0.1:1003");
    EXPECT_EQ(evaluated(text, "SSL_CERT_FILE"), "/data/ca-bundle.pem");
    EXPECT_NE(text.find("NO_PROXY"), std::string::npos);
  }
}

TEST(Hints, GiveFleetItsOwnVariable) {
  const std::string text = hint(HintTarget::fleet, facts());
  EXPECT_EQ(evaluated(text, "FLEET_DEV_MDM_APPLE_PUSH_SERVER_URL"), "https://127.0.0.1:1001");
  EXPECT_EQ(evaluated(text, "SSL_CERT_FILE"), "/data/ca-bundle.pem");
  EXPECT_EQ(evaluated(text, "HTTPS_PROXY"), "");
  EXPECT_NE(text.find("--dev"), std::string::npos);
}

TEST(Hints, TrustTheCaAloneWhereTheSystemHasNoBundle) {
  HintFacts without = facts();
  without.bundle.clear();
  const std::string text = hint(HintTarget::nanomdm, without);
  EXPECT_EQ(evaluated(text, "SSL_CERT_FILE"), "/data/ca.pem");
  EXPECT_NE(text.find("trusts"), std::string::npos);
}

TEST(Hints, SurviveAnyPathInAShell) {
  HintFacts odd = facts();
  odd.bundle = "/it's $HOME/`a` \"b\".pem";
  odd.host = "::1";
  const std::string text = hint(HintTarget::micromdm, odd);
  EXPECT_EQ(evaluated(text, "SSL_CERT_FILE"), odd.bundle);
  EXPECT_EQ(evaluated(text, "HTTPS_PROXY"), "http://[::1]:1003");
}

TEST(Hints, WriteLinesOfHosts) {
  HintFacts local = facts();
  local.host = "localhost";
  const std::string text = hint(HintTarget::hosts, local);
  EXPECT_NE(text.find("\n127.0.0.1 api.push.apple.com\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n127.0.0.1 api.sandbox.push.apple.com api.development.push.apple.com\n"),
            std::string::npos);
  local.sandbox_port = 0;
  EXPECT_EQ(hint(HintTarget::hosts, local).find("sandbox"), std::string::npos);
}

}  // namespace
}  // namespace understudy::apns_mock
