#pragma once

/// What the push service must not forget: `apns.db`. Writes belong to one transaction until
/// `commit`: many pushes of one moment cost one commit. What is committed survives `kill -9`. One
/// thread at a time.

#include <filesystem>
#include <string>
#include <vector>

#include "shared/apns/messages.h"
#include "shared/core/clock.h"
#include "shared/io/sqlite.h"

namespace understudy::apns_mock {

/// Whether a token is still good. One that ended stays known: 410, not 400.
struct TokenLife {
  enum class Kind { live, unregistered, expired } kind = Kind::live;
  TimePoint since;  ///< when it ended
  bool ended() const { return kind != Kind::live; }
};

/// A base token and whose it is: the certificate that was presented when it was minted.
struct BaseToken {
  apns::Token token{};
  std::string fingerprint;  ///< crypto::Certificate::fingerprint
  TokenLife life = {};
};

/// A token for one topic of one base token.
struct AppToken {
  apns::Token token{};
  apns::Token base{};
  apns::TopicHash topic{};
  TokenLife life = {};
};

/// A push that was accepted and not yet acknowledged by its device.
struct Push {
  std::string apns_id;
  apns::Token token{};
  apns::TopicHash topic{};
  Bytes payload;
  TimePoint accepted_at;
  TimePoint expires_at;  ///< not later than `accepted_at`: try once, never store
  std::uint8_t priority = 10;
  std::string push_type;       ///< empty: the provider named none
  std::uint64_t sequence = 0;  ///< in the journal of this run; 0: of a former one
};

class TokenStore {
 public:
  struct Content {
    std::vector<BaseToken> bases;  ///< in the order they were minted
    std::vector<AppToken> apps;
    std::vector<Push> pushes;
  };

  /// `:memory:` works. Errors: errc::io, errc::corrupt.
  static Result<TokenStore> open(const std::filesystem::path& path);

  /// Errors of all: errc::io, with SQLite's reason.
  Result<Content> load();
  /// Makes all writes so far durable. After an error none of them is.
  Result<void> commit();
  Result<void> add(const BaseToken& token);
  Result<void> add(const AppToken& token);
  /// For base and app tokens alike.
  Result<void> set_life(const apns::Token& token, const TokenLife& life);
  /// Replaces what is stored for the same token and topic.
  Result<void> put(const Push& push);
  /// Does nothing when another push has taken its place.
  Result<void> remove(const Push& push);

 private:
  explicit TokenStore(io::Database database) : database_(std::move(database)) {}
  Result<std::vector<BaseToken>> load_bases();
  Result<std::vector<AppToken>> load_apps();
  Result<std::vector<Push>> load_pushes();
  /// The statement, in a transaction that `commit` ends.
  Result<io::Statement> write(std::string_view sql);
  io::Database database_;
  bool transaction_open_ = false;
};

}  // namespace understudy::apns_mock
