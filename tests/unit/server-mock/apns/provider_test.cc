/// The provider API over real sockets, seen by curl and nghttp.

#include "server-mock/apns/provider.h"

#include "tests/unit/server-mock/apns/service_harness.h"

namespace understudy::apns_mock {
namespace {

using std::chrono::days;

const std::string kUnknownToken(64, 'b');
const std::string kUuid = "123e4567-e89b-12d3-a456-426614174000";

class ProviderTest : public ServiceTest {
 protected:
  ProviderTest() { start(); }

  static void expect_refusal(const Answer& answer, const std::string& status,
                             const std::string& reason) {
    EXPECT_EQ(answer.status, status) << reason << ": " << answer.error;
    EXPECT_EQ(answer.body, "{\"reason\":\"" + reason + "\"}");
    EXPECT_EQ(answer.headers.count("apns-id"), 1U);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  }
};

TEST_F(ProviderTest, RefusesWithStatusReasonAndId) {
  expect_refusal(push(kUnknownToken), "400", "BadDeviceToken");
  const auto named = push(kUnknownToken, {"-H", "apns-id: " + kUuid});
  expect_refusal(named, "400", "BadDeviceToken");
  EXPECT_EQ(named.headers.at("apns-id"), kUuid);
  expect_refusal(push("abcd"), "400", "BadDeviceToken");
  expect_refusal(push(""), "400", "MissingDeviceToken");
  expect_refusal(curl("/", {"-d", "x"}), "404", "BadPath");
  expect_refusal(curl("/3/device/" + kUnknownToken, {}), "405", "MethodNotAllowed");
  expect_refusal(curl("/3/device/" + kUnknownToken, {"-X", "POST"}), "400", "PayloadEmpty");
  expect_refusal(push(kUnknownToken, {"-H", "apns-topic: com.example.app"}), "400",
                 "TopicDisallowed");
  expect_refusal(push(kUnknownToken, {"-H", "apns-priority: 10", "-H", "apns-priority: 10"}), "400",
                 "DuplicateHeaders");
}

TEST_F(ProviderTest, AnswersTooLargeBeforeAHundredMegabytesHaveCome) {
  const auto small = curl("/3/device/" + kUnknownToken, {"-d", std::string(4097, 'x')});
  expect_refusal(small, "413", "PayloadTooLarge");
  std::ofstream(dir / "huge").close();
  std::filesystem::resize_file(dir / "huge", 100'000'000);
  const auto huge =
      curl("/3/device/" + kUnknownToken, {"--data-binary", "@" + file("huge"), "-H", "Expect:"});
  expect_refusal(huge, "413", "PayloadTooLarge");
}

TEST_F(ProviderTest, JudgesTheClientCertificate) {
  expect_refusal(curl("/3/device/" + kUnknownToken, {"-d", "x"}, ""), "403",
                 "MissingProviderToken");
  expect_refusal(
      curl("/3/device/" + kUnknownToken, {"-d", "x", "-H", "authorization: bearer a.b.c"}, ""),
      "403", "InvalidProviderToken");
  expect_refusal(curl("/3/device/" + kUnknownToken, {"-d", "x"}, "device"), "403",
                 "BadCertificate");
}

TEST_F(ProviderTest, RefusesACertificateThatHasExpired) {
  expect_refusal(push(kUnknownToken), "400", "BadDeviceToken");
  clock->advance(days(366));
  expect_refusal(push(kUnknownToken), "403", "BadCertificate");
}

TEST_F(ProviderTest, SpeaksTls12AndTls13ButNotHttp1) {
  expect_refusal(push(kUnknownToken, {"--tls-max", "1.2"}), "400", "BadDeviceToken");
  expect_refusal(push(kUnknownToken, {"--tlsv1.3"}), "400", "BadDeviceToken");
  EXPECT_EQ(push(kUnknownToken, {"--http1.1"}).status, "");
  EXPECT_EQ(push(kUnknownToken, {"--no-alpn", "--http1.1"}).status, "");
  expect_refusal(push(kUnknownToken), "400", "BadDeviceToken");
}

TEST_F(ProviderTest, RefusesHugeHeadersWithoutKeepingThem) {
  const auto answer = push(kUnknownToken, {"-H", "x-junk: " + std::string(20'000, 'j')});
  EXPECT_EQ(answer.status, "431") << answer.error;
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.headers.count("apns-id"), 1U);
  const auto received =
      ask([this] { return service->hub(Environment::production).counters().received; });
  EXPECT_EQ(received, 1U);
}

TEST_F(ProviderTest, NghttpSeesSettingsManyStreamsAndKnownNames) {
  write("body", R"({"mdm":"magic"})");
  const auto output = support::run({"nghttp", "-nv", "--no-verify-peer", "-m", "20", "-d",
                                    file("body"), "--cert", file("push.pem"), "--key",
                                    file("push.key"), url("/3/device/" + kUnknownToken)});
  EXPECT_NE(output.out.find("SETTINGS_MAX_CONCURRENT_STREAMS(0x03):1000"), std::string::npos)
      << output.out << output.err;
  std::size_t answers = 0;
  for (auto at = output.out.find(":status: 400"); at != std::string::npos;
       at = output.out.find(":status: 400", at + 1)) {
    ++answers;
  }
  EXPECT_EQ(answers, 20U);
  EXPECT_NE(output.out.find("apns-id: "), std::string::npos);
}

TEST_F(ProviderTest, SaysGoodbyeOnShutdown) {
  // openssl as an idle provider: it prints what it is sent until it is closed.
  auto witness = std::async(std::launch::async, [this] {
    return support::run(
        {"timeout", "15", "openssl", "s_client", "-quiet", "-alpn", "h2", "-connect",
         "127.0.0.1:" + std::to_string(ports.provider), "-CAfile", file("ca.pem")},
        "");
  });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (ask([this] { return service->provider_connections(); }) == 0 &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  stop();
  EXPECT_NE(witness.get().out.find("{\"reason\":\"Shutdown\"}"), std::string::npos);
}

TEST_F(ServiceTest, ClosesAProviderThatStaysSilent) {
  options.provider_options.listener.handshake_timeout = std::chrono::milliseconds(50);
  start();
  const auto witness =
      support::run({"timeout", "20", "openssl", "s_client", "-quiet", "-alpn", "h2", "-connect",
                    "127.0.0.1:" + std::to_string(ports.provider), "-CAfile", file("ca.pem")});
  EXPECT_NE(witness.status, 124) << "timeout had to end it";
}

}  // namespace
}  // namespace understudy::apns_mock
