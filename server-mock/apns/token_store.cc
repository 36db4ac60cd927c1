#include "server-mock/apns/token_store.h"

#include <algorithm>
#include <array>

#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

constexpr std::string_view kTokenSchema = R"(
  CREATE TABLE base_token (
    id INTEGER PRIMARY KEY,
    token BLOB NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL
  );
  CREATE TABLE app_token (
    token BLOB PRIMARY KEY,
    base BLOB NOT NULL REFERENCES base_token (token),
    topic BLOB NOT NULL,
    UNIQUE (base, topic)
  ) WITHOUT ROWID;
  CREATE TABLE push (
    token BLOB NOT NULL,
    topic BLOB NOT NULL,
    apns_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    PRIMARY KEY (token, topic)
  ) WITHOUT ROWID;
)";

constexpr std::string_view kLifeAndType = R"(
  ALTER TABLE base_token ADD COLUMN life INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE base_token ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE app_token RENAME TO old_app_token;
  CREATE TABLE app_token (
    token BLOB PRIMARY KEY,
    base BLOB NOT NULL REFERENCES base_token (token),
    topic BLOB NOT NULL,
    life INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  INSERT INTO app_token (token, base, topic) SELECT token, base, topic FROM old_app_token;
  DROP TABLE old_app_token;
  ALTER TABLE push ADD COLUMN push_type TEXT NOT NULL DEFAULT '';
)";

Result<TokenLife> read_life(const io::Statement& row, int column) {
  const std::int64_t kind = row.integer(column);
  if (kind < 0 || kind > static_cast<std::int64_t>(TokenLife::Kind::expired)) {
    return fail(errc::corrupt, "apns.db: a token's life is " + std::to_string(kind));
  }
  return TokenLife{static_cast<TokenLife::Kind>(kind), from_unix_us(row.integer(column + 1))};
}

/// Copies a blob of a fixed width; a file with another width was not written by us.
template <std::size_t N>
Result<void> read_array(const io::Statement& row, int column, std::array<std::uint8_t, N>& into) {
  const Bytes blob = row.blob(column);
  if (blob.size() != N) {
    return fail(errc::corrupt, "apns.db: a value of " + std::to_string(blob.size()) +
                                   " octets instead of " + std::to_string(N));
  }
  std::copy(blob.begin(), blob.end(), into.begin());
  return {};
}

}  // namespace

Result<TokenStore> TokenStore::open(const std::filesystem::path& path) {
  UNDERSTUDY_TRY(io::Database database, io::Database::open(path));
  UNDERSTUDY_CHECK(database.migrate({kTokenSchema, kLifeAndType}));
  return TokenStore(std::move(database));
}

Result<TokenStore::Content> TokenStore::load() {
  Content content;
  UNDERSTUDY_TRY(content.bases, load_bases());
  UNDERSTUDY_TRY(content.apps, load_apps());
  UNDERSTUDY_TRY(content.pushes, load_pushes());
  return content;
}

Result<std::vector<BaseToken>> TokenStore::load_bases() {
  std::vector<BaseToken> bases;
  UNDERSTUDY_TRY(io::Statement rows,
                 database_.prepare("SELECT token, fingerprint, life, ended_at FROM base_token "
                                   "ORDER BY id"));
  for (;;) {
    UNDERSTUDY_TRY(const bool more, rows.step());
    if (!more) return bases;
    BaseToken& base = bases.emplace_back();
    UNDERSTUDY_CHECK(read_array(rows, 0, base.token));
    base.fingerprint = rows.text(1);
    UNDERSTUDY_TRY(base.life, read_life(rows, 2));
  }
}

Result<std::vector<AppToken>> TokenStore::load_apps() {
  std::vector<AppToken> apps;
  UNDERSTUDY_TRY(io::Statement rows,
                 database_.prepare("SELECT token, base, topic, life, ended_at FROM app_token"));
  for (;;) {
    UNDERSTUDY_TRY(const bool more, rows.step());
    if (!more) return apps;
    AppToken& app = apps.emplace_back();
    UNDERSTUDY_CHECK(read_array(rows, 0, app.token));
    UNDERSTUDY_CHECK(read_array(rows, 1, app.base));
    UNDERSTUDY_CHECK(read_array(rows, 2, app.topic));
    UNDERSTUDY_TRY(app.life, read_life(rows, 3));
  }
}

Result<std::vector<Push>> TokenStore::load_pushes() {
  std::vector<Push> pushes;
  UNDERSTUDY_TRY(
      io::Statement rows,
      database_.prepare("SELECT token, topic, apns_id, payload, accepted_at, expires_at, "
                        "priority, push_type FROM push ORDER BY accepted_at, apns_id"));
  for (;;) {
    UNDERSTUDY_TRY(const bool more, rows.step());
    if (!more) return pushes;
    Push& push = pushes.emplace_back();
    UNDERSTUDY_CHECK(read_array(rows, 0, push.token));
    UNDERSTUDY_CHECK(read_array(rows, 1, push.topic));
    push.apns_id = rows.text(2);
    push.payload = rows.blob(3);
    push.accepted_at = from_unix_us(rows.integer(4));
    push.expires_at = from_unix_us(rows.integer(5));
    push.priority = static_cast<std::uint8_t>(rows.integer(6));
    push.push_type = rows.text(7);
  }
}

Result<io::Statement> TokenStore::write(std::string_view sql) {
  if (!transaction_open_) {
    UNDERSTUDY_TRY(io::Statement begin, database_.prepare("BEGIN IMMEDIATE"));
    UNDERSTUDY_CHECK(begin.run());
    transaction_open_ = true;
  }
  return database_.prepare(sql);
}

Result<void> TokenStore::commit() {
  if (!std::exchange(transaction_open_, false)) return {};
  UNDERSTUDY_TRY(io::Statement commit, database_.prepare("COMMIT"));
  Result<void> done = commit.run();
  if (done) return done;
  log::error("apns.store.commit_failed", {{"error", done.error().message()}});
  UNDERSTUDY_CHECK(database_.execute("ROLLBACK"));
  return done;
}

Result<void> TokenStore::add(const BaseToken& token) {
  UNDERSTUDY_TRY(io::Statement insert,
                 write("INSERT INTO base_token (token, fingerprint) VALUES (?, ?)"));
  return insert.bind(1, BytesView(token.token)).bind(2, token.fingerprint).run();
}

Result<void> TokenStore::add(const AppToken& token) {
  UNDERSTUDY_TRY(io::Statement insert,
                 write("INSERT INTO app_token (token, base, topic) VALUES (?, ?, ?)"));
  return insert.bind(1, BytesView(token.token))
      .bind(2, BytesView(token.base))
      .bind(3, BytesView(token.topic))
      .run();
}

Result<void> TokenStore::set_life(const apns::Token& token, const TokenLife& life) {
  for (const std::string_view sql :
       {std::string_view("UPDATE base_token SET life = ?, ended_at = ? WHERE token = ?"),
        std::string_view("UPDATE app_token SET life = ?, ended_at = ? WHERE token = ?")}) {
    UNDERSTUDY_TRY(io::Statement update, write(sql));
    update.bind(1, static_cast<std::int64_t>(life.kind)).bind(2, to_unix_us(life.since));
    UNDERSTUDY_CHECK(update.bind(3, BytesView(token)).run());
  }
  return {};
}

Result<void> TokenStore::put(const Push& push) {
  UNDERSTUDY_TRY(io::Statement replace,
                 write("REPLACE INTO push (token, topic, apns_id, payload, accepted_at, "
                       "expires_at, priority, push_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  return replace.bind(1, BytesView(push.token))
      .bind(2, BytesView(push.topic))
      .bind(3, push.apns_id)
      .bind(4, BytesView(push.payload))
      .bind(5, to_unix_us(push.accepted_at))
      .bind(6, to_unix_us(push.expires_at))
      .bind(7, std::int64_t{push.priority})
      .bind(8, push.push_type)
      .run();
}

Result<void> TokenStore::remove(const Push& push) {
  UNDERSTUDY_TRY(io::Statement erase, write("DELETE FROM push WHERE token = ? AND topic = ? "
                                            "AND apns_id = ?"));
  return erase.bind(1, BytesView(push.token))
      .bind(2, BytesView(push.topic))
      .bind(3, push.apns_id)
      .run();
}

}  // namespace understudy::apns_mock
