#include "agent/push/courier_session.h"

#include <gtest/gtest.h>

#include <numeric>

#include "shared/apns/provider.h"

namespace understudy::agent {
namespace {

using Session = CourierSession;

// The golden vectors of docs/protocol/courier.md use this topic and these tokens.
constexpr const char* kTopic = "com.apple.mgmt.External.00000000-0000-0000-0000-000000000001";
constexpr const char* kMagic = "00000000-0000-4000-8000-000000000000";
constexpr TimePoint kStart{std::chrono::seconds(1'700'000'000)};

apns::Token token_from(std::uint8_t first) {
  apns::Token token{};
  std::iota(token.begin(), token.end(), first);
  return token;
}
const apns::Token kBase = token_from(0x00);
const apns::Token kApp = token_from(0x20);

CourierSettings settings() {
  CourierSettings settings;
  settings.topic = kTopic;
  settings.push_magic = kMagic;
  settings.os_version = "18.1";
  return settings;
}

template <class Message>
Session::Event received(const Message& message) {
  return Session::Received{apns::to_frame(message)};
}

apns::ConnectResponse accepted(std::optional<apns::Token> token) {
  apns::ConnectResponse response;
  response.token = token;
  return response;
}

apns::AppTokenResponse minted(const apns::Token& token) {
  apns::AppTokenResponse response;
  response.token = token;
  response.topic = apns::topic_hash(kTopic);
  return response;
}

apns::Notification push(std::uint32_t id = 7) {
  apns::Notification notification;
  notification.token = kApp;
  notification.topic = apns::topic_hash(kTopic);
  notification.payload = to_bytes(apns::mdm_payload(kMagic));
  notification.id = id;
  return notification;
}

/// Everything sent, in hexadecimal.
std::string sent(const Session::Effects& effects) {
  std::string hex;
  for (const auto& effect : effects) {
    if (const auto* send = std::get_if<Session::Send>(&effect)) hex += hex_encode(send->octets);
  }
  return hex;
}

template <class Effect>
std::size_t count(const Session::Effects& effects) {
  return static_cast<std::size_t>(std::count_if(effects.begin(), effects.end(), [](const auto& e) {
    return std::holds_alternative<Effect>(e);
  }));
}

const Error* closed_by(const Session::Effects& effects) {
  if (effects.empty()) return nullptr;
  const auto* close = std::get_if<Session::Close>(&effects.back());
  return close == nullptr ? nullptr : &close->error;
}

Session::Effects open(Session& session) {
  return session.step(Session::Opened{Bytes{0x30}, Bytes(17), Bytes{1, 1, 0xaa}}, kStart);
}

/// A session whose pushes arrive, with both golden tokens.
Session ready_session() {
  Session session(settings(), CourierTokens{kBase, kApp});
  open(session);
  session.step(received(accepted(std::nullopt)), kStart);
  session.step(received(minted(kApp)), kStart);
  session.step(received(apns::KeepAliveAck{}), kStart);
  return session;
}

constexpr const char* kSetState = "140000000b010001010200047fffffff";
constexpr const char* kFilter =
    "090000003a010020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f02001440ab641a"
    "bbfcc5b0a8317bb96e1f4a6108838ee6";
constexpr const char* kAppTokenRequest =
    "110000003a010020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f02001440ab641a"
    "bbfcc5b0a8317bb96e1f4a6108838ee6";
constexpr const char* kKeepAlive = "0c00000000";

TEST(CourierSession, SendsConnectWithoutTokenWhenNoneIsKnown) {
  Session session(settings(), {});
  const auto effects = open(session);
  ASSERT_EQ(effects.size(), 1U);
  apns::FrameParser parser;
  parser.feed(std::get<Session::Send>(effects[0]).octets);
  const auto frame = parser.next();
  ASSERT_TRUE(frame && *frame);
  const auto connect = apns::parse_connect(**frame);
  ASSERT_TRUE(connect) << connect.error().message();
  EXPECT_FALSE(connect->token);
  EXPECT_EQ(connect->nonce.size(), 17U);
  EXPECT_EQ(connect->os_version, "18.1");
  EXPECT_EQ(session.deadline(), kStart + std::chrono::seconds(15));
}

TEST(CourierSession, RegistersAndBecomesReadyWhenTokensAreNew) {
  Session session(settings(), {});
  open(session);
  auto effects = session.step(received(accepted(kBase)), kStart);
  EXPECT_EQ(sent(effects), std::string(kSetState) + kFilter + kAppTokenRequest + kKeepAlive);
  EXPECT_EQ(count<Session::StoreTokens>(effects), 0U) << "both tokens are stored together";

  effects =
      session.step(received(apns::AppTokenResponse{0, kApp, apns::topic_hash(kTopic)}), kStart);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(std::get<Session::StoreTokens>(effects[0]).tokens, (CourierTokens{kBase, kApp}));

  effects = session.step(received(apns::KeepAliveAck{}), kStart);
  EXPECT_EQ(count<Session::Ready>(effects), 1U);
  EXPECT_EQ(session.deadline(), kStart + std::chrono::minutes(10));
}

TEST(CourierSession, StoresNothingWhenTheCachedTokensAreStillGood) {
  Session session(settings(), CourierTokens{kBase, kApp});
  open(session);
  auto effects = session.step(received(accepted(std::nullopt)), kStart);
  EXPECT_EQ(sent(effects), std::string(kSetState) + kFilter + kAppTokenRequest + kKeepAlive);
  EXPECT_TRUE(session.step(received(minted(kApp)), kStart).empty());
  effects = session.step(received(apns::KeepAliveAck{}), kStart);
  EXPECT_EQ(count<Session::Ready>(effects), 1U);
  EXPECT_EQ(count<Session::StoreTokens>(effects), 0U);
}

TEST(CourierSession, TakesAnotherAppTokenWhenTheCachedOneEndedMeanwhile) {
  const apns::Token other = token_from(0x60);
  Session session(settings(), CourierTokens{kBase, kApp});
  open(session);
  session.step(received(accepted(std::nullopt)), kStart);
  const auto effects = session.step(received(minted(other)), kStart);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(std::get<Session::StoreTokens>(effects[0]).tokens, (CourierTokens{kBase, other}));
}

TEST(CourierSession, AsksForAnotherAppTokenWhenTheBaseTokenIsReplaced) {
  Session session(settings(), CourierTokens{kApp, kApp});
  open(session);
  auto effects = session.step(received(accepted(kBase)), kStart);
  EXPECT_NE(sent(effects).find(kAppTokenRequest), std::string::npos);
  effects = session.step(received(apns::KeepAliveAck{}), kStart);
  EXPECT_EQ(count<Session::Ready>(effects), 0U) << "the app token is still missing";
}

TEST(CourierSession, ForgetsTheTokenAndClosesWhenItIsRefused) {
  Session session(settings(), CourierTokens{kBase, kApp});
  open(session);
  apns::ConnectResponse refused;
  refused.status = 2;
  const auto effects = session.step(received(refused), kStart);
  ASSERT_EQ(effects.size(), 2U);
  const auto& stored = std::get<Session::StoreTokens>(effects[0]).tokens;
  EXPECT_FALSE(stored.base);
  EXPECT_EQ(stored.topic, kApp) << "what the server knows stays known until a new one is there";
  ASSERT_TRUE(closed_by(effects));
  EXPECT_EQ(closed_by(effects)->code, apns::errc::refused);
  EXPECT_TRUE(session.step(received(push()), kStart).empty()) << "a closed session does nothing";
}

TEST(CourierSession, ClosesWhenConnectIsAnsweredBadly) {
  apns::ConnectResponse other_status = accepted(kBase);
  other_status.status = 5;
  apns::Frame malformed = apns::to_frame(accepted(kBase));
  std::erase_if(malformed.fields, [](const apns::Field& field) { return field.id == 1; });
  for (const Session::Event& event : {received(other_status), received(accepted(std::nullopt)),
                                      Session::Event(Session::Received{malformed})}) {
    Session session(settings(), {});
    open(session);
    const auto effects = session.step(event, kStart);
    EXPECT_TRUE(closed_by(effects));
    EXPECT_EQ(count<Session::StoreTokens>(effects), 0U);
  }
}

TEST(CourierSession, ClosesWhenTheAppTokenIsRefused) {
  Session session(settings(), {});
  open(session);
  session.step(received(accepted(kBase)), kStart);
  const auto effects =
      session.step(received(apns::AppTokenResponse{1, {}, apns::topic_hash(kTopic)}), kStart);
  ASSERT_TRUE(closed_by(effects));
  EXPECT_NE(closed_by(effects)->message().find(kTopic), std::string::npos);
}

TEST(CourierSession, StoresTheWakeBeforeItAcknowledgesWhenAPushArrives) {
  Session session = ready_session();
  const auto effects = session.step(received(push(1)), kStart);
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Session::StoreWake>(effects[0]));
  EXPECT_EQ(sent(effects),
            "0b0000002e010020202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f040004"
            "0000000108000100");
}

TEST(CourierSession, AcknowledgesAgainWithoutWakingWhenAPushIsRedelivered) {
  Session session = ready_session();
  EXPECT_EQ(count<Session::StoreWake>(session.step(received(push(9)), kStart)), 1U);
  const auto again = session.step(received(push(9)), kStart);
  EXPECT_EQ(count<Session::StoreWake>(again), 0U);
  EXPECT_EQ(count<Session::Send>(again), 1U);
  EXPECT_EQ(count<Session::StoreWake>(session.step(received(push(10)), kStart)), 1U);
}

TEST(CourierSession, WakesEachTimeWhenPushesCarryIdZero) {
  Session session = ready_session();
  EXPECT_EQ(count<Session::StoreWake>(session.step(received(push(0)), kStart)), 1U);
  EXPECT_EQ(count<Session::StoreWake>(session.step(received(push(0)), kStart)), 1U);
}

TEST(CourierSession, TakesAPushToTheBaseToken) {
  Session session = ready_session();
  auto to_base = push();
  to_base.token = kBase;
  EXPECT_EQ(count<Session::StoreWake>(session.step(received(to_base), kStart)), 1U);
}

TEST(CourierSession, RefusesButAcknowledgesWhenThePushIsNotForThisEnrollment) {
  auto wrong_topic = push(1), wrong_token = push(2), wrong_magic = push(3), no_json = push(4),
       extra_key = push(5);
  wrong_topic.topic = apns::topic_hash("com.apple.mgmt.External.other");
  wrong_token.token = token_from(0x40);
  wrong_magic.payload = to_bytes(apns::mdm_payload("another"));
  no_json.payload = to_bytes("hello");
  extra_key.payload = to_bytes(std::string(R"({"mdm":")") + kMagic + R"(","aps":{}})");
  Session session = ready_session();
  for (const auto& bad : {wrong_topic, wrong_token, wrong_magic, no_json, extra_key}) {
    const auto effects = session.step(received(bad), kStart);
    EXPECT_EQ(count<Session::Refuse>(effects), 1U) << bad.id;
    EXPECT_EQ(count<Session::StoreWake>(effects), 0U) << bad.id;
    EXPECT_EQ(count<Session::Send>(effects), 1U) << bad.id;
    for (const auto& effect : effects) {
      const auto* refuse = std::get_if<Session::Refuse>(&effect);
      if (refuse == nullptr) continue;
      EXPECT_EQ(refuse->push.words.find(kMagic), std::string::npos) << "a secret";
    }
  }
}

TEST(CourierSession, ClosesWhenAPushIsMalformed) {
  Session session = ready_session();
  apns::Frame frame = apns::to_frame(push());
  frame.fields[0].value.pop_back();
  EXPECT_TRUE(closed_by(session.step(Session::Received{frame}, kStart)));
}

TEST(CourierSession, KeepsAliveAndGoesOnWhenItIsAnswered) {
  Session session = ready_session();
  const TimePoint due = *session.deadline();
  EXPECT_TRUE(session.step(Session::DeadlinePassed{}, due - std::chrono::seconds(1)).empty());
  EXPECT_EQ(sent(session.step(Session::DeadlinePassed{}, due)), kKeepAlive);
  EXPECT_EQ(session.deadline(), due + std::chrono::seconds(15));
  EXPECT_TRUE(session.step(received(apns::KeepAliveAck{}), due).empty());
  EXPECT_EQ(session.deadline(), due + std::chrono::minutes(10));
}

TEST(CourierSession, ClosesWhenAnAnswerIsMissing) {
  Session connecting(settings(), {});
  open(connecting);
  auto effects = connecting.step(Session::DeadlinePassed{}, *connecting.deadline());
  ASSERT_TRUE(closed_by(effects));
  EXPECT_EQ(closed_by(effects)->code, errc::timeout);

  Session registering(settings(), {});
  open(registering);
  registering.step(received(accepted(kBase)), kStart);
  registering.step(received(apns::KeepAliveAck{}), kStart);
  EXPECT_TRUE(closed_by(registering.step(Session::DeadlinePassed{}, *registering.deadline())));

  Session ready = ready_session();
  ready.step(Session::DeadlinePassed{}, *ready.deadline());
  EXPECT_TRUE(closed_by(ready.step(Session::DeadlinePassed{}, *ready.deadline())));
  EXPECT_FALSE(ready.deadline());
}

TEST(CourierSession, AnswersAKeepAliveOfTheCourier) {
  Session session = ready_session();
  EXPECT_EQ(sent(session.step(received(apns::KeepAlive{}), kStart)), "0d00000000");
}

TEST(CourierSession, IgnoresWhatAsksForNothing) {
  Session session = ready_session();
  apns::Frame unknown;
  unknown.command = static_cast<apns::Command>(0x7e);
  EXPECT_TRUE(session.step(Session::Received{unknown}, kStart).empty());
  EXPECT_TRUE(session.step(received(apns::NoStorage{kBase}), kStart).empty());
}

constexpr const char* kUserMagic = "11111111-0000-4000-8000-000000000000";

CourierSettings with_user(CourierTokens tokens = {}) {
  CourierSettings both = settings();
  both.user = CourierUser{kUserMagic, tokens};
  return both;
}

std::vector<mdm::Channel> woken(const Session::Effects& effects) {
  std::vector<mdm::Channel> channels;
  for (const auto& effect : effects) {
    if (const auto* wake = std::get_if<Session::StoreWake>(&effect)) {
      channels.push_back(wake->channel);
    }
  }
  return channels;
}

// fact 9.2: tokens of its own, on the same connection and with the same certificate
TEST(CourierSession, RegistersTheUserBehindTheDeviceWithTokensOfTheirOwn) {
  const apns::Token user_base = token_from(0x40), user_app = token_from(0x60);
  Session session(with_user(), CourierTokens{});
  open(session);
  auto effects = session.step(received(accepted(kBase)), kStart);
  EXPECT_EQ(sent(effects), std::string(kSetState) + kFilter + kAppTokenRequest)
      << "an answer does not say whose token it is: the user has to wait";
  effects = session.step(received(minted(kApp)), kStart);
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(std::get<Session::StoreTokens>(effects[0]).channel, mdm::Channel::device);
  const auto octets = sent(effects);
  EXPECT_EQ(octets.substr(0, 2), "07") << "Connect again";
  EXPECT_EQ(octets.find(hex_encode(kBase)), std::string::npos) << "without the device's token";

  effects = session.step(received(push()), kStart);
  EXPECT_EQ(woken(effects), std::vector{mdm::Channel::device}) << "the device listens already";
  effects = session.step(received(accepted(user_base)), kStart);
  EXPECT_EQ(count<Session::Ready>(effects), 0U);
  EXPECT_NE(sent(effects).find(hex_encode(user_base)), std::string::npos);
  effects = session.step(received(minted(user_app)), kStart);
  const auto& stored = std::get<Session::StoreTokens>(effects.at(0));
  EXPECT_EQ(stored.channel, mdm::Channel::user);
  EXPECT_EQ(stored.tokens, (CourierTokens{user_base, user_app}));
  effects = session.step(received(apns::KeepAliveAck{}), kStart);
  EXPECT_EQ(count<Session::Ready>(effects), 1U);
}

TEST(CourierSession, TellsTheUsersPushesByTokenAndMagic) {
  const apns::Token user_base = token_from(0x40), user_app = token_from(0x60);
  Session session(with_user({user_base, user_app}), CourierTokens{kBase, kApp});
  open(session);
  session.step(received(accepted(std::nullopt)), kStart);
  session.step(received(minted(kApp)), kStart);
  session.step(received(accepted(std::nullopt)), kStart);
  session.step(received(minted(user_app)), kStart);
  auto effects = session.step(received(apns::KeepAliveAck{}), kStart);
  EXPECT_EQ(count<Session::Ready>(effects), 1U);
  auto users = push(8);
  users.token = user_app;
  effects = session.step(received(users), kStart);
  EXPECT_EQ(count<Session::Refuse>(effects), 1U) << "with the device's magic";
  users.payload = to_bytes(apns::mdm_payload(kUserMagic));
  users.id = 9;
  EXPECT_EQ(woken(session.step(received(users), kStart)), std::vector{mdm::Channel::user});
  EXPECT_EQ(woken(session.step(received(push(10)), kStart)), std::vector{mdm::Channel::device});
}

TEST(CourierSession, ForgetsTheUsersTokenAloneWhenThatIsRefused) {
  const apns::Token user_base = token_from(0x40), user_app = token_from(0x60);
  Session session(with_user({user_base, user_app}), CourierTokens{kBase, kApp});
  open(session);
  session.step(received(accepted(std::nullopt)), kStart);
  session.step(received(minted(kApp)), kStart);
  apns::ConnectResponse refused;
  refused.status = 2;
  const auto effects = session.step(received(refused), kStart);
  const auto& stored = std::get<Session::StoreTokens>(effects.at(0));
  EXPECT_EQ(stored.channel, mdm::Channel::user);
  EXPECT_FALSE(stored.tokens.base);
  EXPECT_NE(closed_by(effects), nullptr);
}

}  // namespace
}  // namespace understudy::agent
