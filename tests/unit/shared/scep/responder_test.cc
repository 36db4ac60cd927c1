#include "shared/scep/responder.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/scep/exchange.h"

namespace understudy::scep {
namespace {

using crypto::test::make_identity;
using test::kNow;
using test::kYear;
using test::make_ca;
using test::must;

class ResponderTest : public test::Scep {
 protected:
  struct Parts {
    crypto::CertificateRequest csr;
    crypto::Identity signer;
  };
  Parts parts(crypto::CertificateRequest::Options options = default_options().request) const {
    auto spec = crypto::test::make_spec("temporary");
    auto certificate = must(crypto::self_signed(spec, key));
    return {must(crypto::CertificateRequest::create(key, options)),
            {key, std::move(certificate), {}}};
  }
  Attributes request_attributes(MessageType type = MessageType::pkcs_req) const {
    Attributes attributes;
    attributes.transaction_id = "T1";
    attributes.type = type;
    attributes.sender_nonce = Bytes(16, 5);
    return attributes;
  }
  Bytes seal(BytesView content, const crypto::Certificate& to) const {
    return must(crypto::cms::encrypt(content, to, crypto::cms::Cipher::aes_128_cbc));
  }
  Bytes message(const Attributes& attributes, const Parts& of) const {
    return must(build_message(attributes, seal(of.csr.der(), ca.certificate()), of.signer,
                              crypto::Digest::sha256));
  }
  Bytes poll(const crypto::Identity& signer) const {
    const Bytes names = must(issuer_and_subject(ca.certificate().subject(), {}));
    return must(build_message(request_attributes(MessageType::cert_poll),
                              seal(names, ca.certificate()), signer, crypto::Digest::sha256));
  }
  static Attributes read(const Reply& reply) {
    EXPECT_EQ(reply.http_status, 200);
    EXPECT_EQ(reply.content_type, kTypePkiMessage);
    return must(parse_message(reply.body)).attributes;
  }
  static void expect_failure(const Reply& reply, FailInfo info) {
    const Attributes attributes = read(reply);
    EXPECT_EQ(attributes.status, PkiStatus::failure);
    EXPECT_EQ(attributes.fail_info, info) << reply.log;
    EXPECT_EQ(attributes.recipient_nonce, Bytes(16, 5));
    EXPECT_EQ(attributes.transaction_id, "T1");
    EXPECT_FALSE(reply.log.empty());
    EXPECT_EQ(reply.log.find("sesame"), std::string::npos) << "no challenge in the log";
  }
  Decision pend() const { return {Decision::Kind::pend, {}, ""}; }
};

TEST_F(ResponderTest, GivesCapabilitiesAndCertificates) {
  Responder responder = make_responder();
  const Reply capabilities = responder.handle("GetCACaps", {});
  EXPECT_EQ(capabilities.content_type, "text/plain");
  EXPECT_TRUE(Capabilities::parse(as_text(capabilities.body)).has("SHA-256"));
  const Reply single = responder.handle("GetCACert", {});
  EXPECT_EQ(single.content_type, kTypeCaCert);
  EXPECT_EQ(must(crypto::Certificate::from_der(single.body)), ca.certificate());

  responder_options.ra = make_ra(ca);
  Responder with_ra = make_responder();
  const Reply set = with_ra.handle("GetCACert", {});
  EXPECT_EQ(set.content_type, kTypeCaRaCert);
  const auto all = must(crypto::cms::read_certificates(set.body));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(std::ranges::count_if(all, &crypto::Certificate::is_ca), 1);
  EXPECT_TRUE(std::ranges::all_of(all, &crypto::Certificate::may_encipher));
}

TEST_F(ResponderTest, RefusesUnknownOperationsAndUnreadableMessages) {
  Responder responder = make_responder();
  for (const char* operation : {"", "GetNextCACert", "getcacert"}) {
    EXPECT_EQ(responder.handle(operation, {}).http_status, 400) << operation;
  }
  for (const Bytes& body : {Bytes{}, Bytes(1 << 20, 0x41), to_bytes("operation=PKIOperation")}) {
    const Reply reply = responder.handle("PKIOperation", body);
    EXPECT_EQ(reply.http_status, 400);
    EXPECT_EQ(reply.content_type, "text/plain");
    EXPECT_EQ(std::ranges::count(reply.body, '\n'), 1) << "one line of reason";
  }
}

TEST_F(ResponderTest, AnswersToTheRequest) {
  Responder responder = make_responder();
  const Attributes reply =
      read(responder.handle("PKIOperation", message(request_attributes(), parts())));
  EXPECT_EQ(reply.type, MessageType::cert_rep);
  EXPECT_EQ(reply.status, PkiStatus::success);
  EXPECT_EQ(reply.transaction_id, "T1");
  EXPECT_EQ(reply.recipient_nonce, Bytes(16, 5));
  EXPECT_EQ(reply.sender_nonce.size(), 16U);
}

TEST_F(ResponderTest, IssuesWhatWasAskedWithinItsOwnLife) {
  std::vector<crypto::Certificate> issued;
  responder_options.issued = [&](const auto& certificate, const auto& csr) -> Result<void> {
    EXPECT_EQ(csr.challenge(), "sesame");
    issued.push_back(certificate);
    return {};
  };
  responder_options.validity = std::chrono::hours(24 * 30);
  client_options.request.alt_names.dns = {"device.example"};
  client_options.request.alt_names.nt_principal = {"u@corp"};
  ASSERT_TRUE(run());
  responder_options.validity = std::chrono::hours(24 * 365 * 50);
  ASSERT_TRUE(run());
  ASSERT_EQ(issued.size(), 2U);
  EXPECT_EQ(issued[0].not_after(), kNow + std::chrono::days(30));
  EXPECT_LE(issued[0].not_before(), kNow);
  EXPECT_EQ(issued[1].not_after(), ca.certificate().not_after());
  EXPECT_EQ(issued[0].subject().find("serialNumber"), "C02X");
  EXPECT_TRUE(issued[0].extension("2.5.29.17"));
  EXPECT_FALSE(issued[0].is_ca());
}

TEST_F(ResponderTest, DatesCertificatesByItsClock) {
  clock->advance(kYear);
  const auto identity = must(run());
  EXPECT_EQ(identity.certificate.not_after(), kNow + 2 * kYear);
}

TEST_F(ResponderTest, LetsTheDecisionJudgeTheChallenge) {
  responder_options.decide = [](const crypto::CertificateRequest& csr, const std::string& id) {
    EXPECT_EQ(id, "T1");
    if (csr.challenge() == "sesame") return Decision{};
    return Decision{Decision::Kind::refuse, FailInfo::bad_request, "wrong challenge"};
  };
  Responder responder = make_responder();
  EXPECT_EQ(read(responder.handle("PKIOperation", message(request_attributes(), parts()))).status,
            PkiStatus::success);
  auto options = default_options().request;
  options.challenge = "guess";
  const Reply refused =
      responder.handle("PKIOperation", message(request_attributes(), parts(options)));
  expect_failure(refused, FailInfo::bad_request);
  EXPECT_NE(refused.log.find("wrong challenge"), std::string::npos);
}

TEST_F(ResponderTest, RefusesWhenTheCertificateCannotBeKept) {
  responder_options.issued = [](const auto&, const auto&) -> Result<void> {
    return fail(understudy::errc::io, "disk full");
  };
  Responder responder = make_responder();
  const Reply reply = responder.handle("PKIOperation", message(request_attributes(), parts()));
  expect_failure(reply, FailInfo::bad_request);
  EXPECT_NE(reply.log.find("disk full"), std::string::npos);
}

TEST_F(ResponderTest, WantsProofOfPossession) {
  int decisions = 0;
  responder_options.decide = [&](const auto&, const auto&) {
    ++decisions;
    return Decision{};
  };
  Responder responder = make_responder();
  // Somebody else sends the device's request.
  Parts stolen = parts();
  stolen.signer = make_identity(ca, crypto::KeyType::rsa_2048);
  expect_failure(responder.handle("PKIOperation", message(request_attributes(), stolen)),
                 FailInfo::bad_message_check);
  // The request's own signature is over other bytes.
  Bytes csr = parts().csr.der();
  csr.back() ^= 1;
  const Bytes damaged = must(build_message(request_attributes(), seal(csr, ca.certificate()),
                                           parts().signer, crypto::Digest::sha256));
  expect_failure(responder.handle("PKIOperation", damaged), FailInfo::bad_message_check);
  EXPECT_EQ(decisions, 0) << "no challenge is spent on them";
}

TEST_F(ResponderTest, RefusesWhatItCannotOpen) {
  Responder responder = make_responder();
  const Bytes elsewhere = must(build_message(
      request_attributes(), seal(parts().csr.der(), make_rsa_ca("Other").certificate()),
      parts().signer, crypto::Digest::sha256));
  expect_failure(responder.handle("PKIOperation", elsewhere), FailInfo::bad_message_check);
  const Bytes no_csr =
      must(build_message(request_attributes(), seal(as_bytes("hello"), ca.certificate()),
                         parts().signer, crypto::Digest::sha256));
  expect_failure(responder.handle("PKIOperation", no_csr), FailInfo::bad_request);
  const Bytes no_envelope =
      must(build_message(request_attributes(), {}, parts().signer, crypto::Digest::sha256));
  expect_failure(responder.handle("PKIOperation", no_envelope), FailInfo::bad_request);
}

TEST_F(ResponderTest, RefusesTypesItDoesNotServe) {
  Responder responder = make_responder();
  for (const MessageType type : {MessageType::renewal_req, MessageType::get_cert,
                                 MessageType::get_crl, MessageType::cert_rep}) {
    expect_failure(responder.handle("PKIOperation", message(request_attributes(type), parts())),
                   FailInfo::bad_request);
  }
}

TEST_F(ResponderTest, RefusesMissingNonceAndEndlessTransactionId) {
  Responder responder = make_responder();
  Attributes attributes = request_attributes();
  attributes.sender_nonce.clear();
  const Attributes reply = read(responder.handle("PKIOperation", message(attributes, parts())));
  EXPECT_EQ(reply.fail_info, FailInfo::bad_request);
  attributes = request_attributes();
  attributes.transaction_id = std::string(256, 'x');
  const Attributes second = read(responder.handle("PKIOperation", message(attributes, parts())));
  EXPECT_EQ(second.fail_info, FailInfo::bad_request);
}

TEST_F(ResponderTest, RefusesAKeyItCannotEncipherTo) {
  Responder responder = make_responder();
  key = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
  expect_failure(responder.handle("PKIOperation", message(request_attributes(), parts())),
                 FailInfo::bad_alg);
}

TEST_F(ResponderTest, CertifiesACurveKeyThatAnRsaKeyCarries) {
  const auto carrier = make_identity(ca, crypto::KeyType::rsa_2048);
  key = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
  Parts mine = parts();
  mine.signer = carrier;
  bool approved = false;
  responder_options.decide = [&](const auto&, const auto&) {
    return approved ? Decision{} : pend();
  };
  Responder responder = make_responder();
  EXPECT_EQ(read(responder.handle("PKIOperation", message(request_attributes(), mine))).status,
            PkiStatus::pending);
  approved = true;
  const auto thief = make_identity(ca, crypto::KeyType::rsa_2048);
  expect_failure(responder.handle("PKIOperation", poll(thief)), FailInfo::bad_message_check);
  EXPECT_EQ(read(responder.handle("PKIOperation", poll(carrier))).status, PkiStatus::success);
}

TEST_F(ResponderTest, KeepsAPendingRequestForTheHolderOfItsKey) {
  bool approved = false;
  responder_options.decide = [&](const auto&, const auto&) {
    return approved ? Decision{} : pend();
  };
  Responder responder = make_responder();
  const Parts mine = parts();
  EXPECT_EQ(read(responder.handle("PKIOperation", message(request_attributes(), mine))).status,
            PkiStatus::pending);
  EXPECT_EQ(read(responder.handle("PKIOperation", poll(mine.signer))).status, PkiStatus::pending);
  approved = true;
  const auto thief = make_identity(ca, crypto::KeyType::rsa_2048);
  expect_failure(responder.handle("PKIOperation", poll(thief)), FailInfo::bad_message_check);
  EXPECT_EQ(read(responder.handle("PKIOperation", poll(mine.signer))).status, PkiStatus::success);
  expect_failure(responder.handle("PKIOperation", poll(mine.signer)), FailInfo::bad_cert_id);
}

TEST_F(ResponderTest, TakesARepeatedRequestForThePendingOne) {
  responder_options.decide = [&](const auto&, const auto&) { return pend(); };
  Responder responder = make_responder();
  const Parts mine = parts();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read(responder.handle("PKIOperation", message(request_attributes(), mine))).status,
              PkiStatus::pending);
  }
  auto options = default_options().request;
  options.subject = crypto::Name::of({{"CN", "another"}});
  expect_failure(responder.handle("PKIOperation", message(request_attributes(), parts(options))),
                 FailInfo::bad_request);
}

TEST_F(ResponderTest, KeepsABoundedNumberOfPendingRequests) {
  responder_options.decide = [&](const auto&, const auto&) { return pend(); };
  Responder responder = make_responder();
  const Parts mine = parts();
  const Bytes envelope = seal(mine.csr.der(), ca.certificate());
  Attributes attributes = request_attributes();
  const auto send = [&](std::size_t number) {
    attributes.transaction_id = "T" + std::to_string(number);
    return read(responder.handle(
                    "PKIOperation",
                    must(build_message(attributes, envelope, mine.signer, crypto::Digest::sha256))))
        .status;
  };
  for (std::size_t i = 0; i < Responder::kMaxPending; ++i) {
    ASSERT_EQ(send(i), PkiStatus::pending) << i;
  }
  EXPECT_EQ(send(Responder::kMaxPending), PkiStatus::failure);
  EXPECT_EQ(send(0), PkiStatus::pending) << "those that are known stay";
}

}  // namespace
}  // namespace understudy::scep
