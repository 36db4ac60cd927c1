#include <gtest/gtest.h>

#include "shared/crypto/certificate.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::crypto {
namespace {

using support::run;
using support::TempDir;
using test::code_of;
using test::get;
using test::must;

CertificateRequest::Options full_options() {
  CertificateRequest::Options options;
  options.subject = Name::of({{"CN", "device"}, {"2.5.4.5", "C02X"}});
  options.alt_names = {{"a.example"}, {"10.0.0.1", "fe80::1"}, {"a@b.c"}, {"urn:x"}, {"u@corp"}};
  options.challenge = "sesame 42";
  return options;
}

class RequestOfType : public testing::TestWithParam<KeyType> {};

TEST_P(RequestOfType, CarriesEverythingAndVerifies) {
  const PrivateKey key = must(PrivateKey::generate(GetParam()));
  const auto made = must(CertificateRequest::create(key, full_options()));
  const auto read = must(CertificateRequest::from_der(made.der()));
  EXPECT_TRUE(read.signature_ok());
  EXPECT_EQ(read.public_key(), key.public_key());
  EXPECT_EQ(read.public_key_der(), key.public_key().der());
  EXPECT_EQ(made.public_key_der(), key.public_key().der());
  EXPECT_EQ(read.challenge(), "sesame 42");
  EXPECT_EQ(read.subject().find("serialNumber"), "C02X");
  const AltNames names = read.alt_names();
  EXPECT_EQ(names.dns, full_options().alt_names.dns);
  EXPECT_EQ(names.ip, full_options().alt_names.ip);
  EXPECT_EQ(names.email, full_options().alt_names.email);
  EXPECT_EQ(names.uri, full_options().alt_names.uri);
  EXPECT_EQ(names.nt_principal, full_options().alt_names.nt_principal);
  const auto witness = run({"openssl", "req", "-verify", "-noout", "-text"}, made.pem());
  EXPECT_EQ(witness.status, 0) << witness.err;
  for (const char* expected : {"challengePassword", "sesame 42", "DNS:a.example", "a@b.c",
                               "Digital Signature, Key Encipherment", "CN = device"}) {
    EXPECT_NE(witness.out.find(expected), std::string::npos) << expected << "\n" << witness.out;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RequestOfType,
                         testing::Values(KeyType::rsa_2048, KeyType::p256, KeyType::p384));

TEST(CertificateRequest, LeavesOutWhatIsNotAskedFor) {
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  CertificateRequest::Options options;
  options.may_sign = false;
  options.may_encipher = false;
  const auto made = must(CertificateRequest::create(key, options));
  EXPECT_EQ(made.challenge(), "");
  EXPECT_TRUE(made.alt_names().empty());
  EXPECT_TRUE(made.subject().rdns.empty());
  const auto text = run({"openssl", "req", "-noout", "-text"}, made.pem()).out;
  EXPECT_EQ(text.find("X509v3"), std::string::npos) << text;
}

TEST(CertificateRequest, KeepsAChallengeOfAnyCharacters) {
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  for (const std::string challenge : {"plain", "with_underscore@and*star", "Schlüssel 鍵"}) {
    CertificateRequest::Options options;
    options.challenge = challenge;
    const auto made = must(CertificateRequest::create(key, options));
    EXPECT_EQ(must(CertificateRequest::from_pem(made.pem())).challenge(), challenge);
  }
}

TEST(CertificateRequest, ReadsWhatOpensslMakes) {
  const TempDir dir;
  const std::string config = test::put(
      dir / "req.cnf",
      std::string_view("[req]\ndistinguished_name=dn\nattributes=at\nprompt=no\nreq_extensions=ex\n"
                       "[dn]\nCN=theirs\n[at]\nchallengePassword=theirs "
                       "too\n[ex]\nsubjectAltName=DNS:b.example\n"));
  const std::string out = (dir / "r.der").string();
  const auto made = run({"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-config",
                         config, "-keyout", (dir / "k").string(), "-outform", "DER", "-out", out});
  ASSERT_EQ(made.status, 0) << made.err;
  const auto read = must(CertificateRequest::from_der(get(dir / "r.der")));
  EXPECT_TRUE(read.signature_ok());
  EXPECT_EQ(read.challenge(), "theirs too");
  EXPECT_EQ(read.alt_names().dns, std::vector<std::string>{"b.example"});
  EXPECT_EQ(read.subject().text(), "CN=theirs");
}

TEST(CertificateRequest, NoticesASignatureOverOtherBytes) {
  const PrivateKey key = must(PrivateKey::generate(KeyType::rsa_2048));
  CertificateRequest::Options options;
  options.subject = Name::of({{"CN", "aaaa"}});
  Bytes der = must(CertificateRequest::create(key, options)).der();
  const auto at = std::string(as_text(der)).find("aaaa");
  ASSERT_NE(at, std::string::npos);
  der[at] = 'b';
  EXPECT_FALSE(must(CertificateRequest::from_der(der)).signature_ok());
}

TEST(CertificateRequest, RefusesWhatIsNone) {
  const Bytes garbage(1 << 20, 0x41);
  EXPECT_EQ(code_of(CertificateRequest::from_der(garbage)), errc::malformed);
  EXPECT_EQ(code_of(CertificateRequest::from_der({})), errc::malformed);
  EXPECT_EQ(code_of(CertificateRequest::from_pem("")), errc::malformed);
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  const Bytes der = must(CertificateRequest::create(key, full_options())).der();
  for (std::size_t size = 0; size < der.size(); size += 7) {
    EXPECT_EQ(code_of(CertificateRequest::from_der(BytesView(der).first(size))), errc::malformed);
  }
}

TEST(CertificateRequest, RefusesNamesThatCannotBeWritten) {
  const PrivateKey key = must(PrivateKey::generate(KeyType::p256));
  CertificateRequest::Options options;
  options.alt_names.ip = {"not an address"};
  EXPECT_EQ(code_of(CertificateRequest::create(key, options)), errc::malformed);
  options.alt_names = {};
  options.alt_names.dns = {"münchen.example"};
  EXPECT_EQ(code_of(CertificateRequest::create(key, options)), errc::malformed);
}

}  // namespace
}  // namespace understudy::crypto
