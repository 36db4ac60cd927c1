// `understudy-server apns` as a program: its ready line, push certificates, the way through the
// proxy, hints, its end.

#include <sys/stat.h>

#include "tests/integration/apns_program_fixture.h"

namespace understudy::server {
namespace {

const std::string kBadToken = R"({"reason":"BadDeviceToken"})";

TEST_F(ApnsProgramTest, PrintsOneReadyLineAndEndsCleanly) {
  start({"--api-key", "secret", "--seed", "7"});
  EXPECT_EQ(ready("event"), "ready");
  EXPECT_TRUE(ready("apns").starts_with("https://127.0.0.1:"));
  EXPECT_TRUE(ready("sandbox").starts_with("https://127.0.0.1:"));
  EXPECT_TRUE(ready("courier").starts_with("127.0.0.1:"));
  EXPECT_TRUE(ready("light").starts_with("127.0.0.1:"));
  EXPECT_TRUE(ready("proxy").starts_with("http://127.0.0.1:"));
  EXPECT_TRUE(ready("api").starts_with("http://127.0.0.1:"));
  EXPECT_EQ(ready("api_key"), "secret");
  EXPECT_EQ(ready_["seed"], 7);
  EXPECT_TRUE(std::filesystem::exists(ready("ca")));
  EXPECT_TRUE(std::filesystem::exists(ready("push_ca")));
  EXPECT_EQ(stop(), 0);
}

TEST_F(ApnsProgramTest, KeepsItsPortsKeysAndCa) {
  start();
  const json first = ready_;
  ASSERT_EQ(stop(), 0);
  start();
  json second = ready_;
  second["seed"] = first["seed"];
  EXPECT_EQ(second, first);
}

TEST_F(ApnsProgramTest, TakesPushesDirectlyAndThroughTheProxy) {
  issue("push", kPushTopic);  // before the first start
  start();
  const Arguments body = {"-d", R"({"mdm":"magic"})"};
  const Answer direct = curl(ready("apns") + "/3/device/" + kUnknownToken, body);
  EXPECT_EQ(direct.status, 400) << direct.error;
  EXPECT_EQ(direct.body, kBadToken);
  for (const char* port : {"", ":2197"}) {
    Arguments through = body;
    through.insert(through.end(), {"--proxy", ready("proxy")});
    const Answer answer = curl(
        "https://api.push.apple.com" + std::string(port) + "/3/device/" + kUnknownToken, through);
    EXPECT_EQ(answer.status, 400) << answer.error;
    EXPECT_EQ(answer.body, kBadToken);
  }
}

TEST_F(ApnsProgramTest, TheProxyIsFoundByTheEnvironmentAndTellsTheEnvironmentsApart) {
  start();
  issue("push", kPushTopic);
  const std::string token = make_token();  // production's courier made it
  const auto push = [&](const std::string& host) {
    return support::run({"env",
                         "-u",
                         "https_proxy",
                         "-u",
                         "NO_PROXY",
                         "-u",
                         "no_proxy",
                         "HTTPS_PROXY=" + ready("proxy"),
                         "curl",
                         "--http2",
                         "-sS",
                         "--max-time",
                         "20",
                         "--cacert",
                         ready("ca"),
                         "--cert",
                         file("push.pem"),
                         "-d",
                         "{}",
                         "-w",
                         "%{http_code}",
                         "https://" + host + "/3/device/" + token});
  };
  EXPECT_EQ(push("api.push.apple.com").out, "200");
  const Answer sandbox = curl(ready("sandbox") + "/3/device/" + token, {"-d", "{}"});
  ASSERT_NE(sandbox.status, 200);
  const std::string expected = sandbox.body + std::to_string(sandbox.status);
  EXPECT_EQ(push("api.sandbox.push.apple.com").out, expected);
  EXPECT_EQ(push("api.development.push.apple.com:2197").out, expected);
  const auto elsewhere = push("example.com");
  EXPECT_EQ(elsewhere.status, 56);
  EXPECT_NE(elsewhere.err.find("403"), std::string::npos) << elsewhere.err;
}

TEST_F(ApnsProgramTest, IssuesOnePemThatOpensslReads) {
  issue("push", kPushTopic);
  struct stat status{};
  ASSERT_EQ(::stat(file("push.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto subject =
      support::run({"openssl", "x509", "-noout", "-subject", "-in", file("push.pem")});
  EXPECT_NE(subject.out.find("UID = " + kPushTopic), std::string::npos) << subject.out;
  const auto verified = support::run(
      {"openssl", "verify", "-CAfile", folder() + "/apns/push-ca.pem", file("push.pem")});
  EXPECT_EQ(verified.status, 0) << verified.err;
  const std::string text = to_text(io::read_file(file("push.pem")).value());
  EXPECT_EQ(text.find("BEGIN CERTIFICATE"), text.rfind("BEGIN CERTIFICATE"));
  EXPECT_NE(text.find("PRIVATE KEY"), std::string::npos);
}

TEST_F(ApnsProgramTest, IssuesNothingThatWouldNotServe) {
  const auto refused = [this](const std::string& topic, const std::string& out) {
    return apns({"issue-cert", "--data-dir", folder(), "--topic", topic, "--out", out});
  };
  for (const char* topic : {"com.example.app", "", "com.apple.mgmt.", "com.apple.mgmt.a b"}) {
    const auto output = refused(topic, file("push.pem"));
    EXPECT_EQ(output.status, 1) << topic;
    EXPECT_NE(output.err.find("topic"), std::string::npos) << output.err;
  }
  EXPECT_FALSE(std::filesystem::exists(file("push.pem")));
  const auto unwritable = refused(kPushTopic, "/dev/null/push.pem");
  EXPECT_EQ(unwritable.status, 2);
  EXPECT_NE(unwritable.err.find("/dev/null/push.pem"), std::string::npos) << unwritable.err;

  write("push.pem", "something of value");
  const auto existing = refused(kPushTopic, file("push.pem"));
  EXPECT_EQ(existing.status, 1);
  EXPECT_NE(existing.err.find("--force"), std::string::npos) << existing.err;
  EXPECT_EQ(to_text(io::read_file(file("push.pem")).value()), "something of value");
  issue("push", kPushTopic, {"--force"});
  EXPECT_EQ(apns({"issue-cert", "--out", file("x")}).status, 1);
}

TEST_F(ApnsProgramTest, IssuesByTheClockOfTheFolder) {
  start({"--virtual-clock"});
  issue("old", kPushTopic);
  const std::string url = ready("apns") + "/3/device/" + kUnknownToken;
  EXPECT_EQ(api("/v1/clock", {"-d", R"({"advance_seconds":31622400})"})["virtual"], true);
  EXPECT_EQ(curl(url, {"-d", "{}"}, "old").body, R"({"reason":"BadCertificate"})");
  issue("new", kPushTopic);
  EXPECT_EQ(curl(url, {"-d", "{}"}, "new").body, kBadToken);
}

TEST_F(ApnsProgramTest, HintsLeadCurlToThePushService) {
  const auto early = apns({"hint", "nanomdm", "--data-dir", folder()});
  EXPECT_EQ(early.status, 2);
  EXPECT_EQ(early.out, "");
  EXPECT_NE(early.err.find("understudy-server apns --data-dir"), std::string::npos) << early.err;
  EXPECT_FALSE(std::filesystem::exists(folder()));

  start();
  issue("push", kPushTopic);
  // curl stands for the MDM server: it knows both variables, too.
  for (const char* server : {"nanomdm", "micromdm", "zentral"}) {
    const auto hint = apns({"hint", server, "--data-dir", folder()});
    ASSERT_EQ(hint.status, 0) << hint.err;
    const auto pushed =
        support::run({"sh", "-ec",
                      "unset NO_PROXY no_proxy https_proxy CURL_CA_BUNDLE SSL_CERT_DIR; eval "
                      "\"$1\"; exec curl --http2 -sS --max-time 20 --cert \"$2\" "
                      "-d '{}' https://api.push.apple.com/3/device/" +
                          kUnknownToken,
                      "sh", hint.out, file("push.pem")});
    EXPECT_EQ(pushed.out, kBadToken) << pushed.err << hint.out;
  }
  const auto fleet = apns({"hint", "fleet", "--data-dir", folder()});
  EXPECT_NE(fleet.out.find("'" + ready("apns") + "'"), std::string::npos) << fleet.out;
  const auto hosts = apns({"hint", "hosts", "--data-dir", folder()});
  EXPECT_NE(hosts.out.find("\n127.0.0.1 api.push.apple.com\n"), std::string::npos) << hosts.out;
  EXPECT_EQ(apns({"hint", "jamf", "--data-dir", folder()}).status, 1);
}

TEST_F(ApnsProgramTest, GuardsItsApi) {
  start();
  EXPECT_TRUE(api("/version").contains("version"));
  EXPECT_EQ(api("/v1/clock")["virtual"], false);
  const auto status = [this](Arguments more) {
    more.insert(more.begin(), {"curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"});
    return support::run(more).out;
  };
  EXPECT_EQ(status({ready("api") + "/version"}), "200");
  EXPECT_EQ(status({ready("api") + "/v1/clock"}), "401");
  EXPECT_EQ(status({"-u", "nanomdm:wrong", ready("api") + "/v1/clock"}), "401");
}

TEST_F(ApnsProgramTest, ExitsAsDocumented) {
  EXPECT_EQ(apns({"--help"}).status, 0);
  EXPECT_EQ(apns({"issue-cert", "--help"}).status, 0);
  EXPECT_EQ(apns({"hint", "--help"}).status, 0);
  EXPECT_EQ(apns({"--no-such-option"}).status, 1);
  EXPECT_EQ(apns({"--data-dir", folder(), "--policy", "no.such=policy"}).status, 1);
  EXPECT_EQ(apns({"--data-dir", folder(), "--policy", "nothing"}).status, 1);
  EXPECT_EQ(apns({"--data-dir", folder(), "--listen", "192.0.2.1"}).status, 2);
  EXPECT_EQ(apns({"--data-dir", "/dev/null/apns"}).status, 2);
}

}  // namespace
}  // namespace understudy::server
