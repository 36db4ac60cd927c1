/// The broker's pushes: accepting, keeping, delivering, giving up.

#include "server-mock/apns/broker_effects.h"

namespace understudy::apns_mock {
namespace {

constexpr std::uint8_t kFromStorage = 0x01;
constexpr std::uint8_t kLastFromStorage = 0x02;
constexpr std::uint32_t kNoExpiry = 0xffffffff;
constexpr std::uint8_t kHighPriority = 10;

std::uint32_t wire_expiry(const Push& push) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(push.expires_at.time_since_epoch()).count();
  return seconds > 0 && seconds < kNoExpiry ? static_cast<std::uint32_t>(seconds) : kNoExpiry;
}

}  // namespace

Broker::Verdict Broker::judge(const Push& push, TimePoint now) const {
  Verdict verdict;
  const auto found = tokens_.find(push.token);
  if (found == tokens_.end()) {
    verdict.refusal = apns::Reason::bad_device_token;
    return verdict;
  }
  const TokenState& token = found->second;
  if (token.life.ended() && now >= token.life.since + policies_.unregistered_delay) {
    verdict.refusal = token.life.kind == TokenLife::Kind::expired ? apns::Reason::expired_token
                                                                  : apns::Reason::unregistered;
    verdict.gone_since = token.life.since;
    return verdict;
  }
  if (token.topic && *token.topic != push.topic) {
    verdict.refusal = apns::Reason::device_token_not_for_topic;
    return verdict;
  }
  const bool full = token.pending.size() >= limits_.stored_per_token && !token.life.ended() &&
                    push.expires_at > now && !has_stored(token, push.topic) &&
                    standing(bases_.at(token.base), push.topic) != Standing::ignored;
  if (full) verdict.refusal = apns::Reason::too_many_requests;
  return verdict;
}

Broker::Verdict Broker::push(const Push& push, TimePoint now) {
  Verdict verdict = judge(push, now);
  if (verdict.refusal) return verdict;
  TokenState& token = tokens_.at(push.token);
  const BaseState& base = bases_.at(token.base);
  const Standing where = standing(base, push.topic);
  Effects& effects = verdict.effects;
  report(effects, Stage::accepted, push, now);
  if (where == Standing::ignored || token.life.ended()) {
    report(effects, Stage::discarded, push, now);
    return verdict;
  }
  const bool storable = push.expires_at > now;
  if (storable) {
    verdict.refusal = keep(token, push, now, effects);
    if (verdict.refusal) effects.events.clear();
    if (verdict.refusal) return verdict;
  }
  const bool now_or_never =
      where == Standing::wanted && !(storable && held_for_batch(base, token.base, push, now));
  if (!now_or_never || !deliver(base.connection, push, 0, now, effects)) {
    report(effects, storable ? Stage::stored : Stage::expired, push, now);
  }
  return verdict;
}

bool Broker::has_stored(const TokenState& state, const apns::TopicHash& topic) {
  return std::any_of(state.pending.begin(), state.pending.end(),
                     [&](const Push& push) { return push.topic == topic; });
}

std::optional<apns::Reason> Broker::keep(TokenState& state, const Push& push, TimePoint now,
                                         Effects& effects) {
  const auto older = std::find_if(state.pending.begin(), state.pending.end(),
                                  [&](const Push& other) { return other.topic == push.topic; });
  if (const auto stored = store_.put(push); !stored) {
    warn("apns.store", stored.error());
    return apns::Reason::internal_server_error;
  }
  if (older == state.pending.end()) {
    state.pending.push_back(push);
    return std::nullopt;
  }
  // One that is on its way is not replaced: its ack will come.
  if (!in_flight(bases_.at(state.base).connection, *older)) {
    report(effects, Stage::replaced, *older, now);
  }
  *older = push;
  return std::nullopt;
}

Broker::Standing Broker::standing(const BaseState& base, const apns::TopicHash& topic) const {
  if (base.connection == 0) return Standing::absent;
  if (!base.filter) return Standing::held;
  if (contains(base.filter->enabled, topic) || contains(base.filter->opportunistic, topic)) {
    return Standing::wanted;
  }
  return contains(base.filter->ignored, topic) ? Standing::ignored : Standing::held;
}

bool Broker::in_flight(ConnectionId connection, const Push& push) const {
  const auto state = connections_.find(connection);
  if (state == connections_.end()) return false;
  return std::any_of(state->second.unacked.begin(), state->second.unacked.end(),
                     [&](const auto& sent) { return sent.second.apns_id == push.apns_id; });
}

/// Low priority: it waits, stored, and tick delivers it with the others.
bool Broker::held_for_batch(const BaseState& base, const apns::Token& token, const Push& push,
                            TimePoint now) {
  const bool low = push.priority < kHighPriority;
  if (!low || policies_.low_priority_batch == Duration{0} || base.connection == 0) return false;
  batch_due_.try_emplace(token, now + policies_.low_priority_batch);
  return true;
}

apns::Notification Broker::message_of(const Push& push, std::uint32_t id,
                                      std::uint8_t storage_flags) const {
  apns::Notification message;
  message.token = push.token;
  message.topic = push.topic;
  message.payload = push.payload;
  message.id = policies_.count_ids ? id : 0;
  message.expiry = wire_expiry(push);
  message.timestamp_ns = static_cast<std::uint64_t>(to_unix_us(push.accepted_at)) * 1000;
  message.storage_flags = storage_flags;
  message.flags_in_field_9 = !policies_.storage_flags_in_7;
  message.priority = push.priority;
  return message;
}

bool Broker::deliver(ConnectionId connection, const Push& push, std::uint8_t storage_flags,
                     TimePoint now, Effects& effects) {
  ConnectionState& state = connections_[connection];
  if (state.unacked.size() >= limits_.unacked_per_connection) {
    effects.closes.push_back(connection);
    return false;
  }
  const std::uint32_t id = ++state.last_id;
  send(effects, connection, message_of(push, id, storage_flags));
  effects.sends.back().push_type = push.push_type;
  effects.sends.back().event = effects.events.size();
  report(effects, Stage::delivered, push, now, (storage_flags & kFromStorage) != 0);
  unacked_on_.insert(connection);
  state.unacked[id] =
      Sent{push.apns_id, push.token, push.topic, now, push.accepted_at, 0, push.sequence};
  return true;
}

/// Null: tried once, or replaced by a newer one, and so never sent again.
const Push* Broker::waiting(const Sent& sent) const {
  for (const Push& push : tokens_.at(sent.token).pending) {
    if (push.apns_id == sent.apns_id) return &push;
  }
  return nullptr;
}

void Broker::redeliver(ConnectionId connection, TimePoint now, Effects& effects) {
  for (auto& [id, sent] : connections_.at(connection).unacked) {
    if (now < sent.at + policies_.redeliver_after) continue;
    const Push* push = waiting(sent);
    if (push == nullptr || push->expires_at <= now) continue;
    if (sent.repeats >= policies_.redeliver_limit) {
      effects.closes.push_back(connection);
      return;
    }
    ++sent.repeats;
    sent.at = now;
    send(effects, connection, message_of(*push, id, kFromStorage));
    effects.sends.back().push_type = push->push_type;
    effects.sends.back().event = effects.events.size();
    report(effects, Stage::redelivered, *push, now, true);
  }
}

Effects Broker::tick(TimePoint now) {
  Effects effects;
  if (policies_.redeliver_after > Duration{0}) {
    for (const ConnectionId connection : unacked_on_) redeliver(connection, now, effects);
  }
  for (auto due = batch_due_.begin(); due != batch_due_.end();) {
    if (due->second > now) {
      ++due;
      continue;
    }
    const BaseState& base = bases_.at(due->first);
    if (base.connection != 0 && base.filter) {
      deliver_stored(base.connection, due->first, now, effects);
    }
    due = batch_due_.erase(due);
  }
  return effects;
}

void Broker::deliver_stored(ConnectionId connection, const apns::Token& base, TimePoint now,
                            Effects& effects) {
  const BaseState& owner = bases_.at(base);
  std::vector<apns::Token> tokens = owner.apps;
  tokens.push_back(base);
  std::vector<Push> due;
  for (const apns::Token& token : tokens) {
    TokenState& state = tokens_.at(token);
    drop_expired(state, now, effects);
    for (const Push& push : state.pending) {
      const bool wanted = standing(owner, push.topic) == Standing::wanted;
      if (wanted && !in_flight(connection, push)) due.push_back(push);
    }
  }
  for (std::size_t i = 0; i < due.size(); ++i) {
    const bool last = i + 1 == due.size();
    const auto flags = static_cast<std::uint8_t>(kFromStorage | (last ? kLastFromStorage : 0));
    if (!deliver(connection, due[i], flags, now, effects)) break;  // they wait on
  }
  apns::NoStorage nothing;
  nothing.token = base;
  if (due.empty() && policies_.send_no_storage) send(effects, connection, nothing);
}

void Broker::drop_expired(TokenState& state, TimePoint now, Effects& effects) {
  std::erase_if(state.pending, [&](const Push& push) {
    if (push.expires_at > now) return false;
    if (const auto removed = store_.remove(push); !removed) warn("apns.store", removed.error());
    // One that was delivered did not expire before; its ack may still come.
    if (!in_flight(bases_.at(state.base).connection, push)) {
      report(effects, Stage::expired, push, now);
    }
    return true;
  });
}

Effects Broker::expire(TimePoint now) {
  Effects effects;
  for (auto& [token, state] : tokens_) drop_expired(state, now, effects);
  return effects;
}

std::size_t Broker::stored() const {
  std::size_t count = 0;
  for (const auto& [token, state] : tokens_) count += state.pending.size();
  return count;
}

}  // namespace understudy::apns_mock
