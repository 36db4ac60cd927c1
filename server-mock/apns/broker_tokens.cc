/// The broker's tokens: choosing, minting, remembering.

#include <algorithm>

#include "server-mock/apns/broker.h"
#include "shared/core/log.h"

namespace understudy::apns_mock {

void Broker::add_base(const BaseToken& base) {
  TokenState& state = tokens_[base.token];
  state.base = base.token;
  state.life = base.life;
  bases_[base.token].fingerprint = base.fingerprint;
  if (!base.life.ended()) bases_of_[base.fingerprint].push_back(base.token);
}

void Broker::add_app(const AppToken& app) {
  TokenState& state = tokens_[app.token];
  state.base = app.base;
  state.topic = app.topic;
  state.life = app.life;
  bases_[app.base].apps.push_back(app.token);
}

/// nullopt: the device is refused.
std::optional<apns::Token> Broker::choose_base(ConnectionState& state,
                                               const std::optional<apns::Token>& cached,
                                               const std::string& fingerprint) {
  const auto holds = [&state](const apns::Token& token) {
    return std::find(state.bases.begin(), state.bases.end(), token) != state.bases.end();
  };
  const bool full = state.bases.size() >= limits_.bases_per_connection;
  if (cached) {
    const auto base = bases_.find(*cached);
    const bool own = base != bases_.end() && base->second.fingerprint == fingerprint;
    const bool ended = own && tokens_.at(*cached).life.ended();
    if (own && !ended && (!full || holds(*cached))) return cached;
    if (!own && tokens_.contains(*cached)) {
      log::warn("apns.connect.refused", {{"token", apns::token_label(*cached)},
                                         {"reason",
                                          "minted for another certificate, or no base "
                                          "token; connect without it"}});
      return std::nullopt;
    }
  }
  if (full) {
    log::warn("apns.connect.refused", {{"reason", "too many tokens on one connection"}});
    return std::nullopt;
  }
  if (const auto own = bases_of_.find(fingerprint); own != bases_of_.end()) {
    const std::vector<apns::Token>& tokens = own->second;
    const auto unused = std::find_if_not(tokens.begin(), tokens.end(), holds);
    if (unused != tokens.end()) return *unused;
  }
  const auto minted = mint_base(fingerprint);
  if (minted) return *minted;
  log::warn("apns.connect.refused", {{"error", minted.error().message()}});
  return std::nullopt;
}

apns::Token Broker::fresh_token(const std::string& label) const {
  for (int attempt = 0;; ++attempt) {
    const Bytes random = rng_.derive(label + "/" + std::to_string(attempt)).bytes(32);
    apns::Token token{};
    std::copy(random.begin(), random.end(), token.begin());
    if (!tokens_.contains(token)) return token;
  }
}

Result<void> Broker::room_for_token() const {
  if (tokens_.size() < limits_.tokens) return {};
  return fail(errc::limit, "mint a token: there are " + std::to_string(tokens_.size()) + " already",
              "start with an empty data directory");
}

Result<apns::Token> Broker::mint_base(const std::string& fingerprint) {
  UNDERSTUDY_CHECK(room_for_token());
  BaseToken base;
  base.token = fresh_token("base/" + fingerprint);
  base.fingerprint = fingerprint;
  UNDERSTUDY_CHECK(store_.add(base));
  add_base(base);
  return base.token;
}

Result<apns::Token> Broker::mint_app(const apns::Token& base, const apns::TopicHash& topic) {
  const std::vector<apns::Token>& apps = bases_.at(base).apps;
  const auto known = std::find_if(apps.begin(), apps.end(), [&](const apns::Token& token) {
    const TokenState& state = tokens_.at(token);
    return state.topic == topic && !state.life.ended();
  });
  if (known != apps.end()) return *known;
  if (apps.size() >= limits_.app_tokens_per_base) {
    return fail(errc::limit, "app token for " + apns::token_label(base) + ": it has " +
                                 std::to_string(apps.size()) + " already");
  }
  UNDERSTUDY_CHECK(room_for_token());
  AppToken app;
  app.token = fresh_token("app/" + apns::token_hex(base) + "/" + hex_encode(topic));
  app.base = base;
  app.topic = topic;
  UNDERSTUDY_CHECK(store_.add(app));
  add_app(app);
  return app.token;
}

}  // namespace understudy::apns_mock
