// What a provider with a bad certificate is told: 403 by default (apns_matrix_test.cc), a TLS alert
// where the policy says so.

#include "tests/integration/apns_certificate_fixture.h"

namespace understudy::server {
namespace {

/// A certificate of the fixture, and the alert that refuses it.
struct Trouble {
  const char* certificate;
  const char* alert;  ///< as OpenSSL writes it
};
constexpr Trouble kTroubles[] = {
    {"foreign", "unknown ca"},          {"sandbox", "unknown ca"},
    {"revoked", "certificate revoked"}, {"expired", "certificate expired"},
    {"no_topic", "bad certificate"},    {"not_yet_valid", "bad certificate"},
};

class ApnsTroubleTest : public ApnsCertificateTest {
 protected:
  static json one_request(const std::string& tls = "") {
    return {{"tls", tls}, {"requests", {{{"path", "/3/device/" + kUnknownToken}, {"body", "x"}}}}};
  }
  static std::string reason(const json& seen) {
    return json::parse(seen["answers"][0]["body"].get<std::string>(), nullptr, false)["reason"];
  }
  /// Python's ssl names an alert so: TLSV1_ALERT_UNKNOWN_CA.
  static std::string in_python(std::string alert) {
    for (char& c : alert) c = c == ' ' ? '_' : static_cast<char>(std::toupper(c));
    return alert;
  }
  std::string seen_by_openssl(const std::string& certificate, const std::string& version) const {
    const std::string address = ready("apns").substr(std::string("https://").size());
    return support::run({"openssl", "s_client", "-connect", address, version, "-alpn", "h2",
                         "-CAfile", ready("ca"), "-cert", file(certificate + ".pem"), "-key",
                         file(certificate + ".pem"), "-quiet"})
        .err;
  }
};

TEST_F(ApnsTroubleTest, IsAnAlertWhereThePolicySaysSo) {
  start({"--policy", "provider.certificate-trouble=alert"});
  make_troubled();
  issue("good", kPushTopic);
  for (const auto& [certificate, alert] : kTroubles) {
    SCOPED_TRACE(certificate);
    for (const char* version : {"1.2", "1.3"}) {
      const json seen = provider(one_request(version), certificate);
      EXPECT_NE(seen["failure"].dump().find(in_python(alert)), std::string::npos) << seen;
    }
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
      const std::string seen = seen_by_openssl(certificate, version);
      EXPECT_NE(seen.find("alert " + std::string(alert)), std::string::npos) << seen;
    }
  }
  EXPECT_EQ(reason(provider(one_request(), "good")), "BadDeviceToken");
  EXPECT_EQ(reason(provider(one_request(), "")), "MissingProviderToken");
  EXPECT_EQ(reason(provider(one_request(), "sandbox", "sandbox")), "BadDeviceToken");
}

TEST_F(ApnsTroubleTest, AnExpiredOneIsAnInternalErrorWhereThePolicySaysSo) {
  start({"--policy", "provider.certificate-trouble=alert", "--policy",
         "provider.expired-alert=internal_error"});
  issue_at("expired", SystemClock().now() - std::chrono::days(366));
  const json seen = provider(one_request(), "expired");
  EXPECT_NE(seen["failure"].dump().find("INTERNAL_ERROR"), std::string::npos) << seen;
}

TEST_F(ApnsTroubleTest, ARevocationEndsTheConnectionsOfTheCertificate) {
  start();
  const std::string serial = make_by_portal("push");
  issue("good", kPushTopic);
  json seen = provider_until_end(one_request(), "push", [&] { revoke(serial); });
  EXPECT_EQ(reason(seen), "BadDeviceToken");
  EXPECT_EQ(seen["goaway"]["debug"], R"({"reason":"BadCertificate"})") << seen;
  EXPECT_EQ(seen["closed"], true);
  EXPECT_EQ(reason(provider(one_request(), "push")), "BadCertificate");
  EXPECT_EQ(reason(provider(one_request(), "good")), "BadDeviceToken");
}

class ApnsIssueCertTest : public ApnsCertificateTest {
 protected:
  std::vector<std::string> listed() const {
    std::vector<std::string> serials;
    const json all = api("/v1/apns/certificates")["certificates"];
    for (const json& each : all) {
      serials.push_back(each.value("serial", ""));
    }
    return serials;
  }
  std::string reason(const std::string& identity) const {
    const Answer answer =
        curl(ready("apns") + "/3/device/" + kUnknownToken, {"-d", "{}"}, identity);
    return json::parse(answer.body, nullptr, false).value("reason", answer.body);
  }
};

TEST_F(ApnsIssueCertTest, ThePortalKnowsWhatWasIssuedBeforeItAndBesideIt) {
  const std::string before = issue("before", kPushTopic)["serial"];
  start();
  const std::string other_topic = kPushTopic.substr(0, kPushTopic.size() - 1) + "6";
  const std::string beside = issue("beside", other_topic)["serial"];
  EXPECT_EQ(listed(), (std::vector<std::string>{beside, before}));
  EXPECT_EQ(reason("beside"), "BadDeviceToken");

  make_request("renewed");
  const json renewed = api("/v1/apns/certificates/renew?topic=" + kPushTopic,
                           {"--data-binary", "@" + file("renewed.csr")});
  EXPECT_EQ(renewed["topics"], json{kPushTopic}) << renewed;
  EXPECT_EQ(reason("before"), "BadCertificate") << "a renewal revokes it";
  revoke(beside);
  EXPECT_EQ(reason("beside"), "BadCertificate");
  EXPECT_EQ(api("/v1/apns/certificates")["certificates"][1]["requester"],
            "understudy-server apns issue-cert");
}

TEST_F(ApnsIssueCertTest, TheReferenceServersPortalKnowsItAndItsOwn) {
  harness::ProcessOptions options;
  options.arguments = {std::string(UNDERSTUDY_BIN_DIR) + "/understudy-server", "--data-dir",
                       folder()};
  start(options);
  ASSERT_EQ(listed().size(), 1U) << "its own";
  const std::string beside = issue("beside", kPushTopic)["serial"];
  ASSERT_EQ(listed().size(), 2U);
  EXPECT_EQ(listed()[0], beside);
}

TEST_F(ApnsIssueCertTest, ACertificateThatCouldNotBeWrittenServesNobody) {
  const auto unwritable = apns(
      {"issue-cert", "--data-dir", folder(), "--topic", kPushTopic, "--out", "/dev/null/push.pem"});
  EXPECT_EQ(unwritable.status, 2);
  start();
  const json all = api("/v1/apns/certificates")["certificates"];
  for (const json& each : all) EXPECT_FALSE(each["revoked_at"].is_null()) << each;
}

}  // namespace
}  // namespace understudy::server
