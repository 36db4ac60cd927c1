#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "shared/crypto/cms.h"
#include "tests/unit/shared/crypto/material.h"

namespace understudy::crypto::cms {
namespace {

using test::code_of;
using test::make_ca;
using test::make_identity;
using test::must;

constexpr std::string_view kText = "<plist>\r\n\nbinary \x01\xff stays as it is</plist>";

struct Signer {
  CertificateAuthority ca = make_ca();
  Identity device = make_identity(ca, KeyType::rsa_2048);
};

class Combination : public testing::TestWithParam<std::tuple<KeyType, bool, bool>> {};

TEST_P(Combination, SurvivesSigningAndVerifying) {
  const auto [type, detached, indefinite] = GetParam();
  const auto ca = make_ca();
  const Identity device = make_identity(ca, type);
  SignOptions options;
  options.detached = detached;
  options.indefinite_length = indefinite;
  options.extra_certificates = {ca.certificate(), device.certificate, ca.certificate()};
  for (const Digest digest : {Digest::sha1, Digest::sha256, Digest::sha512}) {
    options.digest = digest;
    const Bytes message = must(sign(as_bytes(kText), device, options));
    EXPECT_TRUE(looks_like_cms(message));
    EXPECT_EQ(message[1] == 0x80, indefinite) << "the outer length";
    const auto detached_content =
        detached ? std::optional<BytesView>(as_bytes(kText)) : std::nullopt;
    const SignedMessage read = must(verify(message, detached_content));
    EXPECT_EQ(to_text(read.content), detached ? "" : kText);
    EXPECT_EQ(read.signer, device.certificate);
    EXPECT_EQ(read.certificates.size(), 2U) << "each certificate once";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Combination,
                         testing::Combine(testing::Values(KeyType::rsa_2048, KeyType::rsa_4096,
                                                          KeyType::p256, KeyType::p384),
                                          testing::Bool(), testing::Bool()));

TEST(CmsSign, EmitsChunksOfIndefiniteLength) {
  const Signer signer;
  SignOptions options;
  options.indefinite_length = true;
  const std::string large(20000, 'z');
  const Bytes message = must(sign(as_bytes(large), signer.device, options));
  // [0] EXPLICIT, constructed OCTET STRING, both indefinite, then a primitive chunk.
  EXPECT_NE(as_text(message).find(std::string("\xa0\x80\x24\x80\x04", 5)), std::string::npos);
  EXPECT_EQ(as_text(message).find(large), std::string::npos) << "it is cut into chunks";
  EXPECT_EQ(to_text(must(verify(message)).content), large);
}

TEST(CmsSign, CarriesSignedAttributesRaw) {
  const Signer signer;
  SignOptions options;
  const Bytes printable{0x13, 0x02, '1', '9'};
  const Bytes octets{0x04, 0x03, 1, 2, 3};
  const Bytes nested{0x30, 0x04, 0x02, 0x02, 0x01, 0x00};
  options.attributes = {{"2.16.840.1.113733.1.9.2", printable},
                        {"2.16.840.1.113733.1.9.5", octets},
                        {"1.2.3.4", nested}};
  const SignedMessage read = must(verify(must(sign(as_bytes("x"), signer.device, options))));
  const auto value = [&](std::string_view oid) {
    for (const auto& attribute : read.attributes) {
      if (attribute.oid == oid) return attribute.value_der;
    }
    return Bytes{};
  };
  EXPECT_EQ(value("2.16.840.1.113733.1.9.2"), printable);
  EXPECT_EQ(value("2.16.840.1.113733.1.9.5"), octets);
  EXPECT_EQ(value("1.2.3.4"), nested);
  EXPECT_EQ(value("1.2.840.113549.1.9.3").size(), 11U) << "contentType";
}

TEST(CmsSign, RefusesAttributesThatAreNoDer) {
  const Signer signer;
  SignOptions options;
  options.attributes = {{"1.2.3.4", {0x13, 0x05, 'x'}}};
  EXPECT_EQ(code_of(sign({}, signer.device, options)), errc::malformed);
  options.attributes = {{"nonsense", {0x13, 0x01, 'x'}}};
  EXPECT_EQ(code_of(sign({}, signer.device, options)), errc::malformed);
}

TEST(CmsSign, RefusesAKeyOfAnother) {
  const Signer signer;
  const Identity mixed{signer.ca.identity().key, signer.device.certificate, {}};
  EXPECT_EQ(code_of(sign({}, mixed)), errc::wrong_key);
}

TEST(CmsVerify, RefusesOtherBytes) {
  const Signer signer;
  SignOptions options;
  options.detached = true;
  const Bytes message = must(sign(as_bytes("the body"), signer.device, options));
  EXPECT_TRUE(verify(message, as_bytes("the body")));
  EXPECT_EQ(code_of(verify(message, as_bytes("the bodY"))), errc::bad_signature);
  EXPECT_EQ(code_of(verify(message, BytesView{})), errc::bad_signature);
  EXPECT_EQ(code_of(verify(message, as_bytes(std::string(1 << 20, 'x')))), errc::bad_signature);
}

TEST(CmsVerify, WantsDetachedContentExactlyWhenDetached) {
  const Signer signer;
  SignOptions options;
  const Bytes attached = must(sign(as_bytes("x"), signer.device, options));
  EXPECT_EQ(code_of(verify(attached, as_bytes("x"))), errc::malformed);
  options.detached = true;
  const Bytes detached = must(sign(as_bytes("x"), signer.device, options));
  EXPECT_EQ(code_of(verify(detached)), errc::malformed);
}

TEST(CmsVerify, NoticesEachChangedOctetOfContentAndSignature) {
  const Signer signer;
  const Bytes message = must(sign(as_bytes("content here"), signer.device));
  const auto at = as_text(message).find("content here");
  ASSERT_NE(at, std::string::npos);
  for (std::size_t i = 0; i < 12; ++i) {
    Bytes damaged = message;
    damaged[at + i] ^= 0x20;
    EXPECT_EQ(code_of(verify(damaged)), errc::bad_signature);
  }
  for (std::size_t i = 1; i <= 256; i += 15) {
    Bytes damaged = message;
    damaged[damaged.size() - i] ^= 1;
    EXPECT_EQ(code_of(verify(damaged)), errc::bad_signature);
  }
}

TEST(CmsVerify, NoticesAChangedSignedAttribute) {
  const Signer signer;
  SignOptions options;
  options.attributes = {{"1.2.3.4", {0x13, 0x06, 'h', 'o', 'n', 'e', 's', 't'}}};
  Bytes message = must(sign(as_bytes("x"), signer.device, options));
  const auto at = as_text(message).find("honest");
  ASSERT_NE(at, std::string::npos);
  message[at] = 'H';
  EXPECT_EQ(code_of(verify(message)), errc::bad_signature);
}

TEST(CmsVerify, ReportsTheSignerAndLeavesTrustToTheCaller) {
  const Signer honest;
  const Signer stranger;  // the same names, other keys
  const Bytes message = must(sign(as_bytes("x"), stranger.device));
  const SignedMessage read = must(verify(message));
  const std::vector<Certificate> anchors{honest.ca.certificate()};
  EXPECT_EQ(code_of(verify_chain(read.signer, read.certificates, anchors, test::kNow)),
            errc::untrusted);
}

TEST(CmsVerify, RefusesMalformedInput) {
  const Signer signer;
  const Bytes message = must(sign(as_bytes("content"), signer.device));
  for (std::size_t size = 0; size < message.size(); size += 5) {
    EXPECT_EQ(code_of(verify(BytesView(message).first(size))), errc::malformed) << size;
    EXPECT_EQ(code_of(read_certificates(BytesView(message).first(size))), errc::malformed) << size;
  }
  Bytes longer = message;
  longer.push_back('\n');
  EXPECT_EQ(code_of(verify(longer)), errc::malformed);
  for (const std::uint8_t filler : Bytes{0x00, 0x30, 0x24, 0x80, 0xff}) {
    EXPECT_EQ(code_of(verify(Bytes(1 << 20, filler))), errc::malformed);
  }
  EXPECT_EQ(code_of(verify(signer.device.certificate.der())), errc::malformed);
  EXPECT_EQ(code_of(verify(must(certificates_only({})))), errc::malformed) << "nobody signed";
}

TEST(CmsVerify, StopsAtDeepNesting) {
  Bytes deep;
  for (int i = 0; i < 100000; ++i) {
    deep.push_back(0x24);
    deep.push_back(0x80);
  }
  Bytes message =
      must(hex_decode("308006092a864886f70d010702a0803080020101310030800609"
                      "2a864886f70d010701a080"));
  message.insert(message.end(), deep.begin(), deep.end());
  EXPECT_EQ(code_of(verify(message)), errc::malformed);
}

TEST(CmsCertificates, SurviveWithoutASigner) {
  const Signer signer;
  const std::vector<Certificate> list{signer.device.certificate, signer.ca.certificate()};
  const auto read = must(read_certificates(must(certificates_only(list))));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_NE(std::ranges::find(read, list[0]), read.end());
  EXPECT_NE(std::ranges::find(read, list[1]), read.end());
  EXPECT_TRUE(must(read_certificates(must(certificates_only({})))).empty());
}

TEST(LooksLikeCms, TellsMessagesFromPropertyLists) {
  EXPECT_TRUE(looks_like_cms(Bytes{0x30, 0x80, 0x06, 0x09}));
  EXPECT_TRUE(looks_like_cms(Bytes{0x30, 0x82, 0x01, 0x00, 0x06}));
  EXPECT_TRUE(looks_like_cms(Bytes{0x30, 0x10, 0x06}));
  EXPECT_FALSE(looks_like_cms(as_bytes("<?xml version=\"1.0\"?><plist/>")));
  EXPECT_FALSE(looks_like_cms(as_bytes("bplist00")));
  EXPECT_FALSE(looks_like_cms(as_bytes("0 is a digit")));
  EXPECT_FALSE(looks_like_cms(Bytes{0x30, 0x84, 0x01, 0x00, 0x06}));
  EXPECT_FALSE(looks_like_cms(Bytes{0x30, 0xff, 0x06}));
  EXPECT_FALSE(looks_like_cms({}));
}

TEST(CmsVerify, WorksFromSeveralThreadsAtOnce) {
  const Signer signer;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        const auto message = sign(as_bytes("shared"), signer.device);
        if (message && verify(*message) && verify(*message)->signer == signer.device.certificate) {
          ++good;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 40);
}

}  // namespace
}  // namespace understudy::crypto::cms
