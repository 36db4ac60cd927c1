#pragma once

/// What the push service must not forget: `apns.db`. Every write is committed when it returns, so
/// that it survives `kill -9`. One thread at a time.

#include <filesystem>
#include <string>
#include <vector>

#include "shared/apns/messages.h"
#include "shared/core/clock.h"
#include "shared/io/sqlite.h"

namespace understudy::apns_mock {

/// A base token and whose it is: the certificate that was presented when it was minted.
struct BaseToken {
  apns::Token token{};
  std::string fingerprint;  ///< crypto::Certificate::fingerprint
};

/// A token for one topic of one base token.
struct AppToken {
  apns::Token token{};
  apns::Token base{};
  apns::TopicHash topic{};
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
  Result<void> add(const BaseToken& token);
  Result<void> add(const AppToken& token);
  /// Replaces what is stored for the same token and topic.
  Result<void> put(const Push& push);
  /// Does nothing when another push has taken its place.
  Result<void> remove(const Push& push);

 private:
  explicit TokenStore(io::Database database) : database_(std::move(database)) {}
  Result<std::vector<BaseToken>> load_bases();
  Result<std::vector<AppToken>> load_apps();
  Result<std::vector<Push>> load_pushes();
  io::Database database_;
};

}  // namespace understudy::apns_mock
