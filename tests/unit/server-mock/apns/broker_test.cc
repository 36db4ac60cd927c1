#include "server-mock/apns/broker.h"

#include "shared/io/sqlite.h"
#include "tests/unit/server-mock/apns/broker_fixture.h"

namespace understudy::apns_mock {
namespace {

using apns::Reason;

using BrokerTokens = BrokerFixture;
using BrokerPush = BrokerFixture;

TEST_F(BrokerTokens, ConnectMintsOnceForACertificate) {
  const auto token = connect(1);
  EXPECT_NE(token, apns::Token{});
  broker->closed(1);
  EXPECT_EQ(connect(2), token) << "a response that got lost must not leave an orphan";
  EXPECT_NE(connect(3, "another device"), token);
}

TEST_F(BrokerTokens, CachedTokenOfTheSameCertificateIsAcceptedWithoutFieldThree) {
  const auto token = connect(1);
  broker->closed(1);
  effects = broker->connect(2, token, "device", kNow);
  const auto response = apns::parse_connect_response(effects.sends.at(0).frame).value();
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.token, std::nullopt);
  EXPECT_EQ(response.server_time_ms, 1'700'000'000'000U);
}

TEST_F(BrokerTokens, TokenOfAnotherCertificateIsRefusedAndClosed) {
  const auto token = connect(1);
  effects = broker->connect(2, token, "thief", kNow);
  EXPECT_EQ(apns::parse_connect_response(effects.sends.at(0).frame).value().status, 2);
  EXPECT_EQ(effects.closes, std::vector<ConnectionId>{2});
  EXPECT_EQ(push("A", token), std::nullopt);
  filter(1, token, {kTopic});
  EXPECT_EQ(delivered().size(), 1U) << "the owner is not disturbed";
}

TEST_F(BrokerTokens, UnknownTokenIsReplaced) {
  apns::Token unknown{};
  unknown.fill(9);
  const auto token = connect(1, "device", unknown);
  EXPECT_NE(token, unknown);
  EXPECT_EQ(push("A", unknown), Reason::bad_device_token);
}

TEST_F(BrokerTokens, OneConnectionHoldsATokenForEachUserOfAMac) {
  const auto first = connect(1);
  const auto second = connect(1);
  EXPECT_NE(first, second);
  filter(1, first, {kTopic});
  filter(1, second, {kTopic});
  EXPECT_EQ(push("A", first), std::nullopt);
  EXPECT_EQ(delivered().at(0).token, first);
  EXPECT_EQ(push("B", second), std::nullopt);
  EXPECT_EQ(delivered().at(0).token, second);
  limits.bases_per_connection = 2;
  restart();
  connect(1);
  connect(1);
  effects = broker->connect(1, std::nullopt, "device", kNow);
  EXPECT_EQ(apns::parse_connect_response(effects.sends.at(0).frame).value().status, 2);
}

TEST_F(BrokerTokens, AppTokenIsTheSameForTheSameTopicAndSurvivesARestart) {
  const auto base = connect(1);
  const auto token = app_token(1, base, kTopic);
  EXPECT_EQ(app_token(1, base, kTopic), token);
  EXPECT_NE(app_token(1, base, kOther), token);
  restart();
  EXPECT_EQ(connect(1, "device", base), base);
  EXPECT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(app_token(1, base, kTopic), token);
  EXPECT_EQ(push("A", token), std::nullopt);
}

TEST_F(BrokerTokens, AppTokenIsRefusedForAForeignBaseAndOverTheLimit) {
  const auto base = connect(1);
  connect(2, "another device");
  effects = broker->app_token(2, apns::AppTokenRequest{base, kTopic});
  EXPECT_EQ(apns::parse_app_token_response(effects.sends.at(0).frame).value().status, 2);
  limits.app_tokens_per_base = 1;
  restart();
  connect(1);
  app_token(1, base, kTopic);
  effects = broker->app_token(1, apns::AppTokenRequest{base, kOther});
  EXPECT_EQ(apns::parse_app_token_response(effects.sends.at(0).frame).value().status, 2);
}

TEST_F(BrokerTokens, NewestConnectionWins) {
  const auto base = connect(1);
  filter(1, base, {kTopic});
  connect(2, "device", base);
  EXPECT_EQ(effects.closes, std::vector<ConnectionId>{1});
  broker->closed(1);
  filter(2, base, {kTopic});
  EXPECT_EQ(push("A", base), std::nullopt);
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(effects.sends[0].to, 2U);
}

TEST_F(BrokerPush, IsDeliveredLiveAndAckedByConnectionAndId) {
  const auto base = connect(1);
  const auto token = app_token(1, base, kTopic);
  filter(1, base, {kTopic});
  EXPECT_TRUE(no_storage());
  EXPECT_EQ(push("A", token), std::nullopt);
  EXPECT_EQ(stages(), "accepted A, delivered A");
  const auto message = delivered().at(0);
  EXPECT_EQ(message.token, token);
  EXPECT_EQ(message.topic, kTopic);
  EXPECT_EQ(to_text(message.payload), "payload A");
  EXPECT_EQ(message.id, 1U);
  EXPECT_EQ(message.storage_flags, 0);
  EXPECT_EQ(message.priority, 10);
  EXPECT_EQ(message.expiry, 1'700'000'000U + 24 * 3600);
  EXPECT_EQ(message.timestamp_ns, 1'700'000'000'000'000'000U);
  ack(1, 2);
  EXPECT_EQ(stages(), "") << "no such id";
  ack(2, 1);
  EXPECT_EQ(stages(), "") << "not this connection's";
  ack(1, 1);
  EXPECT_EQ(stages(), "acked A");
  ack(1, 1);
  EXPECT_EQ(stages(), "") << "once only";
  EXPECT_EQ(broker->stored(), 0U);
}

TEST_F(BrokerPush, NewestIsStoredForAnAbsentDeviceAndDeliveredFlagged) {
  const auto base = connect(1);
  const auto one = app_token(1, base, kTopic);
  const auto two = app_token(1, base, kOther);
  broker->closed(1);
  EXPECT_EQ(push("A", one), std::nullopt);
  EXPECT_EQ(stages(), "accepted A, stored A");
  EXPECT_EQ(push("B", one), std::nullopt);
  EXPECT_EQ(stages(), "accepted B, replaced A, stored B");
  EXPECT_EQ(push("C", two, hours(1), kOther), std::nullopt);
  connect(2);
  filter(2, base, {kTopic, kOther});
  const auto messages = delivered();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].storage_flags, 1);
  EXPECT_EQ(messages[1].storage_flags, 3) << "the last from storage";
  EXPECT_TRUE(effects.events.at(0).from_storage);
  filter(2, base, {kTopic, kOther});
  EXPECT_TRUE(no_storage()) << "both are on their way";
}

TEST_F(BrokerPush, UnackedComesAgainAfterAReconnectAndARestart) {
  const auto base = connect(1);
  filter(1, base, {kTopic});
  EXPECT_EQ(push("A", base), std::nullopt);
  broker->closed(1);
  connect(2);
  filter(2, base, {kTopic});
  EXPECT_EQ(stages(), "delivered A");
  restart();
  connect(3, "device", base);
  filter(3, base, {kTopic});
  ASSERT_EQ(delivered().size(), 1U);
  EXPECT_EQ(to_text(delivered()[0].payload), "payload A");
  now += hours(1);
  ack(3, delivered()[0].id);
  EXPECT_EQ(stages(), "acked A");
  EXPECT_EQ(effects.events[0].accepted_at, kNow) << "for the latency, whoever accepted it";
  EXPECT_EQ(effects.events[0].at, kNow + hours(1));
  restart();
  connect(4, "device", base);
  filter(4, base, {kTopic});
  EXPECT_TRUE(no_storage());
}

TEST_F(BrokerPush, RefusedByTheDeviceStaysStored) {
  const auto base = connect(1);
  filter(1, base, {kTopic});
  EXPECT_EQ(push("A", base), std::nullopt);
  ack(1, 1, 3);
  EXPECT_EQ(stages(), "refused_by_device A");
  EXPECT_EQ(effects.events.at(0).ack_status, 3);
  EXPECT_EQ(broker->stored(), 1U);
}

TEST_F(BrokerPush, ExpirationZeroIsTriedOnceAndNeverStored) {
  const auto base = connect(1);
  broker->closed(1);
  EXPECT_EQ(push("A", base, Duration(0)), std::nullopt);
  EXPECT_EQ(stages(), "accepted A, expired A");
  connect(2);
  filter(2, base, {kTopic});
  EXPECT_TRUE(no_storage());
  EXPECT_EQ(push("B", base, Duration(0)), std::nullopt);
  EXPECT_EQ(stages(), "accepted B, delivered B");
  EXPECT_EQ(broker->stored(), 0U);
  ack(2, 1);
  EXPECT_EQ(stages(), "acked B");
}

TEST_F(BrokerPush, ExpiresWhileTheDeviceIsAway) {
  const auto base = connect(1);
  broker->closed(1);
  EXPECT_EQ(push("A", base, hours(1)), std::nullopt);
  EXPECT_EQ(push("B", base, hours(3), kOther), std::nullopt);
  now += hours(2);
  effects = broker->expire(now);
  EXPECT_EQ(stages(), "expired A");
  now += hours(2);
  connect(2);
  filter(2, base, {kTopic, kOther});
  EXPECT_EQ(stages(), "expired B");
  EXPECT_TRUE(no_storage());
  restart();
  EXPECT_EQ(broker->stored(), 0U);
}

TEST_F(BrokerPush, DoesNotExpireOnItsWay) {
  const auto base = connect(1);
  filter(1, base, {kTopic});
  EXPECT_EQ(push("A", base, hours(1)), std::nullopt);
  now += hours(2);
  effects = broker->expire(now);
  EXPECT_EQ(stages(), "");
  EXPECT_EQ(broker->stored(), 0U) << "nor does it come again";
  ack(1, 1);
  EXPECT_EQ(stages(), "acked A");
}

TEST_F(BrokerPush, FilterDeliversOpportunisticTopics) {
  const auto base = connect(1);
  apns::Filter message;
  message.token = base;
  message.opportunistic = {kTopic};
  effects = broker->filter(1, message, now);
  EXPECT_EQ(push("A", base), std::nullopt);
  EXPECT_EQ(stages(), "accepted A, delivered A");
  EXPECT_EQ(push("B", base, hours(1), kOther), std::nullopt);
  EXPECT_EQ(stages(), "accepted B, stored B");
}

TEST_F(BrokerPush, FilterHoldsBackPausedAndUnlistedAndDropsIgnored) {
  const auto base = connect(1);
  EXPECT_EQ(push("A", base), std::nullopt);
  EXPECT_EQ(stages(), "accepted A, stored A") << "nothing goes out before the first filter";
  filter(1, base, {});
  EXPECT_TRUE(no_storage());
  filter(1, base, {}, {}, {kTopic});
  EXPECT_EQ(push("B", base), std::nullopt);
  EXPECT_EQ(stages(), "accepted B, replaced A, stored B");
  filter(1, base, {}, {kTopic});
  EXPECT_EQ(push("C", base), std::nullopt);
  EXPECT_EQ(stages(), "accepted C, discarded C");
  filter(1, base, {kTopic});
  EXPECT_EQ(stages(), "delivered B");
}

TEST_F(BrokerPush, FilterWithoutTokenIsForAllAndOneOfAForeignTokenForNone) {
  const auto base = connect(1);
  const auto foreign = connect(2, "another device");
  filter(1, foreign, {kTopic});
  EXPECT_TRUE(effects.sends.empty());
  EXPECT_EQ(push("A", base), std::nullopt);
  apns::Filter all;
  all.enabled = {kTopic};
  effects = broker->filter(1, all, now);
  EXPECT_EQ(stages(), "delivered A");
}

TEST_F(BrokerPush, IsRefusedForAnUnknownTokenAndAForeignTopic) {
  const auto base = connect(1);
  const auto token = app_token(1, base, kTopic);
  EXPECT_EQ(push("A", apns::Token{}), Reason::bad_device_token);
  EXPECT_EQ(push("B", token, hours(1), kOther), Reason::device_token_not_for_topic);
  EXPECT_EQ(stages(), "");
  EXPECT_EQ(broker->stored(), 0U);
}

TEST_F(BrokerPush, StoredTopicsOfATokenAreBounded) {
  limits.stored_per_token = 1;
  restart();
  const auto base = connect(1);
  EXPECT_EQ(push("A", base), std::nullopt);
  EXPECT_EQ(push("B", base, hours(1), kOther), Reason::too_many_requests);
  EXPECT_EQ(push("C", base), std::nullopt) << "replacing needs no room";
}

TEST_F(BrokerPush, ConnectionThatNeverAcksIsClosed) {
  limits.unacked_per_connection = 2;
  restart();
  const auto base = connect(1);
  filter(1, base, {kTopic});
  EXPECT_EQ(push("A", base), std::nullopt);
  EXPECT_EQ(push("B", base), std::nullopt);
  EXPECT_TRUE(effects.closes.empty());
  EXPECT_EQ(push("C", base), std::nullopt);
  EXPECT_EQ(effects.closes, std::vector<ConnectionId>{1});
  EXPECT_EQ(stages(), "accepted C, stored C");
  EXPECT_EQ(push("D", base, Duration(0)), std::nullopt);
  EXPECT_EQ(stages(), "accepted D, expired D");
  broker->closed(1);
  connect(2);
  filter(2, base, {kTopic});
  EXPECT_EQ(stages(), "delivered C");
}

TEST_F(BrokerPush, ReplacedOneOnItsWayIsStillAcked) {
  const auto base = connect(1);
  filter(1, base, {kTopic});
  EXPECT_EQ(push("A", base), std::nullopt);
  EXPECT_EQ(push("B", base), std::nullopt);
  EXPECT_EQ(stages(), "accepted B, delivered B");
  ack(1, 1);
  EXPECT_EQ(stages(), "acked A");
  EXPECT_EQ(broker->stored(), 1U) << "B waits for its own ack";
}

TEST_F(BrokerPush, IsNotAcceptedWhenItCannotBeStored) {
  const auto base = connect(1);
  filter(1, base, {kTopic});
  ASSERT_TRUE(broker->commit());
  ASSERT_TRUE(io::Database::open(dir / "apns.db").value().execute("DROP TABLE push"));
  EXPECT_EQ(push("A", base), Reason::internal_server_error);
  EXPECT_TRUE(effects.sends.empty());
  EXPECT_EQ(stages(), "");
}

/// Makes every COMMIT with a new base token in it fail, by a reference that leads nowhere.
void break_commits(const std::filesystem::path& file) {
  auto other = io::Database::open(file).value();
  EXPECT_TRUE(other.execute(
      "CREATE TABLE parent(id INTEGER PRIMARY KEY); CREATE TABLE child(p INTEGER REFERENCES "
      "parent(id) DEFERRABLE INITIALLY DEFERRED); CREATE TRIGGER broken AFTER INSERT ON base_token "
      "BEGIN INSERT INTO child VALUES(1); END"));
}

TEST_F(BrokerFixture, ForgetsWithTheStoreWhatCouldNotBeCommitted) {
  const apns::Token kept = connect(1);
  filter(1, kept, {});
  EXPECT_FALSE(push("before", app_token(1, kept, kTopic)));
  ASSERT_TRUE(broker->commit());
  break_commits(dir / "apns.db");
  const apns::Token lost = connect(2, "another");
  EXPECT_FALSE(push("lost", app_token(1, kept, kOther), hours(24), kOther));
  ASSERT_FALSE(broker->commit());
  EXPECT_FALSE(broker->knows(lost));
  EXPECT_TRUE(broker->knows(kept));
  EXPECT_EQ(broker->stored(), 1U) << "the push before";
  EXPECT_TRUE(broker->connections().empty());
  broker->closed(1);
  broker->closed(2);
  EXPECT_TRUE(io::Database::open(dir / "apns.db").value().execute("DROP TRIGGER broken"));
  EXPECT_EQ(connect(3, "another"), lost) << "it can be minted again";
  EXPECT_TRUE(broker->commit());
}

}  // namespace
}  // namespace understudy::apns_mock
