#pragma once

/// The server with a device that has a push token, held by a courier client that shares no code
/// with us.

#include "tests/integration/server_fixture.h"

namespace understudy::server {

class ServerPush : public ServerTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "python3 is not installed";
    ServerTest::SetUp();
  }
  json courier(const Arguments& more) {
    const std::string address = ready("courier");
    Arguments arguments = {"/usr/bin/python3",
                           std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/courier_client.py",
                           "--port",
                           address.substr(address.rfind(':') + 1),
                           "--ca",
                           ready("ca"),
                           "--cert",
                           file("courier.pem"),
                           "--key",
                           file("courier.key"),
                           "--topic",
                           ready("topic")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto output = support::run(arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  /// Enrolls D1 with a token that the courier gave for it.
  void enroll_with_token() {
    make_foreign_identity("courier");
    const json connected = courier({});
    const auto token = hex_decode(connected["app"].get<std::string>());
    ASSERT_TRUE(token);
    enroll("D1", "one", *token);
  }
  std::string wait_for_hop(const std::string& uuid, const std::string& hop) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      const json answer = api_json(200, {}, "/v1/commands/" + uuid);
      for (const json& entry : answer["timeline"]) {
        if (entry["hop"] == hop) return entry["detail"];
      }
    }
    ADD_FAILURE() << hop << " did not happen";
    return "";
  }
};

}  // namespace understudy::server
