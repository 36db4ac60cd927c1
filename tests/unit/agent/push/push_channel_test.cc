#include "agent/push/push_channel.h"

#include <gtest/gtest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include "shared/apns/nonce.h"
#include "tests/support/run_task.h"
#include "tests/unit/agent/fakes/fake_courier.h"

namespace understudy::agent {
namespace {

using fakes::FakeCourier;
using fakes::Pki;
using fakes::require;

constexpr const char* kChannelTopic = "com.apple.mgmt.External.test";
constexpr const char* kChannelMagic = "4A5B";

struct Listener final : PushListener {
  Result<void> tokens_changed(const CourierTokens& now, mdm::Channel channel) override {
    (channel == mdm::Channel::device ? tokens : user_tokens) = now;
    return {};
  }
  Result<void> woken(mdm::Channel channel) override {
    ++(channel == mdm::Channel::device ? wakes : user_wakes);
    acks_at_wake = courier == nullptr ? 0 : courier->acks.size();
    if (fail_wakes-- > 0) return fail(errc::io, "the disk is full");
    return {};
  }
  void refused(const RefusedPush& push) override { refusals.push_back(push.reason); }
  void listening(bool yes) override { yes ? ++ups : ++downs; }

  FakeCourier* courier = nullptr;
  CourierTokens tokens, user_tokens;
  int wakes = 0, user_wakes = 0, fail_wakes = 0, ups = 0, downs = 0;
  std::size_t acks_at_wake = 99;
  std::vector<PushRefusal> refusals;
};

class PushChannelTest : public testing::Test {
 protected:
  static ChannelSetup setup(CourierTokens tokens = {}) {
    static const auto identity =
        require(crypto::CertificateAuthority::create(
                    Pki::named("push id"), crypto::KeyType::rsa_2048, Pki::past(), Pki::future()))
            .identity();
    CourierSettings settings;
    settings.topic = kChannelTopic;
    settings.push_magic = kChannelMagic;
    return ChannelSetup{settings, tokens, identity.certificate.der(), identity.key.der(), false};
  }
  std::shared_ptr<Courier> courier_at(const net::HostPort& address,
                                      const crypto::Certificate& anchor) {
    return require(Courier::make(io.get_executor(), *clock, CourierAddress{address}, {anchor}));
  }
  std::unique_ptr<PushChannel> channel_to(FakeCourier& courier, CourierTokens tokens = {}) {
    listener.courier = &courier;
    return std::make_unique<PushChannel>(
        courier_at(courier.address(), pki.root()), *clock, Rng(1),
        [tokens] { return setup(tokens); }, listener);
  }
  void start(PushChannel& channel) {
    auto on_end = [this](const std::exception_ptr&) { stopped = true; };
    net::spawn(io.get_executor(), channel.run(), stop_signal, std::move(on_end));
  }
  bool wait(FakeCourier& courier, std::function<bool()> condition) {
    return support::run_task(io, courier.until(std::move(condition)));
  }
  void end(FakeCourier& courier) { EXPECT_TRUE(support::run_task(io, courier.stop())); }
  void stop(FakeCourier& courier) {
    asio::post(io, [this] { stop_signal.emit(asio::cancellation_type::terminal); });
    EXPECT_TRUE(wait(courier, [this] { return stopped; }));
    end(courier);
  }

  asio::io_context io;
  std::unique_ptr<VirtualClock> clock = VirtualClock::flowing();
  Pki pki;
  Listener listener;
  asio::cancellation_signal stop_signal;
  bool stopped = false;
};

TEST_F(PushChannelTest, FetchesBothTokensAndProvesItsIdentity) {
  FakeCourier courier(io, pki.server({"courier.push.apple.com"}, false));
  auto channel = channel_to(courier);
  const auto tokens = support::run_task(io, channel->fetch_tokens());
  ASSERT_TRUE(tokens) << tokens.error().message();
  EXPECT_EQ(*tokens, (CourierTokens{courier.base, courier.app}));
  EXPECT_EQ(listener.tokens, *tokens);
  ASSERT_EQ(courier.connects.size(), 1U);
  const auto& connect = courier.connects[0];
  const auto certificate = require(crypto::Certificate::from_der(connect.certificate));
  EXPECT_TRUE(apns::verify_nonce(certificate, connect.nonce, connect.signature));
  end(courier);
}

TEST_F(PushChannelTest, AcceptsACertificateForTheHostItConnectsTo) {
  FakeCourier courier(io, pki.server({"push.example.org"}));
  auto channel = channel_to(courier);
  const auto tokens = support::run_task(io, channel->fetch_tokens());
  EXPECT_TRUE(tokens) << tokens.error().message();
  end(courier);
}

TEST_F(PushChannelTest, FailsWhenTheCouriersCertificateIsForeign) {
  const Pki foreign("Another Root");
  FakeCourier courier(io, foreign.server({"courier.push.apple.com"}));
  auto channel = channel_to(courier);
  const auto tokens = support::run_task(io, channel->fetch_tokens());
  ASSERT_FALSE(tokens);
  EXPECT_NE(tokens.error().message().find("TLS handshake"), std::string::npos)
      << tokens.error().message();
  EXPECT_TRUE(courier.connects.empty());
  end(courier);
}

TEST_F(PushChannelTest, FailsWhenTheOtherSideIsNoCourier) {
  FakeCourier courier(io, pki.server(), {});
  auto channel = channel_to(courier);
  const auto tokens = support::run_task(io, channel->fetch_tokens());
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().code, errc::unsupported);
  end(courier);
}

TEST_F(PushChannelTest, FailsWhenNobodyListens) {
  auto acceptor = require(net::listen(io.get_executor(), net::HostPort{"127.0.0.1", 0}));
  const net::HostPort address{"127.0.0.1", acceptor.local_endpoint().port()};
  acceptor.close();
  PushChannel channel(
      courier_at(address, pki.root()), *clock, Rng(1), [] { return setup(); }, listener);
  const auto tokens = support::run_task(io, channel.fetch_tokens());
  ASSERT_FALSE(tokens);
  EXPECT_NE(tokens.error().message().find(address.text()), std::string::npos);
}

TEST_F(PushChannelTest, GivesUpTheConnectionWhenTheCourierSaysNothing) {
  FakeCourier courier(io, pki.server());
  courier.mute = true;
  auto silent = setup();
  silent.settings.answer_timeout = std::chrono::milliseconds(50);
  PushChannel channel(
      courier_at(courier.address(), pki.root()), *clock, Rng(1), [silent] { return silent; },
      listener);
  const auto tokens = support::run_task(io, channel.fetch_tokens());
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().code, errc::timeout);
  end(courier);
}

TEST_F(PushChannelTest, StoresAWakeBeforeItIsAcknowledged) {
  FakeCourier courier(io, pki.server());
  auto channel = channel_to(courier, CourierTokens{courier.base, courier.app});
  start(*channel);
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 1; }));
  courier.push(kChannelTopic, kChannelMagic, 3);
  ASSERT_TRUE(wait(courier, [&] { return courier.acks.size() == 1; }));
  EXPECT_EQ(listener.wakes, 1);
  EXPECT_EQ(listener.acks_at_wake, 0U);
  EXPECT_EQ(courier.acks[0].id, 3U);
  courier.push(kChannelTopic, "wrong", 4);
  ASSERT_TRUE(wait(courier, [&] { return courier.acks.size() == 2; }));
  EXPECT_EQ(listener.wakes, 1);
  EXPECT_EQ(listener.refusals, std::vector{PushRefusal::stale_magic});
  stop(courier);
}

TEST_F(PushChannelTest, DoesNotAcknowledgeAndReconnectsWhenTheWakeCannotBeStored) {
  FakeCourier courier(io, pki.server());
  auto channel = channel_to(courier, CourierTokens{courier.base, courier.app});
  listener.fail_wakes = 1;
  start(*channel);
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 1; }));
  courier.push(kChannelTopic, kChannelMagic, 3);
  ASSERT_TRUE(wait(courier, [&] { return listener.downs == 1; }));
  EXPECT_TRUE(courier.acks.empty());
  clock->advance(std::chrono::seconds(2));
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 2; }));
  courier.push(kChannelTopic, kChannelMagic, 3);  // redelivered on the new connection
  ASSERT_TRUE(wait(courier, [&] { return courier.acks.size() == 1; }));
  EXPECT_EQ(listener.wakes, 2);
  stop(courier);
}

TEST_F(PushChannelTest, ComesBackWithItsTokenWhenTheConnectionBreaks) {
  FakeCourier courier(io, pki.server());
  auto channel = channel_to(courier);
  start(*channel);
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 1; }));
  courier.drop();
  ASSERT_TRUE(wait(courier, [&] { return listener.downs == 1; }));
  clock->advance(std::chrono::seconds(2));
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 2; }));
  ASSERT_EQ(courier.connects.size(), 2U);
  EXPECT_FALSE(courier.connects[0].token);
  EXPECT_EQ(courier.connects[1].token, courier.base);
  stop(courier);
}

TEST_F(PushChannelTest, ComesBackWithoutItsTokenWhenItWasRefused) {
  FakeCourier courier(io, pki.server());
  courier.refuse_tokens = 1;
  auto channel = channel_to(courier, CourierTokens{FakeCourier::filled(1), courier.app});
  start(*channel);
  ASSERT_TRUE(wait(courier, [&] { return listener.downs == 1; }));
  EXPECT_FALSE(listener.tokens.base);
  clock->advance(std::chrono::seconds(2));
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 1; }));
  EXPECT_FALSE(courier.connects[1].token);
  EXPECT_EQ(listener.tokens, (CourierTokens{courier.base, courier.app}));
  stop(courier);
}

TEST_F(PushChannelTest, KeepsTheConnectionAliveWhenNothingHappens) {
  FakeCourier courier(io, pki.server());
  auto channel = channel_to(courier);
  start(*channel);
  ASSERT_TRUE(wait(courier, [&] { return listener.ups == 1; }));
  EXPECT_EQ(courier.keepalives, 1U);
  clock->advance(std::chrono::minutes(10));
  ASSERT_TRUE(wait(courier, [&] { return courier.keepalives == 2; }));
  EXPECT_EQ(listener.downs, 0);
  stop(courier);
}

TEST(ChannelSetup, NeedsACourierIdentity) {
  Device device;
  device.id = "d1";
  const auto setup = channel_setup(device, kChannelTopic, kChannelMagic);
  ASSERT_FALSE(setup);
  EXPECT_EQ(setup.error().code, errc::not_found);
}

TEST(StoredTokens, ComeBackAsTheyWereAndIgnoreWhatIsNoToken) {
  PushState push;
  const CourierTokens tokens{FakeCourier::filled(1), FakeCourier::filled(2)};
  store_tokens(tokens, push);
  EXPECT_EQ(stored_tokens(push), tokens);
  push.base_token.pop_back();
  push.topic_token.clear();
  EXPECT_EQ(stored_tokens(push), CourierTokens{});
}

}  // namespace
}  // namespace understudy::agent
