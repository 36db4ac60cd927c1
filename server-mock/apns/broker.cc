#include "server-mock/apns/broker.h"

#include <cstring>

#include "server-mock/apns/broker_effects.h"

namespace understudy::apns_mock {
namespace {

constexpr std::uint8_t kOk = 0;
constexpr std::uint8_t kConnectRefused = 2;

std::size_t topics_in(const apns::Filter& filter) {
  return filter.enabled.size() + filter.ignored.size() + filter.opportunistic.size() +
         filter.paused.size();
}

}  // namespace

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::accepted:
      return "accepted";
    case Stage::stored:
      return "stored";
    case Stage::replaced:
      return "replaced";
    case Stage::delivered:
      return "delivered";
    case Stage::redelivered:
      return "redelivered";
    case Stage::faulted:
      return "faulted";
    case Stage::acked:
      return "acked";
    case Stage::refused:
      return "refused_by_device";
    case Stage::expired:
      return "expired";
    case Stage::discarded:
      return "discarded";
  }
  return "unknown";
}

std::size_t Broker::TokenHash::operator()(const apns::Token& token) const {
  std::size_t value = 0;  // tokens are random: any part of one is a hash
  std::memcpy(&value, token.data(), sizeof value);
  return value;
}

Result<Broker> Broker::open(TokenStore store, const Rng& rng, BrokerLimits limits,
                            const Policies& policies) {
  UNDERSTUDY_TRY(TokenStore::Content content, store.load());
  Broker broker(std::move(store), rng, limits, policies);
  broker.adopt(std::move(content));
  return broker;
}

void Broker::adopt(TokenStore::Content content) {
  for (const BaseToken& base : content.bases) add_base(base);
  for (const AppToken& app : content.apps) add_app(app);
  for (Push& push : content.pushes) {
    const auto state = tokens_.find(push.token);
    if (state != tokens_.end()) state->second.pending.push_back(std::move(push));
  }
}

Result<void> Broker::commit() {
  Result<void> done = store_.commit();
  if (done) return done;
  // A token that only memory knows would never be stored, and be another one after a restart.
  if (const Result<void> again = reload(); !again) warn("apns.store", again.error());
  return done;
}

/// Everything as the store has it, and nobody connected.
Result<void> Broker::reload() {
  UNDERSTUDY_TRY(TokenStore::Content content, store_.load());
  tokens_.clear();
  bases_.clear();
  bases_of_.clear();
  connections_.clear();
  unacked_on_.clear();
  batch_due_.clear();
  adopt(std::move(content));
  return {};
}

Effects Broker::connect(ConnectionId connection, const std::optional<apns::Token>& cached,
                        const std::string& fingerprint, TimePoint now) {
  Effects effects;
  ConnectionState& state = connections_[connection];
  const auto base = choose_base(state, cached, fingerprint);
  apns::ConnectResponse response;
  response.server_time_ms = static_cast<std::uint64_t>(to_unix_us(now) / 1000);
  if (!base) {
    response.status = kConnectRefused;
    effects.closes.push_back(connection);
  } else {
    if (base != cached) response.token = *base;
    bind(connection, *base, effects);
  }
  send(effects, connection, response);
  return effects;
}

void Broker::bind(ConnectionId connection, const apns::Token& base, Effects& effects) {
  ConnectionState& state = connections_[connection];
  BaseState& owner = bases_.at(base);
  if (owner.connection == connection) return;
  if (const auto previous = connections_.find(owner.connection); previous != connections_.end()) {
    std::erase(previous->second.bases, base);
    if (previous->second.bases.empty()) effects.closes.push_back(previous->first);
  }
  owner.connection = connection;
  owner.filter.reset();
  state.bases.push_back(base);
}

Effects Broker::filter(ConnectionId connection, const apns::Filter& filter, TimePoint now) {
  Effects effects;
  if (topics_in(filter) > limits_.topics_per_filter) {
    log::warn("apns.filter.too_long", {{"topics", std::to_string(topics_in(filter))}});
    effects.closes.push_back(connection);
    return effects;
  }
  ConnectionState& state = connections_[connection];
  std::vector<apns::Token> named = state.bases;
  if (filter.token) {
    const auto token = tokens_.find(*filter.token);
    const bool ours = token != tokens_.end() && contains(state.bases, token->second.base);
    if (!ours) {
      log::warn("apns.filter.foreign_token", {{"token", apns::token_label(*filter.token)}});
      return effects;
    }
    named.assign(1, token->second.base);
  }
  const auto shared = std::make_shared<const apns::Filter>(filter);
  for (const apns::Token& base : named) {
    bases_.at(base).filter = shared;
    deliver_stored(connection, base, now, effects);
  }
  return effects;
}

Effects Broker::app_token(ConnectionId connection, const apns::AppTokenRequest& request) {
  Effects effects;
  apns::AppTokenResponse response;
  response.status = kConnectRefused;
  response.topic = request.topic;
  const bool ours = contains(connections_[connection].bases, request.base);
  if (ours && !tokens_.at(request.base).life.ended()) {
    if (const auto token = mint_app(request.base, request.topic)) {
      response.status = kOk;
      response.token = *token;
    } else {
      warn("apns.app_token.refused", token.error());
    }
  }
  send(effects, connection, response);
  return effects;
}

/// By id alone; where every id is 0, the oldest of the token that the ack names.
std::map<std::uint32_t, Broker::Sent>::iterator Broker::find_sent(ConnectionState& state,
                                                                  const apns::Ack& ack) {
  if (policies_.count_ids) return state.unacked.find(ack.id);
  const auto named = std::find_if(state.unacked.begin(), state.unacked.end(),
                                  [&](const auto& sent) { return ack.token == sent.second.token; });
  return named != state.unacked.end() ? named : state.unacked.begin();
}

Effects Broker::ack(ConnectionId connection, const apns::Ack& ack, TimePoint now) {
  Effects effects;
  ConnectionState& state = connections_[connection];
  const auto sent = find_sent(state, ack);
  if (sent == state.unacked.end()) return effects;
  Push push;
  push.apns_id = std::move(sent->second.apns_id);
  push.token = sent->second.token;
  push.topic = sent->second.topic;
  push.sequence = sent->second.sequence;
  push.accepted_at = sent->second.accepted_at;
  state.unacked.erase(sent);
  if (state.unacked.empty()) unacked_on_.erase(connection);
  if (ack.status != kOk) {  // stays stored, and comes again after the next connect
    log::warn("apns.push.refused_by_device",
              {{"apns_id", push.apns_id}, {"status", std::to_string(ack.status)}});
    report(effects, Stage::refused, push, now);
    effects.events.back().ack_status = ack.status;
    return effects;
  }
  std::erase_if(tokens_.at(push.token).pending,
                [&](const Push& waiting) { return waiting.apns_id == push.apns_id; });
  if (const auto removed = store_.remove(push); !removed) warn("apns.store", removed.error());
  report(effects, Stage::acked, push, now);
  return effects;
}

void Broker::closed(ConnectionId connection) {
  const auto state = connections_.find(connection);
  if (state == connections_.end()) return;
  for (const apns::Token& base : state->second.bases) {
    bases_.at(base).connection = 0;
    bases_.at(base).filter.reset();
  }
  unacked_on_.erase(connection);
  connections_.erase(state);
}

}  // namespace understudy::apns_mock
