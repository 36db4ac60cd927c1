#include <gtest/gtest.h>

#include "shared/scep/client.h"
#include "tests/unit/shared/scep/exchange.h"

/// The client against CertRep messages that are well-formed and wrong.

namespace understudy::scep {
namespace {

using test::code_of;
using test::kNow;
using test::make_ca;
using test::must;

class ClientReply : public test::Scep {
 protected:
  /// Brings the client to its PKIOperation and keeps what it sent.
  void SetUp() override {
    ASSERT_TRUE(client.start());
    ASSERT_TRUE(client.answered(200, "text/plain", as_bytes("SCEPStandard")));
    const auto action =
        must(client.answered(200, std::string(kTypeCaCert), ca.certificate().der()));
    request.emplace(must(parse_message(std::get<HttpPost>(action).body)));
    good.transaction_id = request->attributes.transaction_id;
    good.type = MessageType::cert_rep;
    good.status = PkiStatus::success;
    good.sender_nonce = Bytes(16, 1);
    good.recipient_nonce = request->attributes.sender_nonce;
  }

  Bytes envelope_for(const crypto::PublicKey& certified) const {
    const auto certificate = must(ca.issue(crypto::test::make_spec("device"), certified));
    const Bytes list = must(crypto::cms::certificates_only({&certificate, 1}));
    return must(crypto::cms::encrypt(list, request->signer, crypto::cms::Cipher::aes_128_cbc));
  }

  Result<Action> answer(const Attributes& attributes, BytesView content,
                        const crypto::Identity& signer) {
    const Bytes body = must(build_message(attributes, content, signer, crypto::Digest::sha256));
    return client.answered(200, kTypePkiMessage, body);
  }
  Result<Action> answer(const Attributes& attributes) {
    return answer(attributes, envelope_for(key.public_key()), ca.identity());
  }

  Client client = make_client();
  std::optional<Message> request;
  Attributes good;
};

TEST_F(ClientReply, IsTakenWhenAllIsRight) {
  const auto done = answer(good);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(std::holds_alternative<Done>(*done));
}

TEST_F(ClientReply, SendsWellFormedRequests) {
  EXPECT_EQ(request->attributes.type, MessageType::pkcs_req);
  EXPECT_EQ(request->attributes.sender_nonce.size(), 16U);
  EXPECT_EQ(request->attributes.status, std::nullopt);
  EXPECT_TRUE(request->attributes.recipient_nonce.empty());
  EXPECT_EQ(request->signer.public_key(), key.public_key());
  EXPECT_EQ(request->signer.subject().find("CN"), "device");
  EXPECT_LE(request->signer.not_before(), kNow);
  EXPECT_GE(request->signer.not_after(), kNow);
}

TEST_F(ClientReply, IsRefusedWithAnotherNonce) {
  good.recipient_nonce[0] ^= 1;
  EXPECT_EQ(code_of(answer(good)), errc::malformed);
}

TEST_F(ClientReply, IsRefusedWithoutANonce) {
  good.recipient_nonce.clear();
  EXPECT_EQ(code_of(answer(good)), errc::malformed);
}

TEST_F(ClientReply, IsRefusedForAnotherTransaction) {
  good.transaction_id += "0";
  EXPECT_EQ(code_of(answer(good)), errc::malformed);
}

TEST_F(ClientReply, IsRefusedWhenItIsNoCertRep) {
  good.type = MessageType::pkcs_req;
  EXPECT_EQ(code_of(answer(good)), errc::malformed);
}

TEST_F(ClientReply, IsRefusedWithoutAStatus) {
  good.status.reset();
  EXPECT_EQ(code_of(answer(good)), errc::malformed);
}

TEST_F(ClientReply, IsRefusedWhenAStrangerSignedIt) {
  const auto stranger = make_rsa_ca();  // the same name, another key
  EXPECT_EQ(code_of(answer(good, envelope_for(key.public_key()), stranger.identity())),
            crypto::errc::untrusted);
}

TEST_F(ClientReply, IsRefusedWhenTheSameMessageComesBack) {
  // The device's own request, mirrored by a proxy: signed, but not by the CA.
  const crypto::Identity self{key, request->signer, {}};
  EXPECT_EQ(code_of(answer(good, envelope_for(key.public_key()), self)), crypto::errc::untrusted);
}

TEST_F(ClientReply, IsRefusedWithACertificateOverAnotherKey) {
  const auto other = must(crypto::PrivateKey::generate(crypto::KeyType::rsa_2048));
  EXPECT_EQ(code_of(answer(good, envelope_for(other.public_key()), ca.identity())),
            errc::wrong_key);
}

TEST_F(ClientReply, IsRefusedWithoutCertificates) {
  const Bytes list = must(crypto::cms::certificates_only({}));
  const Bytes envelope =
      must(crypto::cms::encrypt(list, request->signer, crypto::cms::Cipher::aes_128_cbc));
  EXPECT_EQ(code_of(answer(good, envelope, ca.identity())), errc::wrong_key);
}

TEST_F(ClientReply, IsRefusedWhenSuccessHasNoContent) {
  EXPECT_EQ(code_of(answer(good, {}, ca.identity())), crypto::errc::malformed);
}

TEST_F(ClientReply, IsRefusedWhenEncipheredToAnother) {
  const auto certificate = must(ca.issue(crypto::test::make_spec("x"), key.public_key()));
  const Bytes list = must(crypto::cms::certificates_only({&certificate, 1}));
  const Bytes envelope =
      must(crypto::cms::encrypt(list, ca.certificate(), crypto::cms::Cipher::aes_128_cbc));
  EXPECT_EQ(code_of(answer(good, envelope, ca.identity())), crypto::errc::wrong_key);
}

TEST_F(ClientReply, IsRefusedInWordsWhenFailureHasNoFailInfo) {
  good.status = PkiStatus::failure;
  const auto result = answer(good, {}, ca.identity());
  EXPECT_EQ(code_of(result), errc::refused);
  EXPECT_EQ(result.error().message().find("sesame"), std::string::npos) << "no challenge in it";
}

TEST_F(ClientReply, MakesTheClientWaitWhenPending) {
  good.status = PkiStatus::pending;
  const auto next = answer(good, {}, ca.identity());
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_TRUE(std::holds_alternative<Wait>(*next));
}

}  // namespace
}  // namespace understudy::scep
