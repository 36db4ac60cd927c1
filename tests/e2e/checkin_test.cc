// Agent and reference server together: user channels, tokens, the way back to service.

#include <filesystem>

#include "shared/core/rng.h"
#include "tests/e2e/stand_fixture.h"
#include "tests/support/command.h"

namespace understudy::e2e {
namespace {

class CheckinTest : public StandTest {
 protected:
  void start(const std::string& model, const std::vector<std::string>& extra = {}) {
    ASSERT_RESULT(stand_.start_server());
    harness::EnrollOptions options;
    options.model = model;
    options.extra = {"--supervised", "--transcript", transcript()};
    options.extra.insert(options.extra.end(), extra.begin(), extra.end());
    ASSERT_RESULT(stand_.enroll(options));
    ASSERT_RESULT(stand_.start_agent({"--transcript", transcript()}));
  }
  std::string transcript() const { return (directory_.path() / "agent.jsonl").string(); }

  json run(const std::string& id, plist::Dict command) {
    const std::string uuid = rng_.uuid();
    EXPECT_TRUE(enqueue(id, uuid, std::move(command)));
    return finished(uuid);
  }
  /// The agent's next event of that name.
  json event(const std::string& name) {
    for (;;) {
      const auto line = stand_.agent().read_line(std::chrono::seconds(60));
      if (!line) return {{"error", line.error().message()}};
      json one = json::parse(*line, nullptr, false);
      if (one.is_object() && one.value("event", "") == name) return one;
    }
  }
  void judge(const std::string& platform, const std::string& os) {
    if (!std::filesystem::exists(kOracle)) GTEST_SKIP() << kOracle << " is not here";
    const auto judged =
        support::run({"/usr/bin/python3",
                      std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/judge_transcript.py",
                      kOracle, transcript(), "--platform", platform, "--os", os, "--supervised"});
    EXPECT_EQ(judged.status, 0) << judged.out << judged.err;
  }

  Rng rng_ = Rng(1);
};

// fact 9.2, 7.3, 7.7: a command for a user is queued, pushed, and performed on their channel
TEST_F(CheckinTest, CommandsAMacsUserOverTheirOwnChannel) {
  ASSERT_NO_FATAL_FAILURE(start("mac"));
  const auto devices = device_ids(), users = user_ids();
  ASSERT_EQ(devices.size(), 1U);
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0].substr(0, users[0].find(':')), devices[0]);
  const json user = device(users[0]), mac = device(devices[0]);
  EXPECT_EQ(user["state"], "enrolled");
  EXPECT_EQ(user["user_short_name"], "owner");
  EXPECT_EQ(user["not_on_console"], false);
  EXPECT_NE(user["push_token_label"], mac["push_token_label"]);
  EXPECT_EQ(mac["bootstrap_token"]["octets"], 64);
  EXPECT_FALSE(mac.contains("user_short_name"));

  json command = run(users[0], {{"RequestType", "ActiveNSExtensions"}});
  EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);
  command = reached(command["command_uuid"], "push_delivered");
  for (const char* hop : {"push_queued", "push_sent", "push_delivered", "idle", "result"}) {
    EXPECT_TRUE(hops(command).contains(hop)) << hop << ": " << command.dump(2);
  }
  EXPECT_EQ(run(devices[0], {{"RequestType", "ProfileList"}})["status"], "acknowledged");

  ASSERT_RESULT(stand_.agent_command({"do", "d1", "log-out"}));
  const std::string later = rng_.uuid();
  ASSERT_TRUE(enqueue(users[0], later, {{"RequestType", "ActiveNSExtensions"}}));
  EXPECT_EQ(run(devices[0], {{"RequestType", "ProfileList"}})["status"], "acknowledged");
  const auto waiting = stand_.api().get("/v1/commands/" + later);
  ASSERT_RESULT(waiting);
  EXPECT_NE(json::parse(*waiting)["status"], "acknowledged") << "fact 9.3: nobody is there";
  ASSERT_RESULT(stand_.agent_command({"do", "d1", "log-in", "owner"}));
  EXPECT_EQ(finished(later)["status"], "acknowledged");
  const json counters = json::parse(stand_.api().get("/v1/counters").value_or("{}"));
  EXPECT_EQ(counters.value("schema_problems", -1), 0) << "the server's own witness";
  judge("macOS", "15.1");
}

// fact 7.9
TEST_F(CheckinTest, GivesADeviceItsTokens) {
  ASSERT_NO_FATAL_FAILURE(start("iphone"));
  ASSERT_RESULT(stand_.agent_command({"do", "d1", "get-token", "maid"}));
  json token = event("service_token");
  EXPECT_EQ(token["service"], "com.apple.maid");
  EXPECT_GT(token.value("octets", 0), 300) << token.dump();
  ASSERT_RESULT(stand_.agent_command({"do", "d1", "pair-watch"}));
  token = event("service_token");
  EXPECT_EQ(token["service"], "com.apple.watch.pairing");
  EXPECT_GT(token.value("octets", 0), 300) << token.dump();
  judge("iOS", "18.1");
  ASSERT_RESULT(stand_.agent_command({"do", "d1", "get-token", "org.example.other"}));
  token = event("service_token");
  EXPECT_FALSE(token.contains("octets"));
  EXPECT_NE(token.value("why", "").find("HTTP 400"), std::string::npos) << token.dump();
}

// fact 7.8, 11.7
TEST_F(CheckinTest, GivesAMacItsBootstrapTokenBack) {
  ASSERT_NO_FATAL_FAILURE(start("mac"));
  const auto devices = device_ids();
  const json command = run(devices.at(0), {{"RequestType", "RestartDevice"},
                                           {"RebuildKernelCache", true},
                                           {"KextPaths", plist::Array{"/Library/Extensions/x"}}});
  EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);
  EXPECT_EQ(event("bootstrap_token").value("escrow", ""), "the device's");
  judge("macOS", "15.1");
}

// docs/protocol/courier.md: a token that ended is replaced at the next Connect
TEST_F(CheckinTest, GetsAnotherPushTokenForOneThatEnded) {
  ASSERT_NO_FATAL_FAILURE(start("iphone"));
  const std::string id = device_ids().at(0);
  const auto live_app_token = [this] {
    const auto answer = stand_.api().get("/v1/apns/tokens");
    const json tokens = json::parse(answer.value_or("{}")).value("tokens", json::array());
    for (const json& token : tokens) {
      if (token.contains("topic") && token["life"] == "live") return token.value("token", "");
    }
    return std::string();
  };
  for (const char* how : {"unregister", "expire"}) {
    const std::string before = live_app_token();
    ASSERT_FALSE(before.empty());
    ASSERT_RESULT(stand_.api().post("/v1/apns/tokens/" + before + "/" + how, ""));
    ASSERT_RESULT(stand_.api().post("/v1/apns/disconnect", ""));
    EXPECT_EQ(event("token_update").value("device", ""), "d1");
    event("conversation");  // only a push starts another one
    EXPECT_TRUE(live_app_token().starts_with(device(id).value("push_token_label", "none")));
    const json command = run(id, {{"RequestType", "ProfileList"}});
    EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);
    const json pushed = reached(command["command_uuid"], "push_delivered");
    EXPECT_TRUE(hops(pushed).contains("push_delivered")) << pushed.dump(2);
  }
}

// fact 11.4
TEST_F(CheckinTest, ErasesADeviceThatEnrollsByItself) {
  ASSERT_NO_FATAL_FAILURE(start("iphone"));
  const auto devices = device_ids();
  const auto profile =
      support::run({"curl", "-sS", "--cacert", stand_.address().ca, stand_.address().enroll});
  ASSERT_EQ(profile.status, 0) << profile.err;
  const plist::Dict settings = {{"Enabled", true}, {"MDMProfileData", to_bytes(profile.out)}};
  const json erased =
      run(devices.at(0), {{"RequestType", "EraseDevice"}, {"ReturnToService", settings}});
  EXPECT_EQ(erased["status"], "acknowledged") << erased.dump(2);
  EXPECT_EQ(event("returned")["device"], "d1");
  event("token_update");
  EXPECT_EQ(device_ids(), devices) << "it is the same device";
  EXPECT_EQ(device(devices[0])["state"], "enrolled");
  EXPECT_EQ(run(devices[0], {{"RequestType", "ProfileList"}})["status"], "acknowledged")
      << "and it listens to pushes with its new secrets";
  judge("iOS", "18.1");
}

}  // namespace
}  // namespace understudy::e2e
