#include "shared/scep/message.h"

#include <gtest/gtest.h>

#include "shared/crypto/der.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/scep/exchange.h"

namespace understudy::scep {
namespace {

namespace der = crypto::der;
using crypto::test::get;
using crypto::test::make_identity;
using crypto::test::put;
using support::TempDir;
using test::code_of;
using test::make_ca;
using test::must;

class MessageTest : public test::Scep {
 protected:
  crypto::Identity device = make_identity(ca, crypto::KeyType::rsa_2048);
  Attributes attributes{"A1B2",       MessageType::cert_rep, PkiStatus::failure, FailInfo::bad_time,
                        Bytes(16, 7), Bytes(16, 9)};
};

TEST_F(MessageTest, SurvivesItsForm) {
  for (const bool indefinite : {false, true}) {
    for (const std::string& content :
         {std::string(), std::string("envelope"), std::string(9000, 'x')}) {
      const Bytes der = must(
          build_message(attributes, as_bytes(content), device, crypto::Digest::sha256, indefinite));
      EXPECT_EQ(der[1] == 0x80, indefinite);
      const Message read = must(parse_message(der));
      EXPECT_EQ(read.attributes.transaction_id, "A1B2");
      EXPECT_EQ(read.attributes.type, MessageType::cert_rep);
      EXPECT_EQ(read.attributes.status, PkiStatus::failure);
      EXPECT_EQ(read.attributes.fail_info, FailInfo::bad_time);
      EXPECT_EQ(read.attributes.sender_nonce, Bytes(16, 7));
      EXPECT_EQ(read.attributes.recipient_nonce, Bytes(16, 9));
      EXPECT_EQ(to_text(read.content), content);
      EXPECT_EQ(read.signer, device.certificate);
    }
  }
}

TEST_F(MessageTest, RefusesMalformedInput) {
  const Bytes der =
      must(build_message(attributes, as_bytes("content"), device, crypto::Digest::sha256));
  for (std::size_t size = 0; size < der.size(); size += 9) {
    EXPECT_EQ(code_of(parse_message(BytesView(der).first(size))), errc::malformed) << size;
  }
  EXPECT_EQ(code_of(parse_message(Bytes(1 << 20, 0x30))), errc::malformed);
  const Bytes plain = must(crypto::cms::sign(as_bytes("no SCEP attributes"), device));
  EXPECT_EQ(code_of(parse_message(plain)), errc::malformed);
  Bytes damaged = der;
  damaged.back() ^= 1;
  EXPECT_EQ(code_of(parse_message(damaged)), crypto::errc::bad_signature);
}

TEST_F(MessageTest, RefusesAttributesOutsideTheRfc) {
  const auto with = [&](std::string type, std::string transaction) {
    crypto::cms::SignOptions options;
    options.attributes = {{"2.16.840.1.113733.1.9.2", der::printable(type)},
                          {"2.16.840.1.113733.1.9.7", der::printable(transaction)}};
    return parse_message(must(crypto::cms::sign(as_bytes("x"), device, options)));
  };
  EXPECT_TRUE(with("19", "id"));
  EXPECT_EQ(code_of(with("18", "id")), errc::malformed);
  EXPECT_EQ(code_of(with("PKCSReq", "id")), errc::malformed);
  EXPECT_EQ(code_of(with("19", "")), errc::malformed);
}

TEST_F(MessageTest, ReadsTheRequestOfAnotherClient) {
  // Recorded from `pki --scep` of strongSwan 5.9.8, which enrolled at our responder with it.
  const Bytes der = get(std::filesystem::path(UNDERSTUDY_SOURCE_DIR) /
                        "tests/unit/shared/scep/data" / "strongswan_pkcsreq.der");
  ASSERT_FALSE(der.empty());
  const Message read = must(parse_message(der));
  EXPECT_EQ(read.attributes.type, MessageType::pkcs_req);
  EXPECT_EQ(read.attributes.transaction_id, "9F0736ABB9A9B8A04B26732239F081CE20932DFB");
  EXPECT_EQ(hex_encode(read.attributes.sender_nonce), "9adb85882c45fac9ecdf471b7acbdd2b");
  EXPECT_EQ(read.signer.subject().text(), "CN=dev, serialNumber=C02X");
  EXPECT_TRUE(crypto::cms::looks_like_cms(read.content));
}

TEST_F(MessageTest, WritesWhatOpensslTakesApart) {
  const TempDir dir;
  Client client = make_client();
  ASSERT_TRUE(client.start());
  const std::string caps = "AES\nSHA-256\nPOSTPKIOperation\n";
  ASSERT_TRUE(client.answered(200, "text/plain", as_bytes(caps)));
  const auto action = must(client.answered(200, std::string(kTypeCaCert), ca.certificate().der()));
  const std::string message = put(dir / "message", std::get<HttpPost>(action).body);
  const auto tree = support::run({"openssl", "asn1parse", "-inform", "DER", "-in", message});
  for (const char* expected : {":2.16.840.1.113733.1.9.2", ":2.16.840.1.113733.1.9.5",
                               ":2.16.840.1.113733.1.9.7", "PRINTABLESTRING   :19"}) {
    EXPECT_NE(tree.out.find(expected), std::string::npos) << expected << "\n" << tree.out;
  }
  const std::string envelope = (dir / "envelope").string();
  const auto verified = support::run({"openssl", "cms", "-verify", "-noverify", "-binary",
                                      "-inform", "DER", "-in", message, "-out", envelope});
  ASSERT_EQ(verified.status, 0) << verified.err;
  const std::string request = (dir / "request").string();
  const auto opened =
      support::run({"openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", envelope,
                    "-recip", put(dir / "ca.pem", ca.certificate().pem()), "-inkey",
                    put(dir / "ca.key", ca.identity().key.pem()), "-out", request});
  ASSERT_EQ(opened.status, 0) << opened.err;
  const auto text = support::run(
      {"openssl", "req", "-verify", "-inform", "DER", "-in", request, "-noout", "-text"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("sesame"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("serialNumber = C02X"), std::string::npos) << text.out;
}

TEST_F(MessageTest, WritesRepliesThatOpensslTakesApart) {
  const TempDir dir;
  Bytes reply;
  ASSERT_TRUE(run([&](const std::string& operation, auto& answer) {
    if (operation == "PKIOperation") reply = answer.body;
  }));
  const std::string envelope = (dir / "envelope").string();
  const std::string anchor = put(dir / "ca.pem", ca.certificate().pem());
  const auto verified = support::run({"openssl", "cms", "-verify", "-CAfile", anchor, "-purpose",
                                      "any", "-no_check_time", "-binary", "-inform", "DER", "-in",
                                      put(dir / "reply", reply), "-out", envelope});
  ASSERT_EQ(verified.status, 0) << verified.err;
  const std::string list = (dir / "list").string();
  // The recipient is the temporary certificate, which openssl finds by trying the key.
  const auto opened =
      support::run({"openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", envelope,
                    "-inkey", put(dir / "key", key.pem()), "-out", list});
  ASSERT_EQ(opened.status, 0) << opened.err;
  const auto pem =
      support::run({"openssl", "pkcs7", "-inform", "DER", "-in", list, "-print_certs"}).out;
  const auto issued = must(crypto::Certificate::from_pem(pem));
  EXPECT_EQ(issued.public_key(), key.public_key());
  const auto chain = support::run({"openssl", "verify", "-no_check_time", "-purpose", "sslclient",
                                   "-CAfile", anchor, put(dir / "issued.pem", issued.pem())});
  EXPECT_EQ(chain.status, 0) << chain.err;
}

TEST_F(MessageTest, WritesIssuerAndSubject) {
  const TempDir dir;
  const Bytes der = must(issuer_and_subject(crypto::Name::of({{"CN", "the issuer"}}),
                                            crypto::Name::of({{"CN", "the subject"}})));
  const auto tree =
      support::run({"openssl", "asn1parse", "-inform", "DER", "-in", put(dir / "x", der)});
  EXPECT_EQ(tree.status, 0) << tree.err;
  const auto issuer = tree.out.find("the issuer");
  const auto subject = tree.out.find("the subject");
  ASSERT_NE(subject, std::string::npos) << tree.out;
  EXPECT_LT(issuer, subject);
}

}  // namespace
}  // namespace understudy::scep
