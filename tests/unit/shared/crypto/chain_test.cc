#include <gtest/gtest.h>

#include "shared/crypto/certificate.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::crypto {
namespace {

using test::code_of;
using test::kNow;
using test::kYear;
using test::make_ca;
using test::make_identity;
using test::make_spec;
using test::must;

struct Chain {
  CertificateAuthority root = make_ca("Root");
  PrivateKey key = must(PrivateKey::generate(KeyType::p384));
  Certificate middle = issue_middle();
  CertificateAuthority issuing =
      must(CertificateAuthority::from_identity({key, middle, {root.certificate()}}));
  Identity device = make_identity(issuing, KeyType::p256);

  Certificate issue_middle() {
    auto spec = make_spec("Issuing");
    spec.purpose = CertificateSpec::Purpose::ca;
    return must(root.issue(spec, key.public_key()));
  }
};

TEST(VerifyChain, FollowsIntermediatesToAnAnchor) {
  const Chain chain;
  const std::vector<Certificate> anchors{make_ca("Other").certificate(), chain.root.certificate()};
  const std::vector<Certificate> links{chain.middle};
  const Certificate& leaf = chain.device.certificate;
  EXPECT_TRUE(verify_chain(leaf, links, anchors, kNow));
  EXPECT_EQ(code_of(verify_chain(leaf, {}, anchors, kNow)), errc::untrusted);
  EXPECT_EQ(code_of(verify_chain(leaf, links, {}, kNow)), errc::untrusted);
  EXPECT_EQ(code_of(verify_chain(leaf, links, std::span(anchors).first(1), kNow)), errc::untrusted);
}

TEST(VerifyChain, EndsAtAnAnchorThatIsNoRoot) {
  const Chain chain;
  const std::vector<Certificate> anchors{chain.middle};
  EXPECT_TRUE(verify_chain(chain.device.certificate, {}, anchors, kNow));
  const std::vector<Certificate> itself{chain.device.certificate};
  EXPECT_TRUE(verify_chain(chain.device.certificate, {}, itself, kNow));
}

TEST(VerifyChain, JudgesAtTheGivenTime) {
  const Chain chain;
  const std::vector<Certificate> anchors{chain.root.certificate()};
  const std::vector<Certificate> links{chain.middle};
  const Certificate& leaf = chain.device.certificate;
  EXPECT_EQ(code_of(verify_chain(leaf, links, anchors, leaf.not_after() + std::chrono::hours(1))),
            errc::expired);
  EXPECT_EQ(code_of(verify_chain(leaf, links, anchors, leaf.not_before() - std::chrono::hours(1))),
            errc::not_yet_valid);
  EXPECT_TRUE(verify_chain(leaf, links, anchors, leaf.not_after() - std::chrono::seconds(1)));
}

TEST(VerifyChain, NamesTheCertificateThatExpired) {
  const auto ca = make_ca("Short-lived CA");
  const Identity device = make_identity(ca, KeyType::p256);
  const std::vector<Certificate> anchors{ca.certificate()};
  const auto late = verify_chain(device.certificate, {}, anchors, kNow + 20 * kYear);
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().message().find("CN=device"), std::string::npos);
  EXPECT_NE(late.error().message().find("expired"), std::string::npos);
}

TEST(VerifyChain, RefusesASignatureByAnotherKeyOfTheSameName) {
  const auto ca = make_ca();
  const auto impostor = make_ca();
  const Identity device = make_identity(impostor, KeyType::p256);
  const std::vector<Certificate> anchors{ca.certificate()};
  const auto code = code_of(verify_chain(device.certificate, {}, anchors, kNow));
  // The key identifiers already differ, so OpenSSL does not find the issuer at all.
  EXPECT_EQ(code, errc::untrusted);
}

TEST(VerifyChain, RefusesDamagedSignatures) {
  const auto ca = make_ca();
  const Identity device = make_identity(ca, KeyType::p256);
  Bytes der = device.certificate.der();
  const auto at = std::string(as_text(der)).find("device");
  der[at] = 'D';
  const Certificate damaged = must(Certificate::from_der(der));
  const std::vector<Certificate> anchors{ca.certificate()};
  EXPECT_EQ(code_of(verify_chain(damaged, {}, anchors, kNow)), errc::bad_signature);
  EXPECT_FALSE(damaged.issued_by(ca.certificate()));
}

TEST(VerifyChain, RefusesAnIssuerThatIsNoCa) {
  // Dates that hold whatever the machine's clock says: `openssl x509` uses it.
  const TimePoint from = kNow - 30 * kYear;
  const TimePoint to = kNow + 100 * kYear;
  const auto ca =
      must(CertificateAuthority::create(Name::of({{"CN", "CA"}}), KeyType::p256, from, to));
  auto spec = make_spec("no CA");
  spec.not_before = from;
  spec.not_after = to;
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  const Identity leaf{key, must(ca.issue(spec, key.public_key())), {}};
  CertificateRequest::Options options;
  options.subject = Name::of({{"CN", "victim"}});
  const auto request = must(CertificateRequest::create(key, options));
  // Our own CertificateAuthority refuses to act for a leaf; the openssl program does not.
  const support::TempDir dir;
  const std::string signer = test::put(dir / "leaf.pem", leaf.pem());
  const auto made = support::run({"openssl", "x509", "-req", "-CA", signer, "-CAkey", signer,
                                  "-days", "30", "-set_serial", "1"},
                                 request.pem());
  const Certificate rogue = must(Certificate::from_pem(made.out));
  ASSERT_TRUE(rogue.issued_by(leaf.certificate));
  const std::vector<Certificate> links{leaf.certificate};
  const std::vector<Certificate> anchors{ca.certificate()};
  const TimePoint inside = rogue.not_before() + std::chrono::hours(1);
  EXPECT_EQ(code_of(verify_chain(rogue, links, anchors, inside)), errc::untrusted);
}

}  // namespace
}  // namespace understudy::crypto
