#include "agent/push/courier_session.h"

#include <algorithm>

#include "shared/apns/provider.h"
#include "shared/crypto/key.h"

namespace understudy::agent {
namespace {

constexpr std::uint8_t kStatusOk = 0;
constexpr std::uint8_t kStatusRefused = 2;
constexpr std::size_t kRemembered = 64;  ///< pushes whose redelivery is recognized

Error error_of(std::error_code code, std::string context, std::string hint = "") {
  return fail(code, std::move(context), std::move(hint)).value();
}

}  // namespace

CourierSession::CourierSession(CourierSettings settings, CourierTokens tokens)
    : settings_(std::move(settings)), topic_(apns::topic_hash(settings_.topic)) {
  accounts_.push_back({mdm::Channel::device, tokens, tokens, std::move(settings_.push_magic)});
  if (!settings_.user) return;
  const CourierTokens& users = settings_.user->tokens;
  accounts_.push_back({mdm::Channel::user, users, users, settings_.user->push_magic});
  settings_.user.reset();
}

CourierSession::Effects CourierSession::step(const Event& event, TimePoint now) {
  Effects effects;
  if (state_ == State::closed) return effects;
  if (const auto* opened = std::get_if<Opened>(&event)) {
    proof_ = *opened;
    connect(now, effects);
  }
  if (const auto* received = std::get_if<Received>(&event)) receive(received->frame, now, effects);
  if (std::holds_alternative<DeadlinePassed>(event)) pass_deadline(now, effects);
  return effects;
}

void CourierSession::connect(TimePoint now, Effects& effects) {
  apns::Connect connect;
  connect.token = current().tokens.base;
  connect.carrier = "WiFi";
  connect.os_version = settings_.os_version;
  connect.os_build = settings_.os_build;
  connect.model = settings_.model;
  connect.certificate = proof_.certificate;
  connect.nonce = proof_.nonce;
  connect.signature = proof_.signature;
  if (is_last()) proof_ = {};
  state_ = State::connecting;
  deadline_ = now + settings_.answer_timeout;
  send(connect, effects);
}

void CourierSession::receive(const apns::Frame& frame, TimePoint now, Effects& effects) {
  if (state_ == State::connecting && frame.command == apns::Command::connect_response) {
    return take_connect_response(frame, now, effects);
  }
  // Anything before the first response is out of order and means nothing yet.
  if (state_ == State::connecting && turn_ == 0) return;
  switch (frame.command) {
    case apns::Command::app_token_response:
      return take_app_token(frame, now, effects);
    case apns::Command::keepalive_ack:
      return take_keepalive_ack(now, effects);
    case apns::Command::notification:
      return take_notification(frame, effects);
    case apns::Command::keepalive:
      return send(apns::KeepAliveAck{}, effects);
    default:
      return;  // no_storage, flush and commands that nobody knows ask for nothing
  }
}

void CourierSession::take_connect_response(const apns::Frame& frame, TimePoint now,
                                           Effects& effects) {
  auto response = apns::parse_connect_response(frame);
  if (!response) return close(std::move(response).error(), effects);
  CourierTokens& tokens = current().tokens;
  if (response->status == kStatusRefused && tokens.base) {
    // The token is forgotten, the next connection asks for a new one (courier.md, status codes).
    tokens.base.reset();
    effects.emplace_back(StoreTokens{tokens, current().channel});
    return close(error_of(apns::errc::refused, "courier: the cached token was refused",
                          "connecting again without it"),
                 effects);
  }
  if (response->status != kStatusOk) {
    return close(error_of(apns::errc::refused, "courier: Connect was answered with status " +
                                                   std::to_string(response->status)),
                 effects);
  }
  if (!response->token && !tokens.base) {
    return close(
        error_of(apns::errc::malformed, "courier: the answer to a first Connect carries no token"),
        effects);
  }
  if (response->token) tokens.base = response->token;
  // Also when one is known: it may have ended meanwhile, and only the answer tells.
  token_wanted_ = true;
  state_ = State::registering;
  deadline_ = now + settings_.answer_timeout;

  apns::Filter filter;
  filter.token = tokens.base;
  filter.enabled.push_back(topic_);
  if (turn_ == 0) send(apns::SetState{}, effects);
  send(filter, effects);
  send(apns::AppTokenRequest{*tokens.base, topic_}, effects);
  if (is_last()) send(apns::KeepAlive{}, effects);
}

void CourierSession::take_app_token(const apns::Frame& frame, TimePoint now, Effects& effects) {
  auto response = apns::parse_app_token_response(frame);
  if (!response) return close(std::move(response).error(), effects);
  if (!token_wanted_ || response->topic != topic_) return;
  if (response->status != kStatusOk) {
    return close(error_of(apns::errc::refused, "courier: no token for topic " + settings_.topic +
                                                   ", status " + std::to_string(response->status)),
                 effects);
  }
  token_wanted_ = false;
  Account& account = current();
  account.tokens.topic = response->token;
  if (account.tokens != account.known) {
    effects.emplace_back(StoreTokens{account.tokens, account.channel});
  }
  go_on(now, effects);
}

/// An answer names the topic and not the account: one after the other.
void CourierSession::go_on(TimePoint now, Effects& effects) {
  if (is_last()) return become_ready_if_complete(now, effects);
  ++turn_;
  connect(now, effects);
}

void CourierSession::take_keepalive_ack(TimePoint now, Effects& effects) {
  answer_pending_ = false;
  if (state_ == State::ready) {
    deadline_ = now + settings_.keepalive_interval;
    return;
  }
  filter_read_ = true;
  become_ready_if_complete(now, effects);
}

void CourierSession::become_ready_if_complete(TimePoint now, Effects& effects) {
  if (state_ != State::registering || !filter_read_ || token_wanted_) return;
  state_ = State::ready;
  deadline_ = now + settings_.keepalive_interval;
  effects.emplace_back(Ready{});
}

void CourierSession::take_notification(const apns::Frame& frame, Effects& effects) {
  auto push = apns::parse_notification(frame);
  if (!push) return close(std::move(push).error(), effects);
  if (auto why = reason_to_refuse(*push)) {
    effects.emplace_back(Refuse{std::move(*why)});
  } else if (!seen_before(*push)) {
    effects.emplace_back(StoreWake{account_of(push->token)->channel});
  }
  // Refused ones are acknowledged as well: they arrived, sending them again would not help.
  apns::Ack ack;
  ack.token = push->token;
  ack.id = push->id;
  send(ack, effects);
}

/// The app token is what TokenUpdate names; the base token is taken too, as the filter covers it.
const CourierSession::Account* CourierSession::account_of(const apns::Token& token) const {
  const auto found = std::ranges::find_if(accounts_, [&](const Account& account) {
    return account.tokens.topic == token || account.tokens.base == token;
  });
  return found == accounts_.end() ? nullptr : &*found;
}

std::optional<RefusedPush> CourierSession::reason_to_refuse(const apns::Notification& push) const {
  if (push.topic != topic_) return RefusedPush{PushRefusal::wrong_topic, "it is for another topic"};
  const Account* account = account_of(push.token);
  if (account == nullptr) {
    return RefusedPush{PushRefusal::unknown_token,
                       "it is for the unknown token " + apns::token_label(push.token) + "..."};
  }
  auto magic = apns::parse_mdm_payload(push.payload);
  if (!magic) {
    return RefusedPush{PushRefusal::wrong_payload, "its payload is not {\"mdm\": PushMagic}"};
  }
  if (!crypto::equal_in_constant_time(as_bytes(*magic), as_bytes(account->push_magic))) {
    return RefusedPush{PushRefusal::stale_magic, "its PushMagic is not the one of this enrollment"};
  }
  return std::nullopt;
}

bool CourierSession::seen_before(const apns::Notification& push) {
  if (push.id == 0) return false;  // providers' pushes with id 0 cannot be told apart
  const std::pair key{push.token, push.id};
  if (std::find(seen_.begin(), seen_.end(), key) != seen_.end()) return true;
  seen_.push_back(key);
  if (seen_.size() > kRemembered) seen_.erase(seen_.begin());
  return false;
}

void CourierSession::pass_deadline(TimePoint now, Effects& effects) {
  if (!deadline_ || now < *deadline_) return;
  if (state_ == State::ready && !answer_pending_) {
    answer_pending_ = true;
    deadline_ = now + settings_.answer_timeout;
    return send(apns::KeepAlive{}, effects);
  }
  const char* missing = state_ == State::connecting    ? "courier: no answer to Connect"
                        : state_ == State::registering ? "courier: no answer to the registration"
                                                       : "courier: no answer to KeepAlive";
  close(error_of(errc::timeout, missing), effects);
}

template <class Message>
void CourierSession::send(const Message& message, Effects& effects) {
  auto octets = apns::encode_message(message);
  if (!octets) return close(std::move(octets).error(), effects);
  effects.emplace_back(Send{std::move(*octets)});
}

void CourierSession::close(Error error, Effects& effects) {
  state_ = State::closed;
  deadline_.reset();
  effects.emplace_back(Close{std::move(error)});
}

}  // namespace understudy::agent
