#include "shared/scep/client.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/scep/exchange.h"

namespace understudy::scep {
namespace {

using test::Answer;
using test::code_of;
using test::kNow;
using test::make_ca;
using test::must;
using test::Trace;

class ClientTest : public test::Scep {
 protected:
  void expect_good(const Result<crypto::Identity>& identity) {
    ASSERT_TRUE(identity) << identity.error().message();
    EXPECT_EQ(identity->certificate.public_key(), key.public_key());
    EXPECT_EQ(identity->key.der(), key.der());
    const std::vector<crypto::Certificate> anchors{ca.certificate()};
    EXPECT_TRUE(crypto::verify_chain(identity->certificate, {}, anchors, kNow));
    EXPECT_EQ(identity->chain, anchors);
  }
};

TEST_F(ClientTest, EnrollsByPost) {
  expect_good(run());
  EXPECT_EQ(trace, (Trace{"GET GetCACaps", "GET GetCACert", "POST PKIOperation"}));
}

TEST_F(ClientTest, EnrollsByGetWhenPostIsNotOffered) {
  responder_options.capabilities = Capabilities::parse("AES\nSHA-256");
  expect_good(run());
  EXPECT_EQ(trace.back(), "GET PKIOperation");
}

TEST_F(ClientTest, EnrollsWithEachChoiceOfAlgorithms) {
  for (const char* capabilities :
       {"DES3\nSHA-1", "AES\nSHA-512\nPOSTPKIOperation", "SCEPStandard", "des3\nsha-512"}) {
    responder_options.capabilities = Capabilities::parse(capabilities);
    expect_good(run());
  }
}

TEST_F(ClientTest, EnrollsThroughAnRa) {
  responder_options.ra = make_ra(ca);
  expect_good(run());
}

TEST_F(ClientTest, EnrollsWithIndefiniteLengths) {
  client_options.indefinite_length = true;
  expect_good(run());
  responder_options.capabilities = Capabilities::parse("AES\nSHA-256");
  expect_good(run());
}

TEST_F(ClientTest, KeepsTheUrlsOwnQueryAndAlwaysSendsTheName) {
  client_options.url = "https://ca.example/scep?tenant=7";
  client_options.name = "My CA&1";
  Client client = make_client();
  EXPECT_EQ(std::get<HttpGet>(must(client.start())).url,
            "https://ca.example/scep?tenant=7&operation=GetCACaps&message=My%20CA%261");
  client_options.name = "";
  Client nameless = make_client();
  EXPECT_EQ(std::get<HttpGet>(must(nameless.start())).url,
            "https://ca.example/scep?tenant=7&operation=GetCACaps&message=");
  const auto next = must(nameless.answered(200, "text/plain", as_bytes("SCEPStandard")));
  EXPECT_EQ(std::get<HttpGet>(next).url,
            "https://ca.example/scep?tenant=7&operation=GetCACert&message=");
}

TEST_F(ClientTest, RefusesACaWithoutAcceptableAlgorithms) {
  for (const char* capabilities : {"", "POSTPKIOperation", "AES\nPOSTPKIOperation", "SHA-256\nDES",
                                   "<html>not found</html>"}) {
    trace.clear();
    const auto result = run([&](const std::string& operation, Answer& answer) {
      if (operation == "GetCACaps") answer.body = to_bytes(std::string_view(capabilities));
    });
    EXPECT_EQ(code_of(result), errc::weak_ca) << capabilities;
    EXPECT_EQ(trace.size(), 1U) << "it goes no further";
  }
}

TEST_F(ClientTest, ComparesTheFingerprint) {
  const Bytes der = ca.certificate().der();
  for (const Bytes& fingerprint :
       {crypto::md5(der), crypto::digest(crypto::Digest::sha1, der),
        crypto::digest(crypto::Digest::sha256, der), crypto::digest(crypto::Digest::sha512, der)}) {
    client_options.ca_fingerprint = fingerprint;
    expect_good(run());
    client_options.ca_fingerprint[3] ^= 1;
    const auto result = run();
    EXPECT_EQ(code_of(result), errc::fingerprint);
    EXPECT_EQ(trace.back(), "GET GetCACert") << "no request leaves for the wrong CA";
  }
  client_options.ca_fingerprint = Bytes(7, 1);
  EXPECT_EQ(code_of(run()), errc::fingerprint);
}

TEST_F(ClientTest, WantsTheRaToBeMadeByTheExpectedCa) {
  client_options.ca_fingerprint = crypto::digest(crypto::Digest::sha256, ca.certificate().der());
  responder_options.ra = make_ra(ca);
  expect_good(run());
  responder_options.ra = make_ra(make_rsa_ca());
  EXPECT_EQ(code_of(run()), crypto::errc::untrusted);
}

TEST_F(ClientTest, WantsRealRaCertificates) {
  const std::vector<crypto::Certificate> only_cas{ca.certificate(),
                                                  make_rsa_ca("Root").certificate()};
  const auto curve = crypto::test::make_identity(ca, crypto::KeyType::p256);
  const std::vector<crypto::Certificate> cannot_encipher{ca.certificate(), curve.certificate};
  for (const auto& set : {only_cas, cannot_encipher, std::vector<crypto::Certificate>{}}) {
    const auto result = run([&](const std::string& operation, Answer& answer) {
      if (operation != "GetCACert") return;
      answer.type = kTypeCaRaCert;
      answer.body = must(crypto::cms::certificates_only(set));
    });
    EXPECT_EQ(code_of(result), errc::malformed);
  }
}

TEST_F(ClientTest, TellsTheFailInfo) {
  for (const FailInfo info : {FailInfo::bad_alg, FailInfo::bad_message_check, FailInfo::bad_request,
                              FailInfo::bad_time, FailInfo::bad_cert_id}) {
    responder_options.decide = [info](const auto&, const auto&) {
      return Decision{Decision::Kind::refuse, info, "because"};
    };
    const auto result = run();
    EXPECT_EQ(code_of(result), errc::refused);
    const std::string message = result.error().message();
    EXPECT_NE(message.find(fail_info_name(info)), std::string::npos) << message;
  }
}

TEST_F(ClientTest, PollsWhilePendingAndTheFirstTimeAtOnce) {
  int asked = 0;
  responder_options.decide = [&](const crypto::CertificateRequest& request, const auto&) {
    EXPECT_EQ(request.challenge(), "sesame");
    return Decision{++asked < 4 ? Decision::Kind::pend : Decision::Kind::issue, {}, ""};
  };
  client_options.retry_delay = std::chrono::seconds(7);
  expect_good(run());
  EXPECT_EQ(trace, (Trace{"GET GetCACaps", "GET GetCACert", "POST PKIOperation", "wait 0",
                          "POST PKIOperation", "wait 7", "POST PKIOperation", "wait 7",
                          "POST PKIOperation"}));
}

TEST_F(ClientTest, GivesUpAfterTheLastRetry) {
  responder_options.decide = [](const auto&, const auto&) {
    return Decision{Decision::Kind::pend, {}, ""};
  };
  client_options.retries = 2;
  EXPECT_EQ(code_of(run()), errc::pending);
  EXPECT_EQ(std::ranges::count(trace, "POST PKIOperation"), 3) << "the request and two polls";
  trace.clear();
  client_options.retries = 0;
  EXPECT_EQ(code_of(run()), errc::pending);
  EXPECT_EQ(std::ranges::count(trace, "POST PKIOperation"), 1);
}

TEST_F(ClientTest, IsRefusedWhenThePendingRequestIsRefusedLater) {
  int asked = 0;
  responder_options.decide = [&](const auto&, const auto&) {
    return ++asked == 1 ? Decision{Decision::Kind::pend, {}, ""}
                        : Decision{Decision::Kind::refuse, FailInfo::bad_time, "late"};
  };
  EXPECT_EQ(code_of(run()), errc::refused);
}

TEST_F(ClientTest, FailsWhenTheHttpAnswerIsUnusable) {
  for (const std::string step : {"GetCACaps", "GetCACert", "PKIOperation"}) {
    for (const int status : {404, 500, 204, 302}) {
      const auto result = run([&](const std::string& operation, Answer& answer) {
        if (operation == step) answer.status = status;
      });
      EXPECT_EQ(code_of(result), errc::transport) << step << status;
      EXPECT_NE(result.error().message().find(std::to_string(status)), std::string::npos);
    }
  }
  for (const std::string step : {"GetCACert", "PKIOperation"}) {
    const auto result = run([&](const std::string& operation, Answer& answer) {
      if (operation == step) answer.type = "text/html";
    });
    EXPECT_EQ(code_of(result), errc::transport) << step;
  }
}

TEST_F(ClientTest, TakesContentTypesWithParametersInAnyCase) {
  expect_good(run([](const std::string& operation, Answer& answer) {
    if (operation == "GetCACert") answer.type = "Application/X-X509-CA-Cert; charset=binary";
  }));
}

TEST_F(ClientTest, FailsWhenAnAnswerIsDamaged) {
  for (const std::string step : {"GetCACert", "PKIOperation"}) {
    for (const Bytes& body : {Bytes{}, Bytes(1 << 20, 0x30), to_bytes("<html>")}) {
      const auto result = run([&](const std::string& operation, Answer& answer) {
        if (operation == step) answer.body = body;
      });
      EXPECT_FALSE(result) << step;
    }
    const auto result = run([&](const std::string& operation, Answer& answer) {
      if (operation == step) answer.body.resize(answer.body.size() / 2);
    });
    EXPECT_FALSE(result) << step;
  }
}

TEST_F(ClientTest, IsFinishedAfterAnError) {
  Client client = make_client();
  ASSERT_TRUE(client.start());
  EXPECT_FALSE(client.start());
  EXPECT_EQ(code_of(client.answered(500, "", {})), errc::transport);
  EXPECT_EQ(code_of(client.answered(200, "text/plain", as_bytes("SCEPStandard"))),
            understudy::errc::invalid_argument);
  EXPECT_EQ(code_of(client.waited()), understudy::errc::invalid_argument);
}

TEST_F(ClientTest, HasAnRsaKeyCarryACurveKey) {
  key = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
  client_options.carrier = must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  expect_good(run());
}

TEST_F(ClientTest, NeedsAnRsaKey) {
  Client client(client_options, must(crypto::PrivateKey::generate(crypto::KeyType::p256)), kNow);
  EXPECT_EQ(code_of(client.start()), crypto::errc::unsupported);
}

}  // namespace
}  // namespace understudy::scep
