#pragma once

/// The device's side of one courier connection, sans-I/O: takes frames and deadlines, says what to
/// send and what to store. One object a connection.
///
///   Connect -> response -> SetState, Filter, app token request, KeepAlive -> both answers: ready
///
/// The app token is asked for on each connection: the same one comes back, or another if it ended.
/// The answer to a KeepAlive sent right behind the Filter proves that the courier has read the
/// Filter, which has no answer of its own. A device with a user channel does the same for its user
/// on the same connection, with a Connect and tokens of their own. Source:
/// docs/protocol/courier.md.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/push/refused_push.h"
#include "shared/apns/messages.h"
#include "shared/core/clock.h"
#include "shared/mdm/target.h"

namespace understudy::agent {

struct CourierTokens {
  std::optional<apns::Token> base;
  std::optional<apns::Token> topic;  ///< app token for the MDM topic, minted for `base`
  friend bool operator==(const CourierTokens&, const CourierTokens&) = default;
};

/// For whom a connection receives besides the device.
struct CourierUser {
  std::string push_magic;
  CourierTokens tokens;
};

struct CourierSettings {
  std::string topic;
  std::string push_magic;  ///< a push with another one is refused (12.3)
  std::string os_version, os_build, model;
  std::optional<CourierUser> user;  ///< whose channel is up
  Duration keepalive_interval = std::chrono::minutes(10);
  Duration answer_timeout = std::chrono::seconds(15);
};

class CourierSession {
 public:
  // What happens to it.
  /// TLS stands. The proof that Connect carries: DER, 17 octets, 01 01 and the signature.
  struct Opened {
    Bytes certificate, nonce, signature;
  };
  struct Received {
    apns::Frame frame;
  };
  struct DeadlinePassed {};
  using Event = std::variant<Opened, Received, DeadlinePassed>;

  // What it wants, to be done in order; when one fails the rest is dropped and the stream closed.
  struct Send {
    Bytes octets;
  };
  /// They differ from what was given. The app token may be the old one under a new connection:
  /// compare before owing a TokenUpdate.
  struct StoreTokens {
    CourierTokens tokens;
    mdm::Channel channel = mdm::Channel::device;
  };
  /// A push for this device: to be durable before the Send behind it acknowledges it.
  struct StoreWake {
    mdm::Channel channel = mdm::Channel::device;
  };
  /// A push that wakes nobody, and why; the acknowledgement follows.
  struct Refuse {
    RefusedPush push;
  };
  /// Pushes will arrive from now on; all tokens are known. Once a connection.
  struct Ready {};
  /// Close the stream; connect again later with a new object.
  struct Close {
    Error error;
  };
  using Effect = std::variant<Send, StoreTokens, StoreWake, Refuse, Ready, Close>;
  using Effects = std::vector<Effect>;

  CourierSession(CourierSettings settings, CourierTokens tokens);

  Effects step(const Event& event, TimePoint now);
  /// When DeadlinePassed is due; nullopt: never.
  std::optional<TimePoint> deadline() const { return deadline_; }

 private:
  enum class State { idle, connecting, registering, ready, closed };
  /// The device, or its user.
  struct Account {
    mdm::Channel channel = mdm::Channel::device;
    CourierTokens tokens, known;  ///< as they are; as they were given
    std::string push_magic;
  };

  /// Connect, for the account whose turn it is.
  void connect(TimePoint now, Effects& effects);
  void receive(const apns::Frame& frame, TimePoint now, Effects& effects);
  void take_connect_response(const apns::Frame& frame, TimePoint now, Effects& effects);
  void take_app_token(const apns::Frame& frame, TimePoint now, Effects& effects);
  void take_keepalive_ack(TimePoint now, Effects& effects);
  void take_notification(const apns::Frame& frame, Effects& effects);
  void pass_deadline(TimePoint now, Effects& effects);
  /// The account whose turn it is has both tokens: the next one, or a last KeepAlive.
  void go_on(TimePoint now, Effects& effects);
  void become_ready_if_complete(TimePoint now, Effects& effects);
  Account& current() { return accounts_.at(turn_); }
  bool is_last() const { return turn_ + 1 == accounts_.size(); }
  /// Whose token it is; null: nobody's here.
  const Account* account_of(const apns::Token& token) const;
  std::optional<RefusedPush> reason_to_refuse(const apns::Notification& push) const;
  bool seen_before(const apns::Notification& push);
  template <class Message>
  void send(const Message& message, Effects& effects);
  void close(Error error, Effects& effects);

  CourierSettings settings_;
  std::vector<Account> accounts_;  ///< the device first
  std::size_t turn_ = 0;           ///< whose Connect is under way, or was the last
  Opened proof_;                   ///< for the Connects to come
  apns::TopicHash topic_;
  State state_ = State::idle;
  std::optional<TimePoint> deadline_;
  bool filter_read_ = false;     ///< the KeepAlive behind the Filter was answered
  bool token_wanted_ = false;    ///< an app token request is under way
  bool answer_pending_ = false;  ///< a KeepAlive of the ready state is not answered yet
  std::vector<std::pair<apns::Token, std::uint32_t>> seen_;  ///< newest pushes of the connection
};

}  // namespace understudy::agent
