#include "agent/identity/key_choice.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "agent/identity/key_maker.h"
#include "tests/support/run_task.h"

namespace understudy::agent {
namespace {

KeyChoice choice(const char* text) {
  auto read = KeyChoice::parse(text);
  if (!read) throw std::runtime_error(read.error().message());
  return *read;
}

TEST(KeyChoice, IsReadAndWritten) {
  for (const char* text : {"unique", "pool:1", "pool:16", "p256"}) {
    EXPECT_EQ(choice(text).text(), text);
  }
  EXPECT_EQ(choice("unique").shortcut(), "");
  EXPECT_EQ(choice("pool:16").shortcut(), "pool:16");
  EXPECT_EQ(choice("p256").shortcut(), "p256");
}

TEST(KeyChoice, RefusesAnythingElse) {
  for (const char* text : {"", "rsa", "pool", "pool:", "pool:0", "pool:-1", "pool:2x", "pool:99999",
                           "P256", "unique "}) {
    const auto read = KeyChoice::parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message().find("pool:N"), std::string::npos) << text;
  }
}

class KeyMakerTest : public testing::Test {
 protected:
  static Task<std::optional<crypto::PrivateKey>> made(Task<Result<crypto::PrivateKey>> task) {
    auto key = co_await std::move(task);
    if (!key) co_return std::nullopt;
    co_return std::move(*key);
  }
  static Task<std::optional<crypto::PrivateKey>> courier_identity(KeyMaker& keys) {
    crypto::Name subject = crypto::Name::of({{"CN", "x"}});
    auto identity = co_await keys.make_self_signed(std::move(subject), SystemClock().now());
    if (!identity) co_return std::nullopt;
    co_return std::move(identity->key);
  }
  crypto::PrivateKey key(KeyMaker& keys) {
    return *support::run_task(io, made(keys.make(crypto::KeyType::rsa_2048)));
  }
  crypto::PrivateKey courier_key(KeyMaker& keys) {
    return *support::run_task(io, courier_identity(keys));
  }
  asio::io_context io;
};

TEST_F(KeyMakerTest, GivesEachDeviceItsOwnUnlessTold) {
  KeyMaker keys;
  EXPECT_NE(key(keys).der(), key(keys).der());
}

TEST_F(KeyMakerTest, SharesAsManyAsThePoolHas) {
  KeyMaker keys(choice("pool:2"));
  std::set<Bytes> all;
  for (int i = 0; i < 6; ++i) all.insert(key(keys).der());
  EXPECT_EQ(all.size(), 2U);
  all.insert(courier_key(keys).der());
  EXPECT_EQ(all.size(), 2U);
}

TEST_F(KeyMakerTest, MakesCurveKeysAndSharesTheRsaKeyThatCouriersNeed) {
  KeyMaker keys(choice("p256"));
  const auto first = key(keys), second = key(keys);
  EXPECT_FALSE(first.is_rsa());
  EXPECT_EQ(first.bits(), 256);
  EXPECT_NE(first.der(), second.der());
  EXPECT_TRUE(courier_key(keys).is_rsa());
  EXPECT_EQ(courier_key(keys).der(), courier_key(keys).der());
}

}  // namespace
}  // namespace understudy::agent
