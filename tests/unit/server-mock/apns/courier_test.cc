/// The courier over real sockets, seen by a client written apart from shared/apns
/// (tests/support/courier_client.py), with curl as the provider.

#include "server-mock/apns/courier.h"

#include "tests/unit/server-mock/apns/service_harness.h"

namespace understudy::apns_mock {
namespace {

class CourierTest : public ServiceTest {
 protected:
  /// A shell command that pushes to the client's app token.
  std::string push_command(const std::string& id) const {
    return "curl --http2 -sS --fail --cacert '" + file("ca.pem") + "' --cert '" + file("push.pem") +
           "' --key '" + file("push.key") + "' -H 'apns-id: " + id + "' -d '{\"mdm\":\"live\"}' " +
           url("/3/device/{token}");
  }
};

const std::string kIdOne = "00000000-0000-4000-8000-000000000001";
const std::string kIdTwo = "00000000-0000-4000-8000-000000000002";

TEST_F(CourierTest, DeliversALivePushAndReportsItsAck) {
  start();
  const auto seen = courier({"--expect", "1", "--keepalive", "--then", push_command(kIdOne)});
  EXPECT_EQ(seen["status"], 0);
  EXPECT_TRUE(seen["new_token"]);
  EXPECT_TRUE(seen["no_storage"]);
  EXPECT_TRUE(seen["keepalive_answered"]);
  ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
  EXPECT_EQ(seen["pushes"][0]["token"], seen["app"]);
  EXPECT_EQ(seen["pushes"][0]["topic_fits"], true);
  EXPECT_EQ(seen["pushes"][0]["payload"], R"({"mdm":"live"})");
  EXPECT_EQ(seen["pushes"][0]["storage"], 0);
  EXPECT_TRUE(wait_for("acked " + kIdOne));
  EXPECT_TRUE(events.contains("accepted " + kIdOne));
  EXPECT_TRUE(events.contains("delivered " + kIdOne));
  EXPECT_FALSE(events.contains("stored " + kIdOne));
}

TEST_F(CourierTest, DeliversTheNewestStoredPush) {
  start();
  const auto first = courier();
  const std::string token = first["app"];
  EXPECT_EQ(push(token, {"-H", "apns-id: " + kIdOne}).status, "200");
  const auto second = push(token, {"-H", "apns-id: " + kIdTwo});
  EXPECT_EQ(second.status, "200") << second.error;
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(second.headers.at("apns-id"), kIdTwo);
  EXPECT_TRUE(wait_for("replaced " + kIdOne));
  const auto seen = courier({"--token", first["base"], "--expect", "1"});
  EXPECT_FALSE(seen["new_token"]) << "the cached one was accepted";
  ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
  EXPECT_EQ(seen["pushes"][0]["storage"], 3);
  EXPECT_TRUE(wait_for("acked " + kIdTwo));
  EXPECT_TRUE(courier({"--token", first["base"]})["no_storage"]);
}

TEST_F(CourierTest, TokensAndStoredPushesSurviveAKill) {
  start();
  const auto first = courier();
  const std::string token = first["app"];
  EXPECT_EQ(push(token, {"-H", "apns-id: " + kIdOne}).status, "200");
  kill();
  start();
  const auto unacked = courier({"--token", first["base"], "--expect", "1", "--no-ack"});
  EXPECT_EQ(unacked["app"], first["app"]);
  EXPECT_FALSE(unacked["new_token"]);
  ASSERT_EQ(unacked["pushes"].size(), 1U) << unacked;
  kill();
  start();
  const auto seen = courier({"--token", first["base"], "--expect", "1"});
  ASSERT_EQ(seen["pushes"].size(), 1U) << seen;
  EXPECT_TRUE(wait_for("acked " + kIdOne));
  EXPECT_EQ(push(token).status, "200") << "the push certificate is still good";
}

TEST_F(CourierTest, RefusesATokenOfAnotherDevice) {
  start();
  const auto first = courier();
  const auto thief = courier({"--token", first["base"]}, "other_device");
  EXPECT_EQ(thief["status"], 2);
  EXPECT_TRUE(thief.contains("closed"));
  EXPECT_EQ(courier({"--token", first["base"]})["status"], 0);
}

TEST_F(CourierTest, RefusesASignatureOfAnotherKey) {
  start();
  write("mixed.pem", Certificates::get().device.certificate.pem());
  write("mixed.key", Certificates::get().other_device.key.pem());
  EXPECT_EQ(courier({}, "mixed")["status"], 2);
}

TEST_F(CourierTest, ClosesOnFramesThatCannotBeAndThatConnectionOnly) {
  options.courier_options.connect_timeout = std::chrono::seconds(60);  // longer than the test
  start();
  const auto bad_ones = [this] {
    for (const std::string bad : {"07ffffffff", "070000000401000201", "0900000000"}) {
      const auto seen = courier({"--raw", bad}, "other_device");
      EXPECT_TRUE(seen.contains("closed")) << bad << seen;
    }
    // Each has one field of a wrong width: Filter, SetState, Flush, ack, app token request.
    for (const std::string bad :
         {"0900000004010001aa", "1400000005010002aabb", "0f00000004010001aa", "0b00000004040001aa",
          "1100000004010001aa"}) {
      const auto seen = courier({"--step", "raw:" + bad, "--step", "end"}, "other_device");
      EXPECT_EQ(seen["status"], 0) << bad << seen;
      EXPECT_TRUE(seen.contains("closed")) << bad << seen;
    }
  };
  const std::string go = file("go");
  auto other = std::async(std::launch::async, [this, &go] {
    return courier({"--step", "wait", "--step", "run:mkfifo '" + go + "' && cat '" + go + "'",
                    "--step", "keepalive", "--step", "flush"});
  });
  while (!std::filesystem::exists(go) &&
         other.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
  }
  bad_ones();
  std::ofstream(go) << "\n";
  const auto seen = other.get();
  EXPECT_FALSE(seen.contains("closed")) << seen;
  EXPECT_EQ(seen["keepalive_answered"], true) << "others are not disturbed";
}

TEST_F(CourierTest, ClosesAConnectionThatNeverSendsConnect) {
  options.courier_options.connect_timeout = std::chrono::milliseconds(50);
  start();
  // A keepalive is answered: the connection stands, and is closed all the same.
  const auto seen = courier({"--raw", "0c"});
  EXPECT_TRUE(seen.contains("closed")) << seen;
}

TEST_F(CourierTest, ClosesAnIdleConnection) {
  options.policies.courier_idle = std::chrono::milliseconds(500);
  start();
  const auto seen = courier({"--expect", "1"});
  EXPECT_EQ(seen["status"], 0);
  EXPECT_TRUE(seen.contains("closed")) << seen;
}

TEST_F(CourierTest, TakesNoMoreConnectionsThanAllowed) {
  options.courier_options.listener.max_connections = 0;
  start();
  EXPECT_TRUE(courier().contains("failed"));
}

TEST_F(CourierTest, RefusesAnotherProtocol) {
  start();
  EXPECT_TRUE(courier({"--alpn", "apns-pack-v1"}).contains("failed"));
}

TEST_F(CourierTest, ShowsACertificateForItsNames) {
  options.host_names = {"push.example.test", "192.0.2.7"};
  start();
  const auto shown =
      support::run({"openssl", "s_client", "-alpn", "apns-security-v3", "-connect",
                    "127.0.0.1:" + std::to_string(ports.courier), "-CAfile", file("ca.pem"),
                    "-verify_hostname", "courier.push.apple.com", "-verify_return_error"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  write("leaf.pem", shown.out);
  const auto text = support::run({"openssl", "x509", "-in", file("leaf.pem"), "-noout", "-text"});
  for (const std::string name :
       {"courier.push.apple.com", "localhost", "127.0.0.1", "push.example.test", "192.0.2.7"}) {
    EXPECT_NE(text.out.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace understudy::apns_mock
