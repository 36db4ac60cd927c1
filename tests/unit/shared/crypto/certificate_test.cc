#include "shared/crypto/certificate.h"

#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::crypto {
namespace {

using support::run;
using support::TempDir;
using test::code_of;
using test::get;
using test::kNow;
using test::kYear;
using test::make_ca;
using test::make_identity;
using test::make_spec;
using test::must;
using test::put;

TEST(Certificate, SurvivesItsForms) {
  const auto ca = make_ca();
  const Certificate certificate = ca.certificate();
  EXPECT_EQ(must(Certificate::from_der(certificate.der())), certificate);
  EXPECT_EQ(must(Certificate::from_pem(certificate.pem())), certificate);
  const Identity device = make_identity(ca, KeyType::p256);
  const auto all = must(Certificate::all_from_pem("text before\n" + certificate.pem() +
                                                  device.certificate.pem() + "text after\n"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], certificate);
  EXPECT_EQ(all[1], device.certificate);
  EXPECT_FALSE(all[0] == all[1]);
}

TEST(Certificate, IsNotTakenForAnotherThatWasReadBefore) {
  const auto ca = make_ca();
  for (int i = 0; i < 100; ++i) {  // more than are kept
    const Bytes one = make_identity(ca, KeyType::p256).certificate.der();
    Bytes other = one;
    other.back() ^= 1U;  // of the signature
    EXPECT_EQ(must(Certificate::from_der(one)).der(), one);
    EXPECT_EQ(must(Certificate::from_der(other)).der(), other);
    EXPECT_EQ(must(Certificate::from_der(one)).der(), one);
  }
}

TEST(Certificate, RefusesWhatIsNone) {
  const Bytes der = make_ca().certificate().der();
  for (std::size_t size = 0; size < der.size(); size += 3) {
    EXPECT_EQ(code_of(Certificate::from_der(BytesView(der).first(size))), errc::malformed) << size;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(code_of(Certificate::from_der(longer)), errc::malformed);
  const Bytes garbage(1 << 20, 0x30);
  EXPECT_EQ(code_of(Certificate::from_der(garbage)), errc::malformed);
  EXPECT_EQ(code_of(Certificate::from_pem(as_text(garbage))), errc::malformed);
  EXPECT_EQ(code_of(Certificate::from_pem("")), errc::malformed);
  EXPECT_EQ(code_of(Certificate::all_from_pem("")), errc::malformed);
}

TEST(Certificate, RefusesAListWithADamagedEntry) {
  const std::string good = make_ca().certificate().pem();
  std::string bad = good;
  bad.replace(bad.size() / 2, 8, "AAAAAAAA");
  const auto all = Certificate::all_from_pem(good + bad);
  if (all) {
    EXPECT_FALSE(all->at(0) == all->at(1));  // the damage hit a value, not the structure
  }
  EXPECT_EQ(code_of(Certificate::all_from_pem(
                good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
            errc::malformed);
}

TEST(Certificate, TellsWhatOpensslTells) {
  const TempDir dir;
  const auto ca = make_ca();
  auto spec = make_spec("Müller, Corp");
  spec.alt_names = {{"a.example"}, {"127.0.0.1", "::1"}, {"a@b.c"}, {"https://x/y"}, {"u@corp"}};
  spec.purpose = CertificateSpec::Purpose::tls_server;
  const PrivateKey key = must(PrivateKey::generate(KeyType::rsa_2048));
  const Certificate certificate = must(ca.issue(spec, key.public_key()));
  const std::string file = put(dir / "c.pem", certificate.pem());
  const auto told = [&](const std::string& what) {
    return run({"openssl", "x509", "-noout", what, "-in", file}).out;
  };
  std::string serial = certificate.serial_hex();
  EXPECT_EQ(serial.size(), 32U);
  for (char& c : serial) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(told("-serial"), "serial=" + serial + "\n");
  EXPECT_EQ(told("-startdate"), "notBefore=Nov 23 00:00:00 2026 GMT\n");
  EXPECT_EQ(certificate.not_before(), spec.not_before);
  EXPECT_EQ(certificate.not_after(), spec.not_after);
  const auto printed = run({"openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", file});
  std::string bare;
  for (const char c : printed.out.substr(printed.out.find('=') + 1)) {
    if (c != ':' && c != '\n') bare += static_cast<char>(std::tolower(c));
  }
  EXPECT_EQ(bare, certificate.fingerprint());
  const std::string text = told("-text");
  for (const char* expected :
       {"Version: 3 (0x2)", "DNS:a.example", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1",
        "email:a@b.c", "URI:https://x/y", "TLS Web Server Authentication", "CA:FALSE",
        "Digital Signature, Key Encipherment", "Subject Key Identifier", "Authority Key Identifier",
        "ecdsa-with-SHA256"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  }
}

TEST(Certificate, ReadsWhatOpensslMakes) {
  const TempDir dir;
  const std::string out = (dir / "c.pem").string();
  const auto made = run({"openssl",     "req",
                         "-x509",       "-newkey",
                         "rsa:2048",    "-nodes",
                         "-keyout",     (dir / "k.pem").string(),
                         "-out",        out,
                         "-days",       "30",
                         "-set_serial", "0x0a0b",
                         "-subj",       "/UID=com.apple.mgmt.External.1/CN=push",
                         "-addext",     "1.2.840.113635.100.6.3.2=DER:0500",
                         "-addext",     "keyUsage=digitalSignature"});
  ASSERT_EQ(made.status, 0) << made.err;
  const Certificate certificate = must(Certificate::from_pem(to_text(get(dir / "c.pem"))));
  EXPECT_EQ(certificate.subject().find(kUidOid), "com.apple.mgmt.External.1");
  EXPECT_EQ(certificate.subject(), certificate.issuer());
  EXPECT_EQ(certificate.serial_hex(), "a0b");
  EXPECT_EQ(certificate.extension("1.2.840.113635.100.6.3.2"), (Bytes{0x05, 0x00}));
  EXPECT_EQ(certificate.extension("1.2.3.4"), std::nullopt);
  EXPECT_TRUE(certificate.may_sign());
  EXPECT_FALSE(certificate.may_encipher());
  EXPECT_FALSE(certificate.is_ca()) << "CA:TRUE is not enough without keyCertSign";
  EXPECT_EQ(certificate.not_after() - certificate.not_before(), std::chrono::days(30));
  EXPECT_TRUE(certificate.public_key().is_rsa());
}

TEST(Certificate, KnowsWhoIssuedIt) {
  const auto ca = make_ca();
  const auto other = make_ca();  // the same name, another key
  const Identity device = make_identity(ca, KeyType::p256);
  EXPECT_TRUE(device.certificate.issued_by(ca.certificate()));
  EXPECT_FALSE(device.certificate.issued_by(other.certificate()));
  EXPECT_TRUE(ca.certificate().issued_by(ca.certificate()));
}

TEST(Identity, SurvivesPemAndFindsItsOwnCertificate) {
  const auto ca = make_ca();
  const Identity device = make_identity(ca, KeyType::p384);
  const Identity read = must(Identity::from_pem(device.pem()));
  EXPECT_EQ(read.certificate, device.certificate);
  EXPECT_EQ(read.key.der(), device.key.der());
  ASSERT_EQ(read.chain.size(), 1U);
  const Identity reversed = must(
      Identity::from_pem(device.key.pem() + ca.certificate().pem() + device.certificate.pem()));
  EXPECT_EQ(reversed.certificate, device.certificate);
}

TEST(Identity, RefusesAForeignKey) {
  const auto ca = make_ca();
  const Identity device = make_identity(ca, KeyType::p256);
  EXPECT_EQ(code_of(Identity::from_pem(ca.identity().key.pem() + device.certificate.pem())),
            errc::wrong_key);
  EXPECT_EQ(code_of(Identity::from_pem(device.key.pem())), errc::malformed);
  EXPECT_EQ(code_of(Identity::from_pem(device.certificate.pem())), errc::malformed);
}

}  // namespace
}  // namespace understudy::crypto
