#include "server-mock/apns/push_portal.h"

#include "server-mock/apns/push_topics.h"
#include "tests/unit/server-mock/apns/vendor_fixture.h"

namespace understudy::apns_mock {
namespace {

using std::chrono::days;
using std::chrono::hours;
using Standing = PushCertificateStanding;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PushPortalTest : public testing::Test {
 protected:
  PushPortalTest() { reopen(); }
  void reopen() {
    portal_.reset();
    portal_ = PushPortal::open(dir_.path(), Rng(1), now_).value();
  }
  SigningRequest request(const std::string& name = "mdm.example") const {
    crypto::CertificateRequest::Options options;
    options.subject = crypto::Name::of({{"CN", name}});
    return {crypto::CertificateRequest::create(key_, options).value(), std::nullopt};
  }
  IssuedCertificate issue(const CertificateOrder& order = {}) {
    return portal_->issue(request(), order, now_).value();
  }
  Standing judge(const IssuedCertificate& issued, Environment listener = Environment::production) {
    return portal_->judge(crypto::Certificate::from_pem(issued.pem).value(), listener, now_);
  }

  support::TempDir dir_;
  TimePoint now_ = from_unix_us(1'700'000'000'000'000);
  crypto::PrivateKey key_ = crypto::PrivateKey::generate(crypto::KeyType::p256).value();
  std::unique_ptr<PushPortal> portal_;
};

TEST_F(PushPortalTest, IssuesANewTopicForAYear) {
  const IssuedCertificate first = issue();
  EXPECT_THAT(first.topics, ElementsAre(StartsWith("com.apple.mgmt.External.")));
  EXPECT_EQ(first.not_before, now_);
  EXPECT_EQ(first.not_after, now_ + days(365));
  EXPECT_EQ(first.requester, "CN=mdm.example");
  EXPECT_EQ(judge(first), Standing::good);
  EXPECT_NE(issue().topics, first.topics) << "every new certificate has a topic of its own";
  const auto key = crypto::Certificate::from_pem(first.pem).value().public_key();
  EXPECT_EQ(key, key_.public_key());
}

TEST_F(PushPortalTest, RenewsTheTopicAndRevokesTheOldOneAtOnce) {
  const IssuedCertificate old = issue();
  std::vector<std::string> heard;
  portal_->on_revocation([&](const std::string& serial) { heard.push_back(serial); });
  now_ += days(350);
  const auto renewed = portal_->renew({old.topics.front()}, request("renewer"), now_);
  ASSERT_TRUE(renewed) << renewed.error().message();
  EXPECT_EQ(renewed->topics, old.topics);
  EXPECT_NE(renewed->serial, old.serial);
  EXPECT_EQ(renewed->not_after, now_ + days(365));
  EXPECT_EQ(judge(*renewed), Standing::good);
  EXPECT_EQ(judge(old), Standing::revoked);
  EXPECT_THAT(heard, ElementsAre(old.serial));
  EXPECT_EQ(portal_->revocations(), 1U);
}

TEST_F(PushPortalTest, RenewsInOneEnvironmentAndLeavesTheOtherAlone) {
  const std::string topic = "com.apple.mgmt.External.both";
  const IssuedCertificate production = issue({Environment::production, {topic}, ""});
  const IssuedCertificate sandbox = issue({Environment::sandbox, {topic}, ""});
  const auto next = portal_->renew({topic}, request(), now_).value();
  EXPECT_EQ(next.environment, Environment::production);
  EXPECT_EQ(judge(production), Standing::revoked);
  EXPECT_FALSE(portal_->is_revoked(sandbox.serial));
  const auto other = portal_->renew({topic, Environment::sandbox}, request(), now_).value();
  EXPECT_EQ(other.environment, Environment::sandbox);
  EXPECT_TRUE(portal_->is_revoked(sandbox.serial));
  EXPECT_EQ(judge(next), Standing::good);
}

TEST_F(PushPortalTest, KeepsAccountAcrossARestart) {
  const IssuedCertificate old = issue({Environment::sandbox, {}, "the administrator"});
  const auto renewed = portal_->renew({old.topics.front()}, request(), now_ + hours(1)).value();
  reopen();
  const auto all = portal_->issued().value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].serial, renewed.serial) << "newest first";
  EXPECT_FALSE(all[0].revoked_at);
  EXPECT_EQ(all[1].serial, old.serial);
  EXPECT_EQ(all[1].revoked_at, now_ + hours(1));
  EXPECT_EQ(all[1].requester, "the administrator");
  EXPECT_EQ(all[1].environment, Environment::sandbox);
  EXPECT_EQ(all[0].environment, Environment::sandbox) << "a renewal stays where it was";
  EXPECT_EQ(all[1].topics, old.topics);
  EXPECT_TRUE(portal_->is_revoked(old.serial));
  EXPECT_FALSE(portal_->is_revoked(renewed.serial));
  EXPECT_NE(issue().topics, old.topics) << "the same seed after a restart";
}

TEST_F(PushPortalTest, RevokesBySerialOnce) {
  const IssuedCertificate issued = issue();
  int heard = 0;
  portal_->on_revocation([&](const std::string&) { ++heard; });
  EXPECT_TRUE(portal_->revoke(issued.serial, now_));
  EXPECT_TRUE(portal_->revoke(issued.serial, now_ + hours(1)));
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(judge(issued), Standing::revoked);
  EXPECT_EQ(portal_->issued().value()[0].revoked_at, now_);
  const auto unknown = portal_->revoke("abcd", now_);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, make_error_code(errc::not_found));
}

TEST_F(PushPortalTest, RefusesToRenewATopicItNeverIssued) {
  const auto renewed = portal_->renew({"com.apple.mgmt.External.x"}, request(), now_);
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().code, make_error_code(errc::not_found));
  EXPECT_THAT(renewed.error().message(), HasSubstr("every device has to enroll again"));
}

TEST_F(PushPortalTest, JudgesEveryWayACertificateCanBeWrong) {
  const IssuedCertificate issued = issue();
  EXPECT_EQ(judge(issued, Environment::sandbox), Standing::other_environment);
  EXPECT_EQ(portal_->judge(portal_->authority(Environment::production).certificate(),
                           Environment::production, now_),
            Standing::no_topic);
  now_ -= hours(1);
  EXPECT_EQ(judge(issued), Standing::not_yet_valid);
  now_ += days(365) + hours(1) + std::chrono::seconds(1);
  EXPECT_EQ(judge(issued), Standing::expired);
  const support::TempDir elsewhere;
  const auto other = PushPortal::open(elsewhere.path(), Rng(1), now_).value();
  EXPECT_EQ(judge(other->issue(request(), {}, now_).value()), Standing::foreign);
  EXPECT_EQ(standing_name(Standing::not_yet_valid), "not yet valid");
}

TEST_F(PushPortalTest, CarriesSeveralTopicsThroughARenewal) {
  const std::vector<std::string> topics{"com.apple.mgmt.External.a", "com.apple.mgmt.External.b"};
  const IssuedCertificate issued = issue({Environment::production, topics, ""});
  EXPECT_EQ(issued.topics, topics);
  EXPECT_EQ(portal_->renew({topics[0]}, request(), now_).value().topics, topics);
  EXPECT_FALSE(portal_->renew({topics[1]}, request(), now_)) << "not the UID";
  std::vector<std::string> many;
  for (int i = 0; i < 32; ++i) {
    many.push_back("com.apple.mgmt.External." + std::to_string(i) + std::string(100, 'x'));
  }
  EXPECT_EQ(issue({Environment::production, many, ""}).topics, many) << "lengths of three octets";
  many.push_back("com.apple.mgmt.External.more");
  EXPECT_FALSE(portal_->issue(request(), {Environment::production, many, ""}, now_));
  EXPECT_FALSE(portal_->issue(request(), {Environment::production, {"com.example"}, ""}, now_));
}

TEST_F(PushPortalTest, MakesAnIdentityThatItKnows) {
  const auto identity = portal_->issue_identity({Environment::production, {}, "setup"}, now_);
  ASSERT_TRUE(identity) << identity.error().message();
  EXPECT_EQ(identity->key.public_key(), identity->certificate.public_key());
  EXPECT_EQ(portal_->issued().value()[0].serial, identity->certificate.serial_hex());
}

class PushPortalWitness : public VendorFixture {};

TEST_F(PushPortalWitness, OpensslTakesACertificateForAVendorsRequest) {
  const auto portal = PushPortal::open(dir_ / "portal", Rng(1), now_).value();
  const auto request = read_signing_request(as_bytes(text("request.b64")), {}, now_).value();
  const std::vector<std::string> topics{"com.apple.mgmt.External.a", "com.apple.mgmt.External.b"};
  const auto issued = portal->issue(request, {Environment::production, topics, ""}, now_).value();
  write("push.pem", issued.pem);
  write("ca.pem", portal->authority(Environment::production).certificate().pem());

  const auto verified = support::run(
      {"openssl", "verify", "-purpose", "sslclient", "-CAfile", path("ca.pem"), path("push.pem")});
  EXPECT_EQ(verified.status, 0) << verified.err;
  const auto shown = support::run({"openssl", "x509", "-in", path("push.pem"), "-noout", "-subject",
                                   "-dates", "-nameopt", "RFC2253,sname"});
  EXPECT_THAT(shown.out, HasSubstr("UID=com.apple.mgmt.External.a"));
  for (const auto& [within, is_over] : {std::pair(days(364), 0), std::pair(days(366), 1)}) {
    const auto seconds = std::to_string(std::chrono::seconds(within).count());
    const auto ends =
        support::run({"openssl", "x509", "-in", path("push.pem"), "-noout", "-checkend", seconds});
    EXPECT_EQ(ends.status, is_over) << seconds;
  }
  const auto certified =
      support::run({"openssl", "x509", "-in", path("push.pem"), "-noout", "-pubkey"});
  const auto asked = support::run({"openssl", "pkey", "-in", path("customer.key"), "-pubout"});
  EXPECT_EQ(certified.out, asked.out) << "it is for the customer's key";
}

TEST_F(PushPortalWitness, OpensslSeesTheTopicsInTheExtension) {
  const auto portal = PushPortal::open(dir_ / "portal", Rng(1), now_).value();
  const auto request = read_signing_request(as_bytes(text("customer.csr")), {}, now_).value();
  const std::vector<std::string> topics{"com.apple.mgmt.External.a", "com.apple.mgmt.External.b"};
  const auto issued = portal->issue(request, {Environment::sandbox, topics, ""}, now_).value();
  const auto certificate = crypto::Certificate::from_pem(issued.pem).value();
  std::ofstream(path("extension.der"), std::ios::binary)
      << as_text(certificate.extension(kTopicExtension).value());
  const auto parsed =
      support::run({"openssl", "asn1parse", "-inform", "DER", "-in", path("extension.der")});
  EXPECT_EQ(parsed.status, 0) << parsed.err;
  for (const std::string& topic : topics) {
    EXPECT_THAT(parsed.out, HasSubstr("UTF8STRING        :" + topic));
  }
  EXPECT_THAT(parsed.out, HasSubstr("UTF8STRING        :app"));
}

}  // namespace
}  // namespace understudy::apns_mock
