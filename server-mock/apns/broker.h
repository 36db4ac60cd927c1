#pragma once

/// The heart of the push service: who has which token, who is connected, what waits for whom. No
/// sockets, no clock: every call takes the time and returns the frames to send. One thread at a
/// time.
///
/// Behavior and its sources: docs/protocol/courier.md; what Apple does not document is a constant
/// or an option here, named in the README.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server-mock/apns/token_store.h"
#include "shared/apns/messages.h"
#include "shared/apns/provider.h"
#include "shared/core/rng.h"

namespace understudy::apns_mock {

using ConnectionId = std::uint64_t;  ///< never 0, never used twice

/// What happened to a push.
enum class Stage {
  accepted,   ///< durable if it may be stored; its 200 can be sent
  stored,     ///< waits: the device is absent, or its filter holds the topic back
  replaced,   ///< a newer one for the same token and topic took its place before it was delivered
  delivered,  ///< written to the device's connection
  acked,      ///< the device has it: a fact
  expired,    ///< given up: its expiration passed
  discarded,  ///< the device's filter ignores the topic
};
std::string_view stage_name(Stage stage);

struct PushEvent {
  Stage stage{};
  std::string apns_id;
  apns::Token token{};
  TimePoint at;
  bool from_storage = false;  ///< with `delivered`
};

/// What is to be done after a call, in this order.
struct Effects {
  struct Send {
    ConnectionId to = 0;
    apns::Frame frame;
  };
  std::vector<Send> sends;
  std::vector<ConnectionId> closes;  ///< once what was sent to them is written
  std::vector<PushEvent> events;
};

/// Bounds on what one peer can make the broker remember.
struct BrokerLimits {
  std::size_t bases_per_connection = 16;
  std::size_t app_tokens_per_base = 256;
  std::size_t stored_per_token = 64;          ///< topics with a waiting push
  std::size_t unacked_per_connection = 1000;  ///< one more closes the connection
};

class Broker {
 public:
  /// Reads everything from the store. Tokens are functions of the generator's seed and of what they
  /// are minted for. Errors: errc::io, errc::corrupt.
  static Result<Broker> open(TokenStore store, const Rng& rng, BrokerLimits limits = {});

  /// A device has proven that it holds the certificate with this fingerprint. A cached token of the
  /// same certificate is accepted; one this server never minted is replaced; one of another
  /// certificate is refused (status 2, closed). Without a token the certificate's own comes back,
  /// or the next one if this connection already has it (several users of one Mac). The newest
  /// connection wins a token.
  Effects connect(ConnectionId connection, const std::optional<apns::Token>& cached,
                  const std::string& fingerprint, TimePoint now);
  /// Replaces the lists of the named token (all of the connection's when none is named) and
  /// delivers what waits for it, or NoStorage.
  Effects filter(ConnectionId connection, const apns::Filter& filter, TimePoint now);
  /// The same (base, topic) always gets the same token. Status 2 for a base token that is not this
  /// connection's, or over the limit.
  Effects app_token(ConnectionId connection, const apns::AppTokenRequest& request);
  /// Matched by connection and id, never by token: a known client acks with its base token always.
  Effects ack(ConnectionId connection, const apns::Ack& ack, TimePoint now);
  void closed(ConnectionId connection);

  struct Verdict {
    std::optional<apns::Reason> refusal;
    Effects effects;
  };
  /// Refusals: BadDeviceToken, DeviceTokenNotForTopic, TooManyRequests (stored_per_token),
  /// InternalServerError (the store failed; nothing was changed).
  Verdict push(const Push& push, TimePoint now);
  /// Gives up what has passed its expiration.
  Effects expire(TimePoint now);

  std::size_t stored() const;  ///< pushes that wait or are unacknowledged

 private:
  struct TokenHash {
    std::size_t operator()(const apns::Token& token) const;
  };
  /// Base and app tokens alike; `topic` is set for app tokens.
  struct TokenState {
    apns::Token base{};
    std::optional<apns::TopicHash> topic;
    std::vector<Push> pending;
  };
  struct BaseState {
    std::string fingerprint;
    std::vector<apns::Token> apps;
    ConnectionId connection = 0;
    std::optional<apns::Filter> filter;  ///< of that connection
  };
  struct ConnectionState {
    std::vector<apns::Token> bases;
    std::uint32_t last_id = 0;
    std::map<std::uint32_t, Push> unacked;  ///< without payload
  };
  enum class Standing { absent, held, ignored, wanted };

  Broker(TokenStore store, const Rng& rng, BrokerLimits limits)
      : store_(std::move(store)), rng_(rng.derive("apns.tokens")), limits_(limits) {}
  void adopt(TokenStore::Content content);
  void add_base(const BaseToken& base);
  void add_app(const AppToken& app);
  apns::Token fresh_token(const std::string& label) const;
  std::optional<apns::Token> choose_base(ConnectionState& state,
                                         const std::optional<apns::Token>& cached,
                                         const std::string& fingerprint);
  Result<apns::Token> mint_base(const std::string& fingerprint);
  Result<apns::Token> mint_app(const apns::Token& base, const apns::TopicHash& topic);
  void bind(ConnectionId connection, const apns::Token& base, Effects& effects);
  Standing standing(const BaseState& base, const apns::TopicHash& topic) const;
  void deliver(ConnectionId connection, const Push& push, std::uint8_t storage_flags, TimePoint now,
               Effects& effects);
  void deliver_stored(ConnectionId connection, const apns::Token& base, TimePoint now,
                      Effects& effects);
  std::optional<apns::Reason> keep(TokenState& state, const Push& push, TimePoint now,
                                   Effects& effects);
  void drop_expired(TokenState& state, TimePoint now, Effects& effects);
  bool in_flight(ConnectionId connection, const Push& push) const;

  TokenStore store_;
  Rng rng_;
  BrokerLimits limits_;
  std::unordered_map<apns::Token, TokenState, TokenHash> tokens_;
  std::unordered_map<apns::Token, BaseState, TokenHash> bases_;
  std::unordered_map<std::string, std::vector<apns::Token>> bases_of_;  ///< by fingerprint
  std::unordered_map<ConnectionId, ConnectionState> connections_;
};

}  // namespace understudy::apns_mock
