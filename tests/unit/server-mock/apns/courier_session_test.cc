#include "server-mock/apns/courier_session.h"

#include <gtest/gtest.h>

#include "shared/apns/nonce.h"
#include "shared/crypto/ca.h"
#include "tests/unit/server-mock/apns/known.h"

namespace understudy::apns_mock {
namespace {

crypto::Identity make_device(const std::string& name) {
  return crypto::CertificateAuthority::create(crypto::Name::of({{"CN", name}}),
                                              crypto::KeyType::rsa_2048, kNow,
                                              kNow + std::chrono::hours(24))
      .value()
      .identity();
}

const crypto::Identity& device() {
  static const crypto::Identity identity = make_device("device");
  return identity;
}

apns::Connect connect_of(const crypto::Identity& identity) {
  Rng rng(5);
  apns::Connect message;
  message.certificate = identity.certificate.der();
  message.nonce = apns::make_nonce(kNow, rng);
  message.signature = apns::sign_nonce(identity.key, message.nonce).value();
  return message;
}

class CourierSessionTest : public testing::Test {
 protected:
  Result<Effects> feed(const apns::Frame& frame) { return session.on_frame(frame, kNow); }

  std::uint8_t connect_status(const apns::Connect& message) {
    effects = feed(to_frame(message)).value();
    return apns::parse_connect_response(effects.sends.at(0).frame).value().status;
  }

  Broker broker = Broker::open(TokenStore::open(":memory:").value(), Rng(1)).value();
  CourierSession session{broker, 1, CourierPeer(), Policies()};
  Effects effects;
};

TEST_F(CourierSessionTest, GivesATokenToWhoProvesItsCertificate) {
  EXPECT_FALSE(session.connected());
  EXPECT_EQ(connect_status(connect_of(device())), 0);
  EXPECT_TRUE(session.connected());
  EXPECT_TRUE(effects.closes.empty());
}

TEST_F(CourierSessionTest, RefusesAndClosesWhoCannot) {
  apns::Connect foreign = connect_of(device());
  foreign.certificate = make_device("other").certificate.der();
  EXPECT_EQ(connect_status(foreign), 2);
  EXPECT_EQ(effects.closes, std::vector<ConnectionId>{1});
  EXPECT_FALSE(session.connected());

  apns::Connect none = connect_of(device());
  none.certificate.clear();
  EXPECT_EQ(connect_status(none), 2);
  apns::Connect garbage = connect_of(device());
  garbage.certificate = {1, 2, 3};
  EXPECT_EQ(connect_status(garbage), 2);
  apns::Connect unsigned_nonce = connect_of(device());
  unsigned_nonce.signature.clear();
  EXPECT_EQ(connect_status(unsigned_nonce), 2);
}

TEST_F(CourierSessionTest, FailsOnMessagesBeforeConnect) {
  for (const apns::Frame& frame :
       {to_frame(apns::Filter{}), to_frame(apns::AppTokenRequest{}), to_frame(apns::Ack{})}) {
    const auto result = feed(frame);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message().find("before Connect"), std::string::npos);
  }
}

TEST_F(CourierSessionTest, FailsOnAWrongWidthAfterConnect) {
  connect_status(connect_of(device()));
  apns::Frame frame = to_frame(apns::AppTokenRequest{});
  frame.fields[1].value.resize(19);
  EXPECT_FALSE(feed(frame));
  frame = to_frame(apns::SetState{});
  frame.fields[1].value.resize(3);
  EXPECT_FALSE(feed(frame));
  frame.command = apns::Command::flush;
  frame.fields = {{1, {0x40}}};
  EXPECT_FALSE(feed(frame));
}

TEST_F(CourierSessionTest, AnswersKeepaliveAndFlushAndIgnoresTheUnknown) {
  effects = feed(to_frame(apns::KeepAlive{})).value();
  EXPECT_EQ(hex_encode(apns::encode(effects.sends.at(0).frame).value()), "0d00000000");
  apns::Frame flush;
  flush.command = apns::Command::flush;
  flush.fields = {{1, {0x00, 0x40}}};
  effects = feed(flush).value();
  EXPECT_EQ(effects.sends.at(0).frame.find(2)->value.size(), 64U);
  flush.fields = {{1, {0xff, 0xff}}};
  effects = feed(flush).value();
  EXPECT_EQ(effects.sends.at(0).frame.find(2)->value.size(), 512U);
  flush.command = static_cast<apns::Command>(0x77);
  effects = feed(flush).value();
  EXPECT_TRUE(effects.sends.empty());
  EXPECT_TRUE(feed(to_frame(apns::SetState{})).value().sends.empty());
}

}  // namespace
}  // namespace understudy::apns_mock
