#include "shared/crypto/pkcs12.h"

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
using test::make_ca;
using test::make_identity;
using test::must;
using test::put;

class Pkcs12Of : public testing::TestWithParam<KeyType> {};

TEST_P(Pkcs12Of, SurvivesAndOpensWithOpenssl) {
  const TempDir dir;
  const Identity device = make_identity(make_ca(), GetParam());
  const Bytes file = must(write_pkcs12(device, "p\xc3\xa4ss", "Device"));
  const Identity read = must(read_pkcs12(file, "p\xc3\xa4ss"));
  EXPECT_EQ(read.certificate, device.certificate);
  EXPECT_EQ(read.key.der(), device.key.der());
  EXPECT_EQ(read.chain, device.chain);
  const std::string name = put(dir / "d.p12", must(write_pkcs12(device, "pass", "Device")));
  const auto opened = run({"openssl", "pkcs12", "-in", name, "-passin", "pass:pass", "-nodes"});
  ASSERT_EQ(opened.status, 0) << opened.err;
  EXPECT_NE(opened.out.find("friendlyName: Device"), std::string::npos);
  EXPECT_EQ(must(Identity::from_pem(opened.out)).certificate, device.certificate);
  const auto info =
      run({"openssl", "pkcs12", "-in", name, "-passin", "pass:pass", "-info", "-noout"});
  EXPECT_NE(info.err.find("AES-256-CBC"), std::string::npos) << info.err;
  EXPECT_NE(info.err.find("MAC: sha256"), std::string::npos) << info.err;
  EXPECT_EQ(info.err.find("RC2"), std::string::npos) << info.err;
}

INSTANTIATE_TEST_SUITE_P(All, Pkcs12Of,
                         testing::Values(KeyType::rsa_2048, KeyType::p256, KeyType::p384));

class Pkcs12By : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Pkcs12By, ReadsWhatOpensslWrites) {
  const TempDir dir;
  const auto ca = make_ca();
  const Identity device = make_identity(ca, KeyType::rsa_2048);
  const std::string all = put(dir / "all.pem", device.pem());
  const std::string out = (dir / "d.p12").string();
  std::vector<std::string> arguments{"openssl", "pkcs12", "-export",  "-in",      all,
                                     "-out",    out,      "-passout", "pass:pass"};
  arguments.insert(arguments.end(), GetParam().begin(), GetParam().end());
  const auto made = run(arguments);
  if (made.status != 0 && made.err.find("legacy") != std::string::npos) {
    GTEST_SKIP() << "this OpenSSL has no legacy provider";
  }
  ASSERT_EQ(made.status, 0) << made.err;
  const Identity read = must(read_pkcs12(get(dir / "d.p12"), "pass"));
  EXPECT_EQ(read.certificate, device.certificate);
  EXPECT_EQ(read.key.der(), device.key.der());
  ASSERT_EQ(read.chain.size(), 1U);
  EXPECT_EQ(read.chain[0], ca.certificate());
  EXPECT_TRUE(read.key.sign(Digest::sha256, as_bytes("x")))
      << "the key outlives the legacy context";
  EXPECT_EQ(code_of(read_pkcs12(get(dir / "d.p12"), "Pass")), errc::wrong_password);
}

INSTANTIATE_TEST_SUITE_P(All, Pkcs12By,
                         testing::Values(std::vector<std::string>{},
                                         std::vector<std::string>{"-legacy"},
                                         std::vector<std::string>{"-keypbe", "PBE-SHA1-3DES",
                                                                  "-certpbe", "PBE-SHA1-3DES",
                                                                  "-macalg", "sha1"},
                                         std::vector<std::string>{"-legacy", "-descert"},
                                         std::vector<std::string>{"-certpbe", "NONE"}));

TEST(Pkcs12, LeavesNoLegacyAlgorithmBehind) {
  const TempDir dir;
  const Identity device = make_identity(make_ca(), KeyType::p256);
  const std::string all = put(dir / "all.pem", device.pem());
  const std::string out = (dir / "d.p12").string();
  if (run({"openssl", "pkcs12", "-export", "-legacy", "-in", all, "-out", out, "-passout",
           "pass:x"})
          .status != 0) {
    GTEST_SKIP() << "this OpenSSL has no legacy provider";
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(read_pkcs12(get(dir / "d.p12"), "x"));
  EXPECT_TRUE(PrivateKey::generate(KeyType::p256)) << "the default context is current again";
}

TEST(Pkcs12, OpensWithoutAPassword) {
  const Identity device = make_identity(make_ca(), KeyType::p256);
  const Bytes file = must(write_pkcs12(device, "", ""));
  EXPECT_EQ(must(read_pkcs12(file, "")).certificate, device.certificate);
  EXPECT_EQ(code_of(read_pkcs12(file, "x")), errc::wrong_password);
}

TEST(Pkcs12, RefusesAFileWithoutKeyOrCertificate) {
  const TempDir dir;
  const Identity device = make_identity(make_ca(), KeyType::p256);
  const std::string certificate = put(dir / "c.pem", device.certificate.pem());
  const std::string out = (dir / "d.p12").string();
  ASSERT_EQ(run({"openssl", "pkcs12", "-export", "-nokeys", "-in", certificate, "-out", out,
                 "-passout", "pass:x"})
                .status,
            0);
  EXPECT_EQ(code_of(read_pkcs12(get(dir / "d.p12"), "x")), errc::malformed);
}

TEST(Pkcs12, RefusesWhatIsNone) {
  const Identity device = make_identity(make_ca(), KeyType::p256);
  const Bytes file = must(write_pkcs12(device, "x", "d"));
  for (std::size_t size = 0; size < file.size(); size += 31) {
    EXPECT_EQ(code_of(read_pkcs12(BytesView(file).first(size), "x")), errc::malformed) << size;
  }
  EXPECT_EQ(code_of(read_pkcs12(Bytes(1 << 20, 0x30), "x")), errc::malformed);
  const auto wrong = read_pkcs12(file, "hunter2");
  ASSERT_EQ(code_of(wrong), errc::wrong_password);
  EXPECT_EQ(wrong.error().message().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace understudy::crypto
