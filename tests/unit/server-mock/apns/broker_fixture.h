#pragma once

/// A broker on a file of its own, without sockets, and devices as frames.

#include <gtest/gtest.h>

#include "server-mock/apns/broker.h"
#include "tests/support/temp_dir.h"

namespace understudy::apns_mock {

using std::chrono::hours;

/// The broker, and what it did last.
class BrokerFixture : public testing::Test {
 protected:
  static inline const TimePoint kNow = from_unix_us(1'700'000'000'000'000);
  static inline const apns::TopicHash kTopic = apns::topic_hash("com.apple.mgmt.External.one");
  static inline const apns::TopicHash kOther = apns::topic_hash("com.apple.mgmt.External.two");

  BrokerFixture() { restart(); }

  void restart() {
    if (broker) {
      EXPECT_TRUE(broker->commit());
    }
    broker.reset();
    broker.emplace(Broker::open(TokenStore::open(dir / "apns.db").value(), Rng(7), limits).value());
  }

  /// Connects without a token and returns the one that was given.
  apns::Token connect(ConnectionId id, const std::string& fingerprint = "device",
                      std::optional<apns::Token> cached = {}) {
    effects = broker->connect(id, cached, fingerprint, kNow);
    const auto response = apns::parse_connect_response(effects.sends.back().frame).value();
    EXPECT_EQ(response.status, 0);
    return response.token.value_or(cached.value_or(apns::Token{}));
  }

  void filter(ConnectionId id, const apns::Token& token, std::vector<apns::TopicHash> enabled,
              std::vector<apns::TopicHash> ignored = {}, std::vector<apns::TopicHash> paused = {}) {
    apns::Filter message;
    message.token = token;
    message.enabled = std::move(enabled);
    message.ignored = std::move(ignored);
    message.paused = std::move(paused);
    effects = broker->filter(id, message, now);
  }

  apns::Token app_token(ConnectionId id, const apns::Token& base, const apns::TopicHash& topic) {
    effects = broker->app_token(id, apns::AppTokenRequest{base, topic});
    const auto response = apns::parse_app_token_response(effects.sends.at(0).frame).value();
    EXPECT_EQ(response.status, 0);
    EXPECT_EQ(response.topic, topic);
    return response.token;
  }

  std::optional<apns::Reason> push(const std::string& id, const apns::Token& token,
                                   Duration lifetime = hours(24),
                                   const apns::TopicHash& topic = kTopic) {
    Push order;
    order.apns_id = id;
    order.token = token;
    order.topic = topic;
    order.payload = to_bytes("payload " + id);
    order.accepted_at = now;
    order.expires_at = now + lifetime;
    auto verdict = broker->push(order, now);
    effects = std::move(verdict.effects);
    return verdict.refusal;
  }

  void ack(ConnectionId id, std::uint32_t message, std::uint8_t status = 0) {
    effects = broker->ack(id, apns::Ack{{}, message, status}, now);
  }

  /// "accepted A, stored A" and so on, of the last call.
  std::string stages() const {
    std::string text;
    for (const PushEvent& event : effects.events) {
      text +=
          (text.empty() ? "" : ", ") + std::string(stage_name(event.stage)) + " " + event.apns_id;
    }
    return text;
  }

  std::vector<apns::Notification> delivered() const {
    std::vector<apns::Notification> messages;
    for (const auto& send : effects.sends) {
      if (send.frame.command != apns::Command::notification) continue;
      messages.push_back(apns::parse_notification(send.frame).value());
    }
    return messages;
  }

  bool no_storage() const {
    return effects.sends.size() == 1 && effects.sends[0].frame.command == apns::Command::no_storage;
  }

  support::TempDir dir;
  BrokerLimits limits;
  std::optional<Broker> broker;
  Effects effects;
  TimePoint now = kNow;
};

}  // namespace understudy::apns_mock
