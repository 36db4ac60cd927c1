/// The broker from outside: ending and rotating tokens, discarding, looking in.

#include "server-mock/apns/broker_effects.h"

namespace understudy::apns_mock {
namespace {

tl::unexpected<Error> no_such_token(const apns::Token& token) {
  return fail(errc::not_found, "token " + apns::token_label(token) + " was never minted here");
}

}  // namespace

Result<void> Broker::end_one(TokenState& state, const apns::Token& token, const TokenLife& life,
                             TimePoint now, Effects& effects) {
  UNDERSTUDY_CHECK(store_.set_life(token, life));
  for (const Push& push : state.pending) {
    UNDERSTUDY_CHECK(store_.remove(push));
    report(effects, Stage::discarded, push, now);
  }
  state.pending.clear();
  state.life = life;
  return {};
}

Result<void> Broker::end_family(const apns::Token& base, const TokenLife& life, TimePoint now,
                                Effects& effects) {
  const BaseState& owner = bases_.at(base);
  for (const apns::Token& app : owner.apps) {
    if (tokens_.at(app).life.ended()) continue;
    UNDERSTUDY_CHECK(end_one(tokens_.at(app), app, life, now, effects));
  }
  UNDERSTUDY_CHECK(end_one(tokens_.at(base), base, life, now, effects));
  std::erase(bases_of_[owner.fingerprint], base);
  return {};
}

Result<Effects> Broker::end_token(const apns::Token& token, TokenLife::Kind kind, TimePoint since,
                                  TimePoint now) {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return no_such_token(token);
  Effects effects;
  const TokenLife life{kind, since};
  if (bases_.contains(token)) {
    UNDERSTUDY_CHECK(end_family(token, life, now, effects));
  } else {
    UNDERSTUDY_CHECK(end_one(found->second, token, life, now, effects));
  }
  return effects;
}

Result<Effects> Broker::rotate(const apns::Token& base, TimePoint now) {
  const auto found = bases_.find(base);
  if (found == bases_.end()) {
    const auto app = tokens_.find(base);
    if (app == tokens_.end()) return no_such_token(base);
    return rotate(app->second.base, now);
  }
  Effects effects;
  const TokenLife ended{TokenLife::Kind::unregistered, now};
  UNDERSTUDY_CHECK(end_family(base, ended, now, effects));
  if (found->second.connection != 0) effects.closes.push_back(found->second.connection);
  return effects;
}

Effects Broker::discard_all(TimePoint now) {
  Effects effects;
  for (auto& [token, state] : tokens_) {
    for (const Push& push : state.pending) {
      if (const auto removed = store_.remove(push); !removed) warn("apns.store", removed.error());
      report(effects, Stage::discarded, push, now);
    }
    state.pending.clear();
  }
  for (auto& [id, connection] : connections_) connection.unacked.clear();
  unacked_on_.clear();
  batch_due_.clear();
  return effects;
}

TokenView Broker::view(const apns::Token& token, const TokenState& state) const {
  const BaseState& base = bases_.at(state.base);
  TokenView view;
  view.token = token;
  view.base = state.base;
  view.topic = state.topic;
  view.fingerprint = base.fingerprint;
  view.connection = base.connection;
  view.life = state.life;
  view.pending = state.pending.size();
  return view;
}

std::vector<TokenView> Broker::tokens() const {
  std::vector<TokenView> views;
  views.reserve(tokens_.size());
  for (const auto& [token, state] : tokens_) views.push_back(view(token, state));
  std::sort(views.begin(), views.end(),
            [](const TokenView& a, const TokenView& b) { return a.token < b.token; });
  return views;
}

std::optional<TokenView> Broker::token(const apns::Token& token) const {
  const auto state = tokens_.find(token);
  if (state == tokens_.end()) return std::nullopt;
  return view(token, state->second);
}

std::vector<apns::Token> Broker::tokens_of(ConnectionId connection) const {
  std::vector<apns::Token> tokens;
  const auto state = connections_.find(connection);
  if (state == connections_.end()) return tokens;
  for (const apns::Token& base : state->second.bases) {
    tokens.push_back(base);
    const std::vector<apns::Token>& apps = bases_.at(base).apps;
    tokens.insert(tokens.end(), apps.begin(), apps.end());
  }
  std::erase_if(tokens, [&](const apns::Token& token) { return tokens_.at(token).life.ended(); });
  return tokens;
}

std::optional<ConnectionView> Broker::connection(ConnectionId id) const {
  const auto state = connections_.find(id);
  if (state == connections_.end()) return std::nullopt;
  return ConnectionView{id, state->second.bases, state->second.unacked.size()};
}

std::vector<ConnectionView> Broker::connections() const {
  std::vector<ConnectionView> views;
  views.reserve(connections_.size());
  for (const auto& [id, state] : connections_) {
    views.push_back({id, state.bases, state.unacked.size()});
  }
  std::sort(views.begin(), views.end(),
            [](const ConnectionView& a, const ConnectionView& b) { return a.id < b.id; });
  return views;
}

std::vector<Push> Broker::pending(const std::optional<apns::Token>& token) const {
  std::vector<Push> pushes;
  for (const auto& [each, state] : tokens_) {
    if (!token || each == *token) {
      pushes.insert(pushes.end(), state.pending.begin(), state.pending.end());
    }
  }
  std::sort(pushes.begin(), pushes.end(),
            [](const Push& a, const Push& b) { return a.accepted_at < b.accepted_at; });
  return pushes;
}

}  // namespace understudy::apns_mock
