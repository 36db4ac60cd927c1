/// What one connection can make the broker remember.

#include "tests/unit/server-mock/apns/broker_fixture.h"

namespace understudy::apns_mock {
namespace {

class BrokerBounds : public BrokerFixture {
 protected:
  std::uint8_t connect_status(ConnectionId id, const std::optional<apns::Token>& cached,
                              const std::string& fingerprint) {
    effects = broker->connect(id, cached, fingerprint, kNow);
    return apns::parse_connect_response(effects.sends.back().frame).value().status;
  }
};

TEST_F(BrokerBounds, TokensOfAConnectionWhereverTheyComeFrom) {
  limits.bases_per_connection = 2;
  restart();
  const auto one = connect(1, "one"), two = connect(2, "two"), three = connect(3, "three");
  for (ConnectionId id = 1; id <= 3; ++id) broker->closed(id);
  EXPECT_EQ(connect_status(4, one, "one"), 0);
  EXPECT_EQ(connect_status(4, two, "two"), 0);
  EXPECT_EQ(connect_status(4, two, "two"), 0) << "it holds that one already";
  EXPECT_EQ(connect_status(4, three, "three"), 2) << "a cached token";
  EXPECT_EQ(effects.closes, std::vector<ConnectionId>{4});
  EXPECT_EQ(connect_status(4, std::nullopt, "three"), 2) << "one that nobody uses";
  EXPECT_EQ(connect_status(4, std::nullopt, "four"), 2) << "a new one";
  EXPECT_EQ(broker->connection(4)->bases, (std::vector<apns::Token>{one, two}));
}

TEST_F(BrokerBounds, TopicsOfAFilter) {
  limits.topics_per_filter = 2;
  restart();
  const auto base = connect(1);
  filter(1, base, {kTopic}, {kOther});
  EXPECT_TRUE(effects.closes.empty());
  filter(1, base, {kOther}, {kTopic}, {kTopic});
  EXPECT_EQ(effects.closes, std::vector<ConnectionId>{1});
  EXPECT_EQ(push("A", base), std::nullopt);
  EXPECT_EQ(stages(), "accepted A, delivered A") << "the one before is still in force";
}

}  // namespace
}  // namespace understudy::apns_mock
