#include <gtest/gtest.h>

#include "shared/crypto/cms.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

/// CMS against the openssl program, in both directions.

namespace understudy::crypto::cms {
namespace {

using support::run;
using support::TempDir;
using test::code_of;
using test::get;
using test::make_ca;
using test::make_identity;
using test::must;
using test::put;

constexpr std::string_view kOctets = "line\nwith \x01 and \xff\r\n";

class Witness : public testing::TestWithParam<KeyType> {
 protected:
  support::Output openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"openssl", "cms"});
    return run(arguments);
  }
  std::string path(const std::string& name) { return (dir / name).string(); }

  TempDir dir;
  CertificateAuthority ca = make_ca();
  Identity device = make_identity(ca, GetParam());
  std::string anchor = put(dir / "ca.pem", ca.certificate().pem());
  std::string certificate = put(dir / "cert.pem", device.certificate.pem());
  std::string key = put(dir / "key.pem", device.key.pem());
  std::string text = put(dir / "text", kOctets);
};

TEST_P(Witness, VerifiesWhatWeSign) {
  for (const int form : {0, 1, 2, 3}) {
    const bool indefinite = (form & 1) != 0;
    const bool detached = (form & 2) != 0;
    for (const Digest digest : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512}) {
      SignOptions options;
      options.digest = digest;
      options.detached = detached;
      options.indefinite_length = indefinite;
      const std::string message = put(dir / "m", must(sign(as_bytes(kOctets), device, options)));
      std::vector<std::string> arguments{
          "-verify", "-inform",        "DER",      "-in", message, "-binary",  "-CAfile",
          anchor,    "-no_check_time", "-purpose", "any", "-out",  path("out")};
      if (detached) arguments.insert(arguments.end(), {"-content", text});
      const auto result = openssl(arguments);
      EXPECT_EQ(result.status, 0) << result.err << indefinite << detached;
      EXPECT_EQ(to_text(get(dir / "out")), kOctets);
      put(dir / "out", std::string_view());
    }
  }
}

TEST_P(Witness, SignsWhatWeVerify) {
  const std::vector<std::vector<std::string>> variants{{"-nodetach"},
                                                       {"-nodetach", "-stream"},
                                                       {"-nodetach", "-indef"},
                                                       {"-nodetach", "-keyid"},
                                                       {"-nodetach", "-noattr"},
                                                       {"-nodetach", "-md", "sha1"},
                                                       {"-nodetach", "-noattr", "-stream"},
                                                       {"-nodetach", "-econtent_type", "1.2.3.4"},
                                                       {"-md", "sha384"},
                                                       {"-noattr"}};
  for (const auto& variant : variants) {
    std::vector<std::string> arguments{"-sign",    "-binary",   "-in",    text,
                                       "-signer",  certificate, "-inkey", key,
                                       "-outform", "DER",       "-out",   path("m")};
    arguments.insert(arguments.end(), variant.begin(), variant.end());
    const auto made = openssl(arguments);
    ASSERT_EQ(made.status, 0) << made.err;
    const bool detached = variant.front() != "-nodetach";
    const auto content = detached ? std::optional<BytesView>(as_bytes(kOctets)) : std::nullopt;
    const auto read = verify(get(dir / "m"), content);
    ASSERT_TRUE(read) << read.error().message() << testing::PrintToString(variant);
    EXPECT_EQ(to_text(read->content), detached ? "" : kOctets);
    EXPECT_EQ(read->signer, device.certificate);
    const auto wrong =
        verify(get(dir / "m"), detached ? std::optional<BytesView>(as_bytes("x")) : std::nullopt);
    EXPECT_EQ(code_of(wrong), detached ? make_error_code(errc::bad_signature) : std::error_code{});
  }
}

TEST_P(Witness, LeavesTheSignersCertificateOut) {
  const auto made = openssl({"-sign", "-binary", "-nodetach", "-nocerts", "-in", text, "-signer",
                             certificate, "-inkey", key, "-outform", "DER", "-out", path("m")});
  ASSERT_EQ(made.status, 0) << made.err;
  const Bytes message = get(dir / "m");
  EXPECT_EQ(code_of(verify(message)), errc::bad_signature);
  const std::vector<Certificate> known{ca.certificate(), device.certificate};
  const auto read = verify(message, {}, known);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->signer, device.certificate);
  EXPECT_TRUE(read->certificates.empty());
}

TEST_P(Witness, SignsTwiceAndTheFirstCounts) {
  const Identity second = make_identity(ca, KeyType::p256, "second");
  const std::string both = put(dir / "second.pem", second.certificate.pem() + second.key.pem());
  const auto made = openssl({"-sign", "-binary", "-nodetach", "-in", text, "-signer", certificate,
                             "-inkey", key, "-signer", both, "-outform", "DER", "-out", path("m")});
  ASSERT_EQ(made.status, 0) << made.err;
  const SignedMessage read = must(verify(get(dir / "m")));
  EXPECT_EQ(read.certificates.size(), 2U);
  EXPECT_TRUE(read.signer == device.certificate || read.signer == second.certificate);
}

INSTANTIATE_TEST_SUITE_P(All, Witness,
                         testing::Values(KeyType::rsa_2048, KeyType::p256, KeyType::p384));

/// Octet for octet, where the signature is the same each time (RSA) and both took the same second.
TEST(CmsWitness, SignsAsOpensslDoes) {
  const TempDir dir;
  const auto ca = make_ca();
  const Identity device = make_identity(ca, KeyType::rsa_2048);
  const std::string certificate = put(dir / "cert.pem", device.certificate.pem());
  const std::string key = put(dir / "key.pem", device.key.pem());
  const std::string others = put(dir / "others.pem", ca.certificate().pem());
  const std::string text = put(dir / "text", kOctets);
  const std::string theirs = (dir / "m").string();
  SignOptions options;
  options.extra_certificates = {ca.certificate()};
  for (const bool detached : {false, true}) {
    options.detached = detached;
    std::vector<std::string> arguments{
        "openssl", "cms",      "-sign",     "-binary", "-nosmimecap", "-in",
        text,      "-signer",  certificate, "-inkey",  key,           "-certfile",
        others,    "-outform", "DER",       "-out",    theirs};
    if (!detached) arguments.emplace_back("-nodetach");
    bool same = false;
    for (int attempt = 0; attempt < 20 && !same; ++attempt) {
      ASSERT_EQ(run(arguments).status, 0);
      same = get(dir / "m") == must(sign(as_bytes(kOctets), device, options));
    }
    EXPECT_TRUE(same) << detached;
  }
}

TEST(CmsWitness, ReadsOurListOfCertificates) {
  const TempDir dir;
  const auto ca = make_ca();
  const Identity device = make_identity(ca, KeyType::p256);
  const std::vector<Certificate> list{device.certificate, ca.certificate()};
  const std::string file = put(dir / "list", must(certificates_only(list)));
  const auto out = run({"openssl", "pkcs7", "-inform", "DER", "-in", file, "-print_certs"}).out;
  EXPECT_EQ(must(Certificate::all_from_pem(out)).size(), 2U);
  const std::string pem = put(dir / "all.pem", device.certificate.pem() + ca.certificate().pem());
  const std::string theirs = (dir / "theirs").string();
  ASSERT_EQ(
      run({"openssl", "crl2pkcs7", "-nocrl", "-certfile", pem, "-outform", "DER", "-out", theirs})
          .status,
      0);
  EXPECT_EQ(must(read_certificates(get(dir / "theirs"))), list);
}

TEST(CmsWitness, ParsesOurIndefiniteLengths) {
  const TempDir dir;
  const Identity device = make_identity(make_ca(), KeyType::rsa_2048);
  SignOptions options;
  options.indefinite_length = true;
  for (const bool detached : {false, true}) {
    options.detached = detached;
    const std::string file = put(dir / "m", must(sign(as_bytes(kOctets), device, options)));
    const auto tree = run({"openssl", "asn1parse", "-inform", "DER", "-in", file});
    EXPECT_EQ(tree.status, 0) << tree.err;
    EXPECT_NE(tree.out.find("l=inf  cons: SEQUENCE"), std::string::npos) << tree.out;
    const bool chunked = tree.out.find("l=inf  cons: OCTET STRING") != std::string::npos;
    EXPECT_EQ(chunked, !detached) << tree.out;
  }
}

}  // namespace
}  // namespace understudy::crypto::cms
