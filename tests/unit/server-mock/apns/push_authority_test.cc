#include "server-mock/apns/push_authority.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server-mock/apns/known.h"

namespace understudy::apns_mock {
namespace {

using std::chrono::days;
using std::chrono::hours;

TEST(PushAuthority, IssuesForAYearWithTheTopicAsUid) {
  const support::TempDir dir;
  const auto authority = PushAuthority::open(dir.path(), kNow).value();
  const auto identity = authority.issue_identity(kTopic, kNow).value();
  EXPECT_EQ(identity.certificate.subject().find("UID"), kTopic);
  EXPECT_EQ(identity.certificate.not_after(), kNow + days(365));
  EXPECT_TRUE(identity.certificate.issued_by(authority.certificate()));
}

TEST(PushAuthority, IsTheSameAfterAReopen) {
  const support::TempDir dir;
  const auto first = PushAuthority::open(dir / "new", kNow).value();
  const auto second = PushAuthority::open(dir / "new", kNow + hours(1)).value();
  EXPECT_EQ(first.certificate(), second.certificate());
  std::ofstream(dir / "new" / "push-ca.pem") << "nonsense";
  const auto third = PushAuthority::open(dir / "new", kNow);
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().message().find("push-ca.pem"), std::string::npos);
}

TEST(PushAuthority, RefusesTopicsThatAreNotForManagement) {
  const support::TempDir dir;
  const auto authority = PushAuthority::open(dir.path(), kNow).value();
  const auto key = crypto::PrivateKey::generate(crypto::KeyType::p256).value().public_key();
  for (const std::string& bad : {std::string("com.example.app"), std::string("com.apple.mgmt."),
                                 std::string(), kTopic + std::string(255, 'x')}) {
    const auto issued = authority.issue(key, bad, kNow);
    ASSERT_FALSE(issued) << bad;
    EXPECT_EQ(issued.error().code, make_error_code(errc::invalid_argument));
  }
}

TEST(PushAuthority, NewTopicsHaveAppleForm) {
  Rng rng(1);
  const std::string topic = PushAuthority::new_topic(rng);
  EXPECT_EQ(topic.size(), kTopic.size());
  EXPECT_TRUE(topic.starts_with("com.apple.mgmt.External."));
  EXPECT_NE(topic, PushAuthority::new_topic(rng));
}

TEST(PushAuthority, OpensslSeesTheTopicAndTheChain) {
  const support::TempDir dir;
  const auto authority = PushAuthority::open(dir.path(), kNow).value();
  const auto identity = authority.issue_identity(kTopic, kNow).value();
  std::ofstream(dir / "ca.pem") << authority.certificate().pem();
  std::ofstream(dir / "push.pem") << identity.certificate.pem();
  const auto shown = support::run({"openssl", "x509", "-in", (dir / "push.pem").string(), "-noout",
                                   "-subject", "-nameopt", "RFC2253,sname"});
  EXPECT_NE(shown.out.find("UID=" + kTopic), std::string::npos) << shown.out << shown.err;
  const auto verified =
      support::run({"openssl", "verify", "-purpose", "sslclient", "-attime", "1700000100",
                    "-CAfile", (dir / "ca.pem").string(), (dir / "push.pem").string()});
  EXPECT_EQ(verified.status, 0) << verified.err;
}

}  // namespace
}  // namespace understudy::apns_mock
