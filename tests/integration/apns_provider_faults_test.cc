// Each fault on the provider's side, as a provider sees it that we did not write.

#include <future>

#include "tests/integration/apns_fault_fixture.h"

namespace understudy::server {
namespace {

class ProviderFaultTest : public FarEndTest, public testing::WithParamInterface<std::string> {
 protected:
  /// So many requests, each refused as BadDeviceToken where no fault strikes.
  static json requests(int count, bool together = false) {
    json job = {{"requests", json::array()}, {"together", together}};
    for (int i = 0; i < count; ++i) {
      job["requests"].push_back({{"path", "/3/device/" + kUnknownToken}, {"body", "x"}});
    }
    return job;
  }
  static std::string reason(const json& answer) {
    return json::parse(answer["body"].get<std::string>(), nullptr, false).value("reason", "");
  }
  std::string set(const json& more = json::object()) const {
    return fault(rule_for(GetParam(), more));
  }

  void answers() {
    set({{"with", {{"reason", "TooManyRequests"}}}});
    set({{"with", {{"reason", "ServiceUnavailable"}, {"status", 599}}}});
    set({{"with", {{"reason", "Unregistered"}}}});
    const json seen = provider(requests(4))["answers"];
    EXPECT_EQ(seen[0]["status"], 429);
    EXPECT_EQ(reason(seen[0]), "TooManyRequests");
    EXPECT_EQ(seen[1]["status"], 599);
    EXPECT_EQ(reason(seen[1]), "ServiceUnavailable");
    EXPECT_EQ(seen[2]["status"], 410);
    EXPECT_TRUE(json::parse(seen[2]["body"].get<std::string>()).contains("timestamp"));
    EXPECT_EQ(reason(seen[3]), "BadDeviceToken") << "each struck once";
    const json pushes = api("/v1/apns/pushes")["pushes"];  // the newest first
    EXPECT_FALSE(pushes[0].contains("fault"));
    EXPECT_EQ(pushes[3]["fault"]["hop"], "provider.request") << pushes[3];
    EXPECT_EQ(pushes[3]["fault"]["action"], "answer");
  }

  void delays() {
    set({{"with", {{"ms", 3'600'000}}}});
    auto answered = std::async(std::launch::async, [&] { return provider(requests(1)); });
    while (fired() == 0) {
    }
    EXPECT_EQ(answered.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    do api("/v1/clock", {"-d", R"({"advance_seconds": 3600})"});
    while (answered.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready);
    EXPECT_EQ(reason(answered.get()["answers"][0]), "BadDeviceToken");
  }

  void hangs() {
    set();
    json job = requests(2, true);
    job["enough"] = 1;
    const json seen = provider(job)["answers"];
    EXPECT_EQ(seen[0]["status"], nullptr) << seen;
    EXPECT_EQ(seen[0]["reset"], nullptr);
    EXPECT_EQ(seen[1]["status"], 400) << "others are answered";
  }

  void cuts() {
    set();
    const json seen = provider(requests(1));
    EXPECT_EQ(seen["answers"][0]["status"], nullptr) << seen;
    EXPECT_EQ(seen["goaway"], nullptr);
    EXPECT_TRUE(seen["closed"] == true || seen["failure"] != nullptr) << seen;
  }

  void goes_away() {
    set();
    json seen = provider(requests(1));
    EXPECT_EQ(seen["answers"][0]["status"], nullptr) << seen;
    EXPECT_EQ(seen["goaway"]["debug"], R"({"reason":"Shutdown"})");
    EXPECT_EQ(seen["closed"], true);
    set({{"with", {{"reason", "BadCertificate"}}}});
    seen = provider(requests(1));
    EXPECT_EQ(seen["goaway"]["debug"], R"({"reason":"BadCertificate"})");
  }

  void refuses_a_stream() {
    set();
    const json seen = provider(requests(2))["answers"];
    EXPECT_EQ(seen[0]["reset"], 7) << "REFUSED_STREAM: " << seen;
    EXPECT_EQ(seen[0]["status"], nullptr);
    EXPECT_EQ(seen[1]["status"], 400) << "the connection stands";
  }

  void alerts() {
    const std::map<std::string, std::string> texts = {
        {"unknown_ca", "UNKNOWN_CA"},
        {"certificate_expired", "CERTIFICATE_EXPIRED"},
        {"certificate_revoked", "CERTIFICATE_REVOKED"},
        {"bad_certificate", "BAD_CERTIFICATE"},
        {"internal_error", "INTERNAL_ERROR"}};
    for (const char* version : {"1.2", "1.3"}) {
      for (const auto& [alert, text] : texts) {
        set({{"with", {{"alert", alert}}}});
        json job = requests(1);
        job["tls"] = version;
        const json seen = provider(job);
        EXPECT_NE(seen["failure"].dump().find(text), std::string::npos) << alert << seen;
      }
    }
    EXPECT_EQ(provider(requests(1))["answers"][0]["status"], 400);
  }

  /// Who sees which.
  using Self = ProviderFaultTest;
  static Effects<Self> effects() {
    return {{"provider.handshake tls_alert", &Self::alerts},
            {"provider.request answer", &Self::answers},
            {"provider.request delay", &Self::delays},
            {"provider.request hang", &Self::hangs},
            {"provider.request cut", &Self::cuts},
            {"provider.request goaway", &Self::goes_away},
            {"provider.request refuse_stream", &Self::refuses_a_stream}};
  }
};

TEST_P(ProviderFaultTest, IsSeenByTheProvider) {
  ASSERT_NO_FATAL_FAILURE(see_effect(effects(), GetParam()));
  const json rules = api("/v1/faults");
  for (const json& rule : rules["faults"]) EXPECT_EQ(rule["fired"], 1) << rule;
}

INSTANTIATE_TEST_SUITE_P(Each, ProviderFaultTest, testing::ValuesIn(actions_of("provider.")),
                         test_name);

}  // namespace
}  // namespace understudy::server
