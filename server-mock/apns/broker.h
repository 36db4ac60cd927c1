#pragma once

/// The heart of the push service: who has which token, who is connected, what waits for whom. No
/// sockets, no clock: every call takes the time and returns the frames to send. One thread at a
/// time.
///
/// Behavior and its sources: docs/protocol/courier.md; what Apple does not document is a constant
/// or an option here, named in the README.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "server-mock/apns/fault_note.h"
#include "server-mock/apns/policies.h"
#include "server-mock/apns/token_store.h"
#include "shared/apns/messages.h"
#include "shared/apns/provider.h"
#include "shared/core/rng.h"

namespace understudy::apns_mock {

using ConnectionId = std::uint64_t;  ///< never 0, never used twice

/// What happened to a push.
enum class Stage {
  accepted,     ///< durable if it may be stored; its 200 can be sent
  stored,       ///< waits: the device is absent, or its filter holds the topic back
  replaced,     ///< a newer one for the same token and topic took its place before it was delivered
  delivered,    ///< written to the device's connection
  redelivered,  ///< written once more to the same connection, for want of an ack
  faulted,      ///< struck by a fault rule; whether it was written all the same stands behind it
  acked,        ///< the device has it: a fact
  refused,      ///< acked with a status other than 0; it stays stored if it may be
  expired,      ///< given up: its expiration passed
  discarded,    ///< nobody will get it: the topic is ignored, or the token is no more
};
std::string_view stage_name(Stage stage);

struct PushEvent {
  Stage stage{};
  std::string apns_id;
  apns::Token token{};
  TimePoint at;
  TimePoint accepted_at;         ///< the push; of one of a former run too
  bool from_storage = false;     ///< with `delivered`
  std::uint64_t sequence = 0;    ///< of the push in the journal; 0: not there
  FaultNotePtr fault = nullptr;  ///< with `faulted`
  std::uint8_t ack_status = 0;   ///< with `refused`
};

/// What is to be done after a call, in this order.
struct Effects {
  struct Send {
    ConnectionId to = 0;
    apns::Frame frame;
    std::string push_type;  ///< of a Notification's push
    /// Of a Notification: which of `events` is a fact only once the frame is written.
    std::optional<std::size_t> event;
  };
  std::vector<Send> sends;
  std::vector<ConnectionId> closes;  ///< once what was sent to them is written
  std::vector<PushEvent> events;
};

/// Bounds on what one peer can make the broker remember.
struct BrokerLimits {
  std::size_t bases_per_connection = 16;
  std::size_t topics_per_filter = 1000;  ///< in all lists together; more closes the connection
  std::size_t app_tokens_per_base = 256;
  std::size_t stored_per_token = 64;          ///< topics with a waiting push
  std::size_t unacked_per_connection = 1000;  ///< one more closes the connection
  std::size_t tokens = 1'000'000;             ///< base and app tokens together
};

/// Looking in from outside; see the inspection API.
struct TokenView {
  apns::Token token{}, base{};
  std::optional<apns::TopicHash> topic;  ///< of an app token
  std::string fingerprint;               ///< of the device's certificate
  ConnectionId connection = 0;           ///< 0: the device is absent
  TokenLife life;
  std::size_t pending = 0;
};
struct ConnectionView {
  ConnectionId id = 0;
  std::vector<apns::Token> bases;
  std::size_t unacked = 0;
};

class Broker {
 public:
  /// Reads everything from the store. Tokens are functions of the generator's seed and of what they
  /// are minted for. Errors: errc::io, errc::corrupt.
  static Result<Broker> open(TokenStore store, const Rng& rng, BrokerLimits limits = {},
                             const Policies& policies = {});

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
  /// connection's or has ended, or over the limit.
  Effects app_token(ConnectionId connection, const apns::AppTokenRequest& request);
  /// Matched by connection and id, never by token: a known client acks with its base token always.
  Effects ack(ConnectionId connection, const apns::Ack& ack, TimePoint now);
  void closed(ConnectionId connection);

  struct Verdict {
    std::optional<apns::Reason> refusal;
    TimePoint gone_since;  ///< with Unregistered and ExpiredToken
    Effects effects;
  };
  /// Refusals: BadDeviceToken, DeviceTokenNotForTopic, Unregistered, ExpiredToken,
  /// TooManyRequests (stored_per_token), InternalServerError (the store failed; nothing was
  /// changed).
  Verdict push(const Push& push, TimePoint now);
  /// What `push` would refuse it for, except for a store that fails. Changes nothing.
  Verdict judge(const Push& push, TimePoint now) const;
  /// Gives up what has passed its expiration.
  Effects expire(TimePoint now);
  /// What falls due: redelivery, and pushes that were held for a batch. About once a second.
  Effects tick(TimePoint now);
  /// Makes what was decided so far durable; a 200 is sent after it. Errors: errc::io; then nothing
  /// since the last commit was decided, and every connection has to be closed.
  Result<void> commit();

  // From outside (broker_admin.cc). Errors: errc::not_found, errc::io.
  /// From now on pushes to it get 410 with this time, which is not later than now; what waits for
  /// it is discarded. With a base token its app tokens end. Never `live`.
  Result<Effects> end_token(const apns::Token& token, TokenLife::Kind kind, TimePoint since,
                            TimePoint now);
  /// The base token and its app tokens end (Unregistered); the device gets others when it connects
  /// again, and its connection is closed so that it does.
  Result<Effects> rotate(const apns::Token& base, TimePoint now);
  /// Discards everything that waits or is unacknowledged. Tokens stay.
  Effects discard_all(TimePoint now);
  std::vector<TokenView> tokens() const;
  std::optional<TokenView> token(const apns::Token& token) const;
  bool knows(const apns::Token& token) const { return tokens_.contains(token); }
  std::vector<ConnectionView> connections() const;
  /// Base and app tokens that are not ended.
  std::vector<apns::Token> tokens_of(ConnectionId connection) const;
  /// Waiting or unacknowledged, for one token or for all.
  std::vector<Push> pending(const std::optional<apns::Token>& token) const;
  std::optional<ConnectionView> connection(ConnectionId id) const;

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
    TokenLife life;
  };
  struct BaseState {
    std::string fingerprint;
    std::vector<apns::Token> apps;
    ConnectionId connection = 0;
    std::shared_ptr<const apns::Filter> filter;  ///< of that connection; one may be for many tokens
  };
  /// Written to a connection and not acknowledged.
  struct Sent {
    std::string apns_id;
    apns::Token token{};
    apns::TopicHash topic{};
    TimePoint at, accepted_at;
    std::int64_t repeats = 0;
    std::uint64_t sequence = 0;
  };
  struct ConnectionState {
    std::vector<apns::Token> bases;
    std::uint32_t last_id = 0;
    std::map<std::uint32_t, Sent> unacked;
  };
  enum class Standing { absent, held, ignored, wanted };

  Broker(TokenStore store, const Rng& rng, BrokerLimits limits, const Policies& policies)
      : store_(std::move(store)),
        rng_(rng.derive("apns.tokens")),
        limits_(limits),
        policies_(policies) {}
  void adopt(TokenStore::Content content);
  Result<void> reload();
  void add_base(const BaseToken& base);
  void add_app(const AppToken& app);
  apns::Token fresh_token(const std::string& label) const;
  std::optional<apns::Token> choose_base(ConnectionState& state,
                                         const std::optional<apns::Token>& cached,
                                         const std::string& fingerprint);
  Result<void> room_for_token() const;
  Result<apns::Token> mint_base(const std::string& fingerprint);
  Result<apns::Token> mint_app(const apns::Token& base, const apns::TopicHash& topic);
  void bind(ConnectionId connection, const apns::Token& base, Effects& effects);
  Standing standing(const BaseState& base, const apns::TopicHash& topic) const;
  /// False: not written, the connection has too many unacknowledged and closes.
  bool deliver(ConnectionId connection, const Push& push, std::uint8_t storage_flags, TimePoint now,
               Effects& effects);
  apns::Notification message_of(const Push& push, std::uint32_t id,
                                std::uint8_t storage_flags) const;
  bool held_for_batch(const BaseState& base, const apns::Token& token, const Push& push,
                      TimePoint now);
  void redeliver(ConnectionId connection, TimePoint now, Effects& effects);
  const Push* waiting(const Sent& sent) const;
  std::map<std::uint32_t, Sent>::iterator find_sent(ConnectionState& state, const apns::Ack& ack);
  void deliver_stored(ConnectionId connection, const apns::Token& base, TimePoint now,
                      Effects& effects);
  static bool has_stored(const TokenState& state, const apns::TopicHash& topic);
  std::optional<apns::Reason> keep(TokenState& state, const Push& push, TimePoint now,
                                   Effects& effects);
  void drop_expired(TokenState& state, TimePoint now, Effects& effects);
  bool in_flight(ConnectionId connection, const Push& push) const;
  Result<void> end_family(const apns::Token& base, const TokenLife& life, TimePoint now,
                          Effects& effects);
  Result<void> end_one(TokenState& state, const apns::Token& token, const TokenLife& life,
                       TimePoint now, Effects& effects);
  TokenView view(const apns::Token& token, const TokenState& state) const;

  TokenStore store_;
  Rng rng_;
  BrokerLimits limits_;
  Policies policies_;
  std::unordered_map<apns::Token, TokenState, TokenHash> tokens_;
  std::unordered_map<apns::Token, BaseState, TokenHash> bases_;
  std::unordered_map<std::string, std::vector<apns::Token>> bases_of_;  ///< by fingerprint
  std::unordered_map<ConnectionId, ConnectionState> connections_;
  std::set<ConnectionId> unacked_on_;           ///< connections to look at for redelivery
  std::map<apns::Token, TimePoint> batch_due_;  ///< base tokens with pushes held back
};

}  // namespace understudy::apns_mock
