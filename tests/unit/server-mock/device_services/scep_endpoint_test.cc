#include "server-mock/device_services/scep_endpoint.h"

#include "shared/scep/client.h"
#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

class ScepEndpointTest : public ServicesTest {
 protected:
  std::string challenge() {
    const auto response = call(request("GET", "/enroll"));
    const auto profile = must(mdm::parse_enrollment_profile(as_bytes(response.body)));
    return std::get<mdm::ScepPayload>(profile.identity).challenge;
  }
  /// A whole enrollment with our own client.
  Result<crypto::Identity> enroll_with(const std::string& challenge) {
    return enroll_with(challenge, ids_.first.key);
  }
  Result<crypto::Identity> enroll_with(const std::string& challenge,
                                       const crypto::PrivateKey& key) {
    scep::ClientOptions options;
    options.url = "https://mdm.example.org/scep";
    options.request.subject = crypto::Name::of({{"CN", "device"}});
    options.request.challenge = challenge;
    scep::Client client(options, key, clock_->now());
    Result<scep::Action> action = client.start();
    while (action && !std::holds_alternative<scep::Done>(*action)) {
      action = answer(client, *action);
    }
    if (!action) return tl::unexpected(action.error());
    return std::get<scep::Done>(*action).identity;
  }
  Result<scep::Action> answer(scep::Client& client, const scep::Action& action) {
    net::IncomingRequest incoming;
    if (const auto* get = std::get_if<scep::HttpGet>(&action)) {
      incoming = request("GET", path_of(get->url));
    } else {
      const auto& post = std::get<scep::HttpPost>(action);
      incoming = request("POST", path_of(post.url), to_text(post.body));
    }
    const auto response = call(std::move(incoming));
    return client.answered(response.status, response.headers.find("Content-Type").value_or(""),
                           as_bytes(response.body));
  }
  /// Of a client that chooses its transactionID; ours derives it from the key.
  scep::Attributes ask(const std::string& transaction_id, const crypto::Identity& identity,
                       const std::string& challenge) {
    crypto::CertificateRequest::Options options;
    options.subject = crypto::Name::of({{"CN", "device"}});
    options.challenge = challenge;
    const auto csr = must(crypto::CertificateRequest::create(identity.key, options));
    const Bytes envelope = must(
        crypto::cms::encrypt(csr.der(), ids_.ca.certificate(), crypto::cms::Cipher::aes_128_cbc));
    scep::Attributes attributes;
    attributes.transaction_id = transaction_id;
    attributes.sender_nonce = Bytes(16, 7);
    const Bytes message =
        must(scep::build_message(attributes, envelope, identity, crypto::Digest::sha256));
    const auto response = call(request("POST", "/scep?operation=PKIOperation", to_text(message)));
    return must(scep::parse_message(as_bytes(response.body))).attributes;
  }
  static std::string path_of(const std::string& url) {
    return url.substr(std::string("https://mdm.example.org").size());
  }
};

TEST_F(ScepEndpointTest, IssuesACertificateForAChallenge) {
  const auto identity = must(enroll_with(challenge()));
  EXPECT_TRUE(identity.certificate.issued_by(ids_.ca.certificate()));
  EXPECT_EQ(must(store_->certificate_owner(identity.certificate.fingerprint())), "")
      << "known, and bound to nobody";
  enroll("D1", identity);
  EXPECT_EQ(must(store_->certificate_owner(identity.certificate.fingerprint())), "D1");
}

TEST_F(ScepEndpointTest, RefusesAWrongChallenge) {
  const auto refused = enroll_with("wrong");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, scep::errc::refused);
  EXPECT_FALSE(enroll_with(""));
}

TEST_F(ScepEndpointTest, RefusesAnExpiredChallenge) {
  const std::string old = challenge();
  clock_->advance(std::chrono::hours(2));
  const auto refused = enroll_with(old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, scep::errc::refused);
}

TEST_F(ScepEndpointTest, UsesAChallengeUp) {
  const std::string once = challenge();
  ASSERT_TRUE(store_->use_challenge(challenge_digest(once), "another transaction", clock_->now()));
  const auto refused = enroll_with(once);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, scep::errc::refused);
}

TEST_F(ScepEndpointTest, RepeatsACertificateForTheSameKeyOnly) {
  const std::string once = challenge();
  const auto first = must(enroll_with(once));
  const auto again = must(enroll_with(once));  // its reply got lost
  EXPECT_EQ(again.certificate.public_key(), first.certificate.public_key());
  const auto refused = enroll_with(once, ids_.second.key);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, scep::errc::refused);
  clock_->advance(std::chrono::hours(2));
  EXPECT_FALSE(enroll_with(once)) << "for ever is too long";
}

TEST_F(ScepEndpointTest, RefusesAnotherKeyInTheSameTransaction) {
  const std::string once = challenge();
  EXPECT_EQ(ask("T1", ids_.first, once).status, scep::PkiStatus::success);
  EXPECT_EQ(ask("T1", ids_.first, once).status, scep::PkiStatus::success);
  const scep::Attributes refused = ask("T1", ids_.second, once);
  EXPECT_EQ(refused.status, scep::PkiStatus::failure);
  EXPECT_EQ(refused.fail_info, scep::FailInfo::bad_request);
  EXPECT_EQ(ask("T2", ids_.first, once).status, scep::PkiStatus::failure);
}

TEST_F(ScepEndpointTest, AnswersNonsenseWithOneLine) {
  for (const char* target :
       {"/scep", "/scep?operation=Dance", "/scep?operation=PKIOperation&message=%21",
        "/scep?operation=PKIOperation&message=aGVsbG8%3D"}) {
    const auto response = call(request("GET", target));
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'), 1) << response.body;
  }
  EXPECT_EQ(call(request("POST", "/scep?operation=PKIOperation", "hello")).status, 400);
  EXPECT_EQ(call(request("DELETE", "/scep?operation=GetCACaps")).status, 405);
}

}  // namespace
}  // namespace understudy::server
