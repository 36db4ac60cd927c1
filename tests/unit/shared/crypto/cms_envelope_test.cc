#include <gtest/gtest.h>

#include "shared/crypto/cms.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/crypto/material.h"

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

struct Recipient {
  CertificateAuthority ca = make_ca();
  Identity device = make_identity(ca, KeyType::rsa_2048);
  TempDir dir;
  std::string certificate = put(dir / "cert.pem", device.certificate.pem());
  std::string key = put(dir / "key.pem", device.key.pem());

  support::Output openssl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"openssl", "cms"});
    return run(arguments);
  }
};

class EnvelopeOf : public testing::TestWithParam<std::pair<Cipher, std::string>> {};

TEST_P(EnvelopeOf, OpensWithUsAndWithOpenssl) {
  const Recipient recipient;
  const auto& [cipher, name] = GetParam();
  for (const std::string& text : {std::string(), std::string("short"), std::string(50000, 'z')}) {
    for (const bool indefinite : {false, true}) {
      const Bytes message =
          must(encrypt(as_bytes(text), recipient.device.certificate, cipher, indefinite));
      EXPECT_EQ(message[1] == 0x80, indefinite);
      EXPECT_EQ(to_text(must(decrypt(message, recipient.device))), text);
      const auto opened = recipient.openssl({"-decrypt", "-binary", "-inform", "DER", "-in",
                                             put(recipient.dir / "m", message), "-recip",
                                             recipient.certificate, "-inkey", recipient.key});
      EXPECT_EQ(opened.status, 0) << opened.err;
      EXPECT_EQ(opened.out, text);
    }
  }
}

TEST_P(EnvelopeOf, OpensWhatOpensslSeals) {
  const Recipient recipient;
  const std::string text = put(recipient.dir / "text", std::string_view("theirs \x01\n"));
  const std::string out = (recipient.dir / "m").string();
  for (const std::vector<std::string>& variant : std::vector<std::vector<std::string>>{
           {}, {"-stream"}, {"-keyid"}, {"-keyopt", "rsa_padding_mode:oaep"}}) {
    std::vector<std::string> arguments{"-encrypt",
                                       "-binary",
                                       "-in",
                                       text,
                                       "-outform",
                                       "DER",
                                       "-out",
                                       out,
                                       "-" + GetParam().second,
                                       "-recip",
                                       recipient.certificate};
    arguments.insert(arguments.end(), variant.begin(), variant.end());
    const auto made = recipient.openssl(arguments);
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_EQ(to_text(must(decrypt(get(recipient.dir / "m"), recipient.device))), "theirs \x01\n");
  }
}

INSTANTIATE_TEST_SUITE_P(All, EnvelopeOf,
                         testing::Values(std::pair{Cipher::aes_128_cbc, "aes-128-cbc"},
                                         std::pair{Cipher::aes_256_cbc, "aes-256-cbc"},
                                         std::pair{Cipher::des3_cbc, "des3"}));

TEST(CmsEnvelope, RefusesAnotherRecipient) {
  const Recipient recipient;
  const Identity other = make_identity(recipient.ca, KeyType::rsa_2048, "other");
  const Identity curve = make_identity(recipient.ca, KeyType::p256, "curve");
  const Bytes message =
      must(encrypt(as_bytes("x"), recipient.device.certificate, Cipher::aes_128_cbc));
  EXPECT_EQ(code_of(decrypt(message, other)), errc::wrong_key);
  EXPECT_EQ(code_of(decrypt(message, curve)), errc::wrong_key);
  // The right name with the wrong key: the content does not come out.
  const Identity mixed{other.key, recipient.device.certificate, {}};
  const auto opened = decrypt(message, mixed);
  EXPECT_TRUE(!opened || to_text(*opened) != "x");
}

TEST(CmsEnvelope, RefusesARecipientWithoutRsa) {
  const Identity curve = make_identity(make_ca(), KeyType::p256);
  EXPECT_EQ(code_of(encrypt(as_bytes("x"), curve.certificate, Cipher::aes_128_cbc)),
            errc::unsupported);
}

TEST(CmsEnvelope, RefusesMalformedInput) {
  const Recipient recipient;
  const Bytes message =
      must(encrypt(as_bytes("content"), recipient.device.certificate, Cipher::aes_256_cbc));
  for (std::size_t size = 0; size < message.size(); size += 5) {
    EXPECT_EQ(code_of(decrypt(BytesView(message).first(size), recipient.device)), errc::malformed);
  }
  EXPECT_EQ(code_of(decrypt(Bytes(1 << 20, 0x30), recipient.device)), errc::malformed);
  EXPECT_EQ(code_of(decrypt(must(sign(as_bytes("x"), recipient.device)), recipient.device)),
            errc::malformed);
  EXPECT_EQ(code_of(verify(message)), errc::malformed);
}

TEST(CmsEnvelope, NoticesADamagedEnd) {
  const Recipient recipient;
  // Content of whole blocks: the last one is padding only, and damage before it breaks the padding.
  const std::string blocks(32, 'b');
  Bytes message =
      must(encrypt(as_bytes(blocks), recipient.device.certificate, Cipher::aes_128_cbc));
  message[message.size() - 17] ^= 0x55;
  EXPECT_EQ(code_of(decrypt(message, recipient.device)), errc::wrong_key);
}

}  // namespace
}  // namespace understudy::crypto::cms
