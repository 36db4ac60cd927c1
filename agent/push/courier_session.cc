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
    : settings_(std::move(settings)), tokens_(tokens), topic_(apns::topic_hash(settings_.topic)) {}

CourierSession::Effects CourierSession::step(const Event& event, TimePoint now) {
  Effects effects;
  if (state_ == State::closed) return effects;
  if (const auto* opened = std::get_if<Opened>(&event)) open(*opened, now, effects);
  if (const auto* received = std::get_if<Received>(&event)) receive(received->frame, now, effects);
  if (std::holds_alternative<DeadlinePassed>(event)) pass_deadline(now, effects);
  return effects;
}

void CourierSession::open(const Opened& event, TimePoint now, Effects& effects) {
  apns::Connect connect;
  connect.token = tokens_.base;
  connect.carrier = "WiFi";
  connect.os_version = settings_.os_version;
  connect.os_build = settings_.os_build;
  connect.model = settings_.model;
  connect.certificate = event.certificate;
  connect.nonce = event.nonce;
  connect.signature = event.signature;
  state_ = State::connecting;
  deadline_ = now + settings_.answer_timeout;
  send(connect, effects);
}

void CourierSession::receive(const apns::Frame& frame, TimePoint now, Effects& effects) {
  if (state_ == State::connecting) {
    // Anything before the response is out of order and means nothing yet.
    if (frame.command == apns::Command::connect_response) {
      take_connect_response(frame, now, effects);
    }
    return;
  }
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
  if (response->status == kStatusRefused && tokens_.base) {
    // The token is forgotten, the next connection asks for a new one (courier.md, status codes).
    tokens_.base.reset();
    effects.emplace_back(StoreTokens{tokens_});
    return close(error_of(apns::errc::refused, "courier: the cached token was refused",
                          "connecting again without it"),
                 effects);
  }
  if (response->status != kStatusOk) {
    return close(error_of(apns::errc::refused, "courier: Connect was answered with status " +
                                                   std::to_string(response->status)),
                 effects);
  }
  if (!response->token && !tokens_.base) {
    return close(
        error_of(apns::errc::malformed, "courier: the answer to a first Connect carries no token"),
        effects);
  }
  if (response->token && response->token != tokens_.base) {
    tokens_.base = response->token;
    token_wanted_ = true;
  }
  token_wanted_ = token_wanted_ || !tokens_.topic;
  state_ = State::registering;
  deadline_ = now + settings_.answer_timeout;

  apns::Filter filter;
  filter.token = tokens_.base;
  filter.enabled.push_back(topic_);
  send(apns::SetState{}, effects);
  send(filter, effects);
  if (token_wanted_) send(apns::AppTokenRequest{*tokens_.base, topic_}, effects);
  send(apns::KeepAlive{}, effects);
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
  tokens_.topic = response->token;
  effects.emplace_back(StoreTokens{tokens_});
  become_ready_if_complete(now, effects);
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
    effects.emplace_back(StoreWake{});
  }
  // Refused ones are acknowledged as well: they arrived, sending them again would not help.
  apns::Ack ack;
  ack.token = push->token;
  ack.id = push->id;
  send(ack, effects);
}

std::optional<RefusedPush> CourierSession::reason_to_refuse(const apns::Notification& push) const {
  if (push.topic != topic_) return RefusedPush{PushRefusal::wrong_topic, "it is for another topic"};
  // The app token is what TokenUpdate names; the base token is taken too, as the filter covers it.
  if (push.token != tokens_.topic && push.token != tokens_.base) {
    return RefusedPush{PushRefusal::unknown_token,
                       "it is for the unknown token " + apns::token_label(push.token) + "..."};
  }
  auto magic = apns::parse_mdm_payload(push.payload);
  if (!magic) {
    return RefusedPush{PushRefusal::wrong_payload, "its payload is not {\"mdm\": PushMagic}"};
  }
  if (!crypto::equal_in_constant_time(as_bytes(*magic), as_bytes(settings_.push_magic))) {
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
