#include "server-mock/device_services/enrollment_service.h"

#include "shared/crypto/pkcs12.h"
#include "shared/io/file.h"
#include "tests/support/command.h"
#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

class EnrollmentServiceTest : public ServicesTest {
 protected:
  mdm::EnrollmentProfile profile(const std::string& query = "") {
    const auto response = call(request("GET", "/enroll" + query));
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.find("Content-Type"), "application/x-apple-aspen-config");
    return must(mdm::parse_enrollment_profile(as_bytes(response.body)));
  }
};

TEST_F(EnrollmentServiceTest, OffersScepByDefault) {
  const auto enrollment = profile();
  EXPECT_EQ(enrollment.profile.identifier, kIdentifier);
  EXPECT_EQ(enrollment.mdm.server_url, "https://mdm.example.org/mdm");
  EXPECT_EQ(enrollment.mdm.checkin_url, enrollment.mdm.server_url);
  EXPECT_EQ(enrollment.mdm.topic, kTopic);
  EXPECT_TRUE(enrollment.mdm.sign_message);
  EXPECT_TRUE(enrollment.mdm.check_out_when_removed);
  ASSERT_EQ(enrollment.anchors.size(), 1U);
  const auto& scep = std::get<mdm::ScepPayload>(enrollment.identity);
  EXPECT_EQ(scep.url, "https://mdm.example.org/scep");
  EXPECT_EQ(must(store_->use_challenge(challenge_digest(scep.challenge), "t", clock_->now())),
            ChallengeUse::accepted);
}

TEST_F(EnrollmentServiceTest, GivesEachProfileAChallengeOfItsOwn) {
  const auto challenge = [&] { return std::get<mdm::ScepPayload>(profile().identity).challenge; };
  EXPECT_NE(challenge(), challenge());
}

TEST_F(EnrollmentServiceTest, DoesAsTheQueryAsks) {
  const auto enrollment = profile("?urls=two&sign=0&signed=1");
  EXPECT_EQ(enrollment.mdm.checkin_url, "https://mdm.example.org/checkin");
  EXPECT_FALSE(enrollment.mdm.sign_message);
  ASSERT_FALSE(enrollment.profile.signers.empty());
  EXPECT_EQ(enrollment.profile.signers[0], ids_.first.certificate);
  EXPECT_TRUE(profile().profile.signers.empty());
}

TEST_F(EnrollmentServiceTest, MakesAPkcs12IdentityThatOpensslOpens) {
  const auto enrollment = profile("?identity=pkcs12");
  const auto& payload = std::get<mdm::Pkcs12Payload>(enrollment.identity);
  const auto identity = must(crypto::read_pkcs12(payload.file, payload.password));
  EXPECT_TRUE(identity.certificate.issued_by(ids_.ca.certificate()));
  EXPECT_EQ(must(store_->certificate_owner(identity.certificate.fingerprint())), "");
  enroll("D1", identity);
  EXPECT_EQ(device("D1").state, State::enrolled);
  if (!support::have_program("openssl")) GTEST_SKIP() << "openssl is not installed";
  must(io::write_file(dir_ / "identity.p12", payload.file, true));
  const auto output = support::run({"openssl", "pkcs12", "-in", (dir_ / "identity.p12").string(),
                                    "-passin", "pass:" + payload.password, "-nodes"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_NE(output.out.find("PRIVATE KEY"), std::string::npos);
}

TEST_F(EnrollmentServiceTest, RefusesAQueryItDoesNotKnow) {
  for (const char* query :
       {"?sign=maybe", "?identity=acme", "?urls=3", "?signed=yes", "?foo=1", "?sign=1&Signed=1"}) {
    const auto response = call(request("GET", std::string("/enroll") + query));
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'), 1) << response.body;
  }
}

TEST_F(EnrollmentServiceTest, NeedsATopic) {
  store_ = must(SqliteStore::open(dir_ / "empty.db"));
  build();
  const auto response = call(request("GET", "/enroll"));
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("push certificate"), std::string::npos);
}

}  // namespace
}  // namespace understudy::server
