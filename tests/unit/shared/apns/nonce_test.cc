#include "shared/apns/nonce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "shared/crypto/ca.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/apns/golden.h"

namespace understudy::apns {
namespace {

const TimePoint kNow = from_unix_us(1'700'000'000'000'000);

const crypto::Identity& device() {
  static const crypto::Identity identity =
      crypto::CertificateAuthority::create(crypto::Name::of({{"CN", "device"}}),
                                           crypto::KeyType::rsa_2048, kNow,
                                           kNow + std::chrono::hours(24))
          .value()
          .identity();
  return identity;
}

std::string refusal(BytesView nonce, BytesView signature) {
  const auto verified = verify_nonce(device().certificate, nonce, signature);
  if (verified) return "accepted";
  EXPECT_EQ(verified.error().code, make_error_code(errc::untrusted));
  return verified.error().message();
}

TEST(Nonce, HasUseTimeAndRandomOctets) {
  Rng rng(1);
  Bytes nonce = make_nonce(kNow, rng);
  ASSERT_EQ(nonce.size(), 17U);
  const Bytes random(nonce.begin() + 9, nonce.end());
  EXPECT_NE(random, Bytes(8));
  EXPECT_NE(make_nonce(kNow, rng), nonce);
  std::fill(nonce.begin() + 9, nonce.end(), std::uint8_t{0});
  EXPECT_EQ(hex_encode(nonce), golden::kNonce);
}

TEST(Nonce, SignatureVerifiesWithItsCertificateOnly) {
  Rng rng(2);
  const Bytes nonce = make_nonce(kNow, rng);
  const Bytes signature = sign_nonce(device().key, nonce).value();
  EXPECT_EQ(refusal(nonce, signature), "accepted");

  Bytes other = nonce;
  other[12] ^= 1;
  EXPECT_NE(refusal(other, signature).find("signature"), std::string::npos);
  Bytes algorithm = signature;
  algorithm[1] = 2;
  EXPECT_NE(refusal(nonce, algorithm).find("algorithm"), std::string::npos);
  EXPECT_NE(refusal(nonce, Bytes{1, 1}).find("algorithm"), std::string::npos);
  EXPECT_NE(refusal(Bytes(16), signature).find("form"), std::string::npos);
  Bytes use = nonce;
  use[0] = 1;
  EXPECT_NE(refusal(use, signature).find("form"), std::string::npos);
}

TEST(Nonce, RefusesAKeyThatIsNoRsa) {
  const auto other = crypto::CertificateAuthority::create(
      crypto::Name::of({{"CN", "ec"}}), crypto::KeyType::p256, kNow, kNow + std::chrono::hours(1));
  Rng rng(3);
  const Bytes nonce = make_nonce(kNow, rng);
  const auto verified = verify_nonce(other.value().certificate(), nonce, Bytes{1, 1, 0});
  ASSERT_FALSE(verified);
  EXPECT_NE(verified.error().message().find("not RSA"), std::string::npos);
}

TEST(Nonce, OpensslAgreesOnTheSignature) {
  const support::TempDir dir;
  Rng rng(4);
  const Bytes nonce = make_nonce(kNow, rng);
  const Bytes signature = sign_nonce(device().key, nonce).value();
  const auto write = [&](const std::string& name, BytesView content) {
    std::ofstream(dir / name, std::ios::binary) << as_text(content);
  };
  write("nonce", nonce);
  write("signature", BytesView(signature).subspan(2));
  write("key.pem", as_bytes(device().key.pem()));
  const auto verified =
      support::run({"openssl", "dgst", "-sha1", "-prverify", (dir / "key.pem").string(),
                    "-signature", (dir / "signature").string(), (dir / "nonce").string()});
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;

  const auto made = support::run(
      {"openssl", "dgst", "-sha1", "-sign", (dir / "key.pem").string(), (dir / "nonce").string()});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(refusal(nonce, to_bytes("\x01\x01" + made.out)), "accepted");
}

}  // namespace
}  // namespace understudy::apns
