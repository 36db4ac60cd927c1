#include "shared/crypto/key.h"

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
using test::must;
using test::put;

TEST(Digest, MatchesPublishedValues) {
  const auto hex = [](Digest algorithm, std::string_view text) {
    return hex_encode(digest(algorithm, as_bytes(text)));
  };
  // FIPS 180's example message, and the topic hash of docs/protocol/courier.md.
  EXPECT_EQ(hex(Digest::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(Digest::sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(Digest::sha384, "abc").substr(0, 32), "cb00753f45a35e8bb5a03d699ac65007");
  EXPECT_EQ(hex(Digest::sha512, "abc").substr(0, 32), "ddaf35a193617abacc417349ae204131");
  EXPECT_EQ(hex(Digest::sha1, "com.apple.madrid"), "e4e6d952954168d0a5db02dbaf27cc35fc18d159");
  EXPECT_EQ(hex(Digest::sha1, ""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex_encode(md5(as_bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(ConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("secret"), as_bytes("secret")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("secreT")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("secret1")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

TEST(RandomBytes, DiffersEachTime) {
  EXPECT_EQ(random_bytes(32).size(), 32U);
  EXPECT_NE(random_bytes(32), random_bytes(32));
  EXPECT_TRUE(random_bytes(0).empty());
}

class KeyOfType : public testing::TestWithParam<std::pair<KeyType, int>> {};

TEST_P(KeyOfType, SignsVerifiesAndSurvivesItsForms) {
  const auto [type, bits] = GetParam();
  const PrivateKey key = must(PrivateKey::generate(type));
  EXPECT_EQ(key.bits(), bits);
  EXPECT_EQ(key.is_rsa(), bits > 1000);
  const PrivateKey again = must(PrivateKey::from_pem(key.pem()));
  EXPECT_EQ(again.der(), key.der());
  EXPECT_EQ(must(PrivateKey::from_der(key.der())).der(), key.der());
  const PublicKey open = must(PublicKey::from_der(key.public_key().der()));
  EXPECT_EQ(open, key.public_key());
  for (const Digest algorithm : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512}) {
    const Bytes signature = must(again.sign(algorithm, as_bytes("data")));
    EXPECT_TRUE(open.verify(algorithm, as_bytes("data"), signature));
    EXPECT_FALSE(open.verify(algorithm, as_bytes("date"), signature));
    Bytes damaged = signature;
    damaged[damaged.size() / 2] ^= 1;
    EXPECT_FALSE(open.verify(algorithm, as_bytes("data"), damaged));
  }
  EXPECT_FALSE(open.verify(Digest::sha256, as_bytes("data"), {}));
}

TEST_P(KeyOfType, IsUnderstoodByOpenssl) {
  const TempDir dir;
  const PrivateKey key = must(PrivateKey::generate(GetParam().first));
  const std::string pem = put(dir / "key.pem", key.pem());
  const std::string data = put(dir / "data", std::string_view("to be signed"));
  const std::string open = (dir / "pub.pem").string();
  ASSERT_EQ(run({"openssl", "pkey", "-in", pem, "-pubout", "-out", open}).status, 0);
  const std::string ours =
      put(dir / "ours", must(key.sign(Digest::sha256, as_bytes("to be signed"))));
  EXPECT_EQ(run({"openssl", "dgst", "-sha256", "-verify", open, "-signature", ours, data}).status,
            0);
  const std::string theirs = (dir / "theirs").string();
  ASSERT_EQ(run({"openssl", "dgst", "-sha1", "-sign", pem, "-out", theirs, data}).status, 0);
  EXPECT_TRUE(key.public_key().verify(Digest::sha1, as_bytes("to be signed"), get(dir / "theirs")));
}

INSTANTIATE_TEST_SUITE_P(All, KeyOfType,
                         testing::Values(std::pair{KeyType::rsa_2048, 2048},
                                         std::pair{KeyType::rsa_3072, 3072},
                                         std::pair{KeyType::rsa_4096, 4096},
                                         std::pair{KeyType::p256, 256},
                                         std::pair{KeyType::p384, 384}),
                         [](const auto& each) { return std::to_string(each.param.second); });

TEST(PrivateKey, ReadsTheFormsOpensslWrites) {
  const TempDir dir;
  const std::string traditional = (dir / "rsa.pem").string();
  ASSERT_EQ(run({"openssl", "genrsa", "-traditional", "-out", traditional, "1024"}).status, 0);
  const std::string text = to_text(get(dir / "rsa.pem"));
  ASSERT_NE(text.find("BEGIN RSA PRIVATE KEY"), std::string::npos);
  const PrivateKey key = must(PrivateKey::from_pem(text));
  EXPECT_EQ(key.bits(), 1024) << "courier identities of old devices have 1024 bits";
  const Bytes signature = must(key.sign(Digest::sha1, as_bytes("nonce")));
  EXPECT_TRUE(key.public_key().verify(Digest::sha1, as_bytes("nonce"), signature));

  const auto curve = run({"openssl", "ecparam", "-genkey", "-name", "prime256v1"});
  ASSERT_NE(curve.out.find("BEGIN EC PARAMETERS"), std::string::npos);
  EXPECT_EQ(must(PrivateKey::from_pem(curve.out)).bits(), 256);
}

TEST(PrivateKey, AsksForThePasswordOfAnEncryptedKey) {
  const auto text = run({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                         "ec_paramgen_curve:P-256", "-aes256", "-pass", "pass:open sesame"})
                        .out;
  ASSERT_NE(text.find("ENCRYPTED"), std::string::npos);
  EXPECT_EQ(must(PrivateKey::from_pem(text, "open sesame")).bits(), 256);
  EXPECT_EQ(code_of(PrivateKey::from_pem(text, "shut")), errc::wrong_password);
  EXPECT_EQ(code_of(PrivateKey::from_pem(text)), errc::wrong_password);
  const auto error = PrivateKey::from_pem(text, "shut").error().message();
  EXPECT_EQ(error.find("shut"), std::string::npos) << "no password in a message";
}

TEST(PrivateKey, RefusesWhatIsNone) {
  const std::string garbage(1 << 20, 'x');
  for (const std::string& text :
       {std::string(), garbage, std::string("-----BEGIN PRIVATE KEY-----"),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n"
                    "-----END PRIVATE KEY-----\n")}) {
    EXPECT_EQ(code_of(PrivateKey::from_pem(text)), errc::malformed);
    EXPECT_EQ(code_of(PrivateKey::from_der(as_bytes(text))), errc::malformed);
    EXPECT_EQ(code_of(PublicKey::from_der(as_bytes(text))), errc::malformed);
  }
  const Bytes der = must(PrivateKey::generate(KeyType::p256)).der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(code_of(PrivateKey::from_der(BytesView(der).first(size))), errc::malformed) << size;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(code_of(PrivateKey::from_der(longer)), errc::malformed);
}

TEST(PrivateKey, RefusesKindsThatNobodyHereUses) {
  const auto text = run({"openssl", "genpkey", "-algorithm", "ED25519"}).out;
  EXPECT_EQ(code_of(PrivateKey::from_pem(text)), errc::unsupported);
  const auto small = run({"openssl", "genrsa", "512"}).out;
  EXPECT_EQ(code_of(PrivateKey::from_pem(small)), errc::unsupported);
}

TEST(PrivateKey, DoesNotAskTheTerminalWhenDerIsEncrypted) {
  const TempDir dir;
  const std::string pem = put(dir / "key.pem", must(PrivateKey::generate(KeyType::p256)).pem());
  const std::string der = (dir / "key.p8").string();
  ASSERT_EQ(run({"openssl", "pkcs8", "-topk8", "-in", pem, "-outform", "DER", "-out", der,
                 "-passout", "pass:x"})
                .status,
            0);
  EXPECT_EQ(code_of(PrivateKey::from_der(get(dir / "key.p8"))), errc::malformed);
}

}  // namespace
}  // namespace understudy::crypto
