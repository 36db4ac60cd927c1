// NanoMDM's calls as its own guide makes them, with curl.

#include "tests/integration/server_fixture.h"

namespace understudy::server {
namespace {

using ServerApi = ServerTest;

TEST_F(ServerApi, SaysItsVersionToAnybody) {
  const Answer answer = curl({ready("api") + "/version"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(json::parse(answer.body)["version"].is_string());
  EXPECT_EQ(curl({ready("api") + "/v1/devices"}).status, 401);
  EXPECT_EQ(curl({"-u", "nanomdm:wrong", ready("api") + "/v1/devices"}).status, 401);
}

TEST_F(ServerApi, EnqueuesACommandFromStandardInput) {
  enroll("D1", "one");
  const auto output = support::run({"curl", "-sS", "-T", "-", "-u", "nanomdm:" + ready("api_key"),
                                    ready("api") + "/v1/enqueue/D1"},
                                   command("U1"));
  const json answer = json::parse(output.out);
  EXPECT_EQ(answer["command_uuid"], "U1");
  EXPECT_EQ(answer["request_type"], "ProfileList");
  EXPECT_TRUE(answer["status"]["D1"]["push_result"].is_string());
}

TEST_F(ServerApi, PushesToSeveralDevices) {
  enroll("D1", "one");
  const json answer = api_json(207, {}, "/v1/push/D1,nobody");
  EXPECT_TRUE(answer["status"]["D1"].contains("push_result"));
  EXPECT_TRUE(answer["status"]["nobody"].contains("push_error"));
}

TEST_F(ServerApi, TakesAPushCertificateMadeByOpenssl) {
  const std::string topic = "com.apple.mgmt.External.00000000-0000-0000-0000-00000000000f";
  const auto made = support::run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                                  "-subj", "/UID=" + topic + "/CN=APSP", "-days", "30", "-keyout",
                                  file("push.key"), "-out", file("push.pem")});
  ASSERT_EQ(made.status, 0) << made.err;
  const auto joined = support::run({"cat", file("push.pem"), file("push.key")});
  write("both.pem", as_bytes(joined.out));
  const json answer = api_json(200, {"-T", file("both.pem")}, "/v1/pushcert");
  EXPECT_EQ(answer["topic"], topic);
  const Answer profile = curl({"--cacert", ready("ca"), ready("enroll")});
  EXPECT_NE(profile.body.find(topic), std::string::npos) << "new profiles name the new topic";
}

TEST_F(ServerApi, ShowsItsOwnPushServiceAndTakesFaultsForIt) {
  EXPECT_EQ(api_json(200, {}, "/v1/apns/tokens")["total"], 0);
  EXPECT_EQ(api({}, "/metrics").status, 200);
  EXPECT_EQ(curl({ready("api") + "/metrics"}).status, 401);
  api_json(201, {"-d", R"({"hop": "provider.request", "action": "answer",
                           "with": {"reason": "TooManyRequests"}})"},
           "/v1/faults");
  enroll("D1", "one");
  EXPECT_EQ(api({}, "/v1/push/D1").status, 200);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  json rules;
  do rules = api_json(200, {}, "/v1/faults")["faults"];
  while (rules[0]["fired"] == 0 && std::chrono::steady_clock::now() < until);
  EXPECT_GE(rules[0]["fired"], 1) << "our messaging service pushes there";
  EXPECT_EQ(api_json(200, {}, "/v1/apns/pushes?limit=1")["pushes"][0]["reason"], "TooManyRequests");
}

TEST_F(ServerApi, RefusesFaultsForAnotherPushService) {
  stop();
  options_.push_host = "127.0.0.1:1";
  options_.faults.rules = {"delivery:drop"};
  asio::io_context io;
  const auto refused = Server::start(io.get_executor(), options_, *clock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::invalid_argument) << refused.error().message();
}

TEST_F(ServerApi, AnswersAWaitWhenTheDeviceHasAnswered) {
  enroll("D1", "one");
  enqueue("D1", "U1", "?nopush=1");
  auto waiting = std::async(std::launch::async, [&] { return api({}, "/v1/commands/U1?wait=20"); });
  EXPECT_EQ(put("one", report("D1", "Idle")).body, command("U1"));
  EXPECT_EQ(put("one", report("D1", "Acknowledged", "U1")).status, 200);
  const Answer answer = waiting.get();
  EXPECT_EQ(json::parse(answer.body)["status"], "acknowledged");
}

}  // namespace
}  // namespace understudy::server
