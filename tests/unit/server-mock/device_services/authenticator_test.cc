#include "server-mock/device_services/authenticator.h"

#include <algorithm>

#include "shared/io/file.h"
#include "tests/support/command.h"
#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

class AuthenticatorTest : public testing::Test {
 protected:
  const Identities& ids_ = Identities::get();
  std::unique_ptr<VirtualClock> clock_ = VirtualClock::frozen_at(ids_.now);
  Authenticator authenticator_{{ids_.ca.certificate()}, *clock_};

  net::IncomingRequest signed_by(const crypto::Identity& identity, const std::string& body) const {
    net::IncomingRequest request;
    request.body = body;
    request.headers.set("Mdm-Signature", must(mdm::make_signature(body, identity)));
    return request;
  }
  void expect_refused(const net::IncomingRequest& request, const std::string& word) const {
    const auto certificate = authenticator_.certificate_of(request);
    ASSERT_FALSE(certificate);
    EXPECT_EQ(certificate.error().code, device_errc::unauthenticated);
    EXPECT_EQ(http_status(certificate.error()), 400);
    EXPECT_NE(certificate.error().message().find(word), std::string::npos)
        << certificate.error().message();
  }
};

TEST_F(AuthenticatorTest, TakesEitherProof) {
  net::IncomingRequest by_tls;
  by_tls.peer_certificate = ids_.first.certificate;
  EXPECT_EQ(must(authenticator_.certificate_of(by_tls)), ids_.first.certificate);
  EXPECT_EQ(must(authenticator_.certificate_of(signed_by(ids_.first, "body"))),
            ids_.first.certificate);
}

TEST_F(AuthenticatorTest, WantsBothProofsToAgree) {
  net::IncomingRequest request = signed_by(ids_.first, "body");
  request.peer_certificate = ids_.first.certificate;
  EXPECT_TRUE(authenticator_.certificate_of(request));
  request.peer_certificate = ids_.second.certificate;
  expect_refused(request, "another certificate");
}

TEST_F(AuthenticatorTest, RefusesABadSignatureEvenBesideAGoodConnection) {
  net::IncomingRequest request = signed_by(ids_.first, "body");
  request.peer_certificate = ids_.first.certificate;
  request.body = "other octets";
  expect_refused(request, "Mdm-Signature");
  request.headers.set("Mdm-Signature", "!no base64!");
  expect_refused(request, "Mdm-Signature");
}

TEST_F(AuthenticatorTest, RefusesForeignExpiredAndMissingIdentities) {
  expect_refused({}, "no identity");
  expect_refused(signed_by(ids_.foreign, "body"), "foreign");
  expect_refused(signed_by(ids_.expired, "body"), "expired");
}

TEST_F(AuthenticatorTest, RefusesACertificateThatRanOutMeanwhile) {
  const net::IncomingRequest request = signed_by(ids_.first, "body");
  EXPECT_TRUE(authenticator_.certificate_of(request));
  clock_->advance(std::chrono::hours(24 * 366));
  expect_refused(request, "expired");
}

TEST_F(AuthenticatorTest, TakesASignatureThatOpensslMade) {
  if (!support::have_program("openssl")) GTEST_SKIP() << "openssl is not installed";
  const support::TempDir dir;
  const std::string body = "<plist>exact octets\r\n</plist>";
  must(io::write_file(dir / "identity.pem", as_bytes(ids_.first.pem()), true));
  must(io::write_file(dir / "body", as_bytes(body)));
  const auto made =
      support::run({"openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-in",
                    (dir / "body").string(), "-signer", (dir / "identity.pem").string()});
  ASSERT_EQ(made.status, 0) << made.err;
  net::IncomingRequest request;
  request.body = body;
  request.headers.set("Mdm-Signature", base64_encode(as_bytes(made.out)));
  EXPECT_EQ(must(authenticator_.certificate_of(request)), ids_.first.certificate);
  request.body = "<plist>exact octets\n</plist>";
  expect_refused(request, "Mdm-Signature");
}

}  // namespace
}  // namespace understudy::server
