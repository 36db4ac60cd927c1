#include "shared/crypto/ca.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::crypto {
namespace {

using support::run;
using support::TempDir;
using test::code_of;
using test::kNow;
using test::kYear;
using test::make_ca;
using test::make_identity;
using test::make_spec;
using test::must;
using test::put;

class CaOfType : public testing::TestWithParam<KeyType> {};

TEST_P(CaOfType, IssuesWhatOpensslVerifies) {
  const TempDir dir;
  const auto root = make_ca("Root", GetParam());
  auto spec = make_spec("Issuing");
  spec.purpose = CertificateSpec::Purpose::ca;
  PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  Certificate middle = must(root.issue(spec, key.public_key()));
  const auto issuing =
      must(CertificateAuthority::from_identity({std::move(key), middle, {root.certificate()}}));
  const Identity device = make_identity(issuing, KeyType::p256);
  const std::string anchor = put(dir / "root.pem", root.certificate().pem());
  const std::string link = put(dir / "middle.pem", middle.pem());
  const std::string leaf = put(dir / "leaf.pem", device.certificate.pem());
  const auto verify = [&](const std::string& purpose) {
    return run({"openssl", "verify", "-x509_strict", "-attime",
                std::to_string(to_unix_us(kNow) / 1000000), "-purpose", purpose, "-CAfile", anchor,
                "-untrusted", link, leaf});
  };
  EXPECT_EQ(verify("sslclient").status, 0) << verify("sslclient").err;
  EXPECT_NE(verify("sslserver").status, 0) << "a client certificate is not a server's";
}

INSTANTIATE_TEST_SUITE_P(All, CaOfType,
                         testing::Values(KeyType::rsa_2048, KeyType::p256, KeyType::p384));

TEST(CertificateAuthority, SetsUsagesForEachPurpose) {
  using Purpose = CertificateSpec::Purpose;
  const auto ca = make_ca("CA", KeyType::rsa_2048);
  const PrivateKey key = must(PrivateKey::generate(KeyType::rsa_2048));
  const auto text = [&](Purpose purpose) {
    auto spec = make_spec("x");
    spec.purpose = purpose;
    return run({"openssl", "x509", "-noout", "-text"}, must(ca.issue(spec, key.public_key())).pem())
        .out;
  };
  const auto has = [](const std::string& in, const char* what) {
    return in.find(what) != std::string::npos;
  };
  EXPECT_TRUE(has(text(Purpose::tls_server), "TLS Web Server Authentication"));
  EXPECT_TRUE(has(text(Purpose::tls_client), "TLS Web Client Authentication"));
  EXPECT_TRUE(has(text(Purpose::any_client_or_email), "E-mail Protection"));
  EXPECT_TRUE(has(text(Purpose::ca), "CA:TRUE"));
  EXPECT_TRUE(has(text(Purpose::ca), "Certificate Sign, CRL Sign"));
  const std::string ra = text(Purpose::ra);
  EXPECT_TRUE(has(ra, "Digital Signature, Key Encipherment") && has(ra, "CA:FALSE")) << ra;
  EXPECT_FALSE(has(ra, "Extended Key Usage"));
  EXPECT_TRUE(ca.certificate().may_encipher()) << "a SCEP CA without RA receives the requests";
}

TEST(CertificateAuthority, AddsExtensionsAsGiven) {
  const auto ca = make_ca();
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  auto spec = make_spec("push");
  spec.subject = Name::of({{"UID", "com.apple.mgmt.External.1"}, {"CN", "push"}});
  spec.extensions = {{"1.2.840.113635.100.6.3.2", {0x05, 0x00}, false}};
  const Certificate certificate = must(ca.issue(spec, key.public_key()));
  EXPECT_EQ(certificate.extension("1.2.840.113635.100.6.3.2"), (Bytes{0x05, 0x00}));
  EXPECT_EQ(certificate.subject().find("UID"), "com.apple.mgmt.External.1");
  spec.extensions = {{"not an oid", {}, false}};
  EXPECT_EQ(code_of(ca.issue(spec, key.public_key())), errc::malformed);
}

TEST(CertificateAuthority, NeverRepeatsASerial) {
  const auto ca = make_ca();
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  std::set<std::string> serials;
  for (int i = 0; i < 50; ++i) {
    serials.insert(must(ca.issue(make_spec("x"), key.public_key())).serial_hex());
  }
  EXPECT_EQ(serials.size(), 50U);
}

TEST(CertificateAuthority, TakesOnlyACaWithItsKey) {
  const auto ca = make_ca();
  const auto other = make_ca();
  EXPECT_TRUE(CertificateAuthority::from_identity(ca.identity()));
  EXPECT_EQ(
      code_of(CertificateAuthority::from_identity({other.identity().key, ca.certificate(), {}})),
      errc::wrong_key);
  EXPECT_EQ(code_of(CertificateAuthority::from_identity(make_identity(ca, KeyType::p256))),
            errc::wrong_key);
}

TEST(CertificateAuthority, WritesDatesBeyond2050) {
  auto spec = make_spec("old age");
  spec.not_after = kNow + 100 * kYear;
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  const Certificate certificate = must(make_ca().issue(spec, key.public_key()));
  EXPECT_EQ(certificate.not_after(), spec.not_after);
}

}  // namespace
}  // namespace understudy::crypto
