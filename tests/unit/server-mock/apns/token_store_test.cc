#include "server-mock/apns/token_store.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace understudy::apns_mock {
namespace {

apns::Token token_of(std::uint8_t octet) {
  apns::Token token{};
  token.fill(octet);
  return token;
}

Push push_of(const std::string& id) {
  Push push;
  push.apns_id = id;
  push.token = token_of(2);
  push.topic = apns::topic_hash("topic");
  push.payload = {0, 1, 0xff};
  push.accepted_at = from_unix_us(1'700'000'000'123'456);
  push.expires_at = from_unix_us(1'700'000'001'000'000);
  push.priority = 5;
  return push;
}

TEST(TokenStore, GivesBackWhatWasWrittenAfterAReopen) {
  const support::TempDir dir;
  {
    auto store = TokenStore::open(dir / "apns.db").value();
    ASSERT_TRUE(store.add(BaseToken{token_of(1), "f1"}));
    ASSERT_TRUE(store.add(AppToken{token_of(2), token_of(1), apns::topic_hash("topic")}));
    ASSERT_TRUE(store.put(push_of("A")));
    ASSERT_TRUE(store.put(push_of("B")));
    ASSERT_TRUE(store.commit());
    ASSERT_TRUE(store.put(push_of("never committed")));
  }
  auto store = TokenStore::open(dir / "apns.db").value();
  const auto content = store.load().value();
  ASSERT_EQ(content.bases.size(), 1U);
  EXPECT_EQ(content.bases[0].fingerprint, "f1");
  ASSERT_EQ(content.apps.size(), 1U);
  EXPECT_EQ(content.apps[0].base, token_of(1));
  ASSERT_EQ(content.pushes.size(), 1U) << "the newest of a token and topic";
  const Push& push = content.pushes[0];
  EXPECT_EQ(push.apns_id, "B");
  EXPECT_EQ(push.payload, push_of("B").payload);
  EXPECT_EQ(push.accepted_at, push_of("B").accepted_at);
  EXPECT_EQ(push.expires_at, push_of("B").expires_at);
  EXPECT_EQ(push.priority, 5);
}

TEST(TokenStore, RemovesOnlyThePushThatIsNamed) {
  auto store = TokenStore::open(":memory:").value();
  ASSERT_TRUE(store.put(push_of("B")));
  ASSERT_TRUE(store.remove(push_of("A")));
  EXPECT_EQ(store.load().value().pushes.size(), 1U);
  ASSERT_TRUE(store.remove(push_of("B")));
  EXPECT_TRUE(store.load().value().pushes.empty());
}

TEST(TokenStore, FailsOnATokenTwiceAndOnAFileThatIsNoDatabase) {
  auto store = TokenStore::open(":memory:").value();
  ASSERT_TRUE(store.add(BaseToken{token_of(1), "f1"}));
  EXPECT_FALSE(store.add(BaseToken{token_of(1), "f2"}));
  EXPECT_FALSE(store.add(AppToken{token_of(2), token_of(9), {}})) << "its base is unknown";
  EXPECT_FALSE(TokenStore::open("/proc/self/cmdline"));
}

}  // namespace
}  // namespace understudy::apns_mock
