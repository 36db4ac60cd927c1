#include "shared/io/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace understudy::io {
namespace {

constexpr int kBusyTimeoutMs = 5000;

errc code_for(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return errc::already_exists;
    default:
      break;
  }
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return errc::timeout;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return errc::corrupt;
    default:
      return errc::io;
  }
}

/// SQL texts hold no values (those are bound), so they may be shown.
tl::unexpected<Error> refused(sqlite3* native, std::string_view doing) {
  return fail(code_for(sqlite3_extended_errcode(native)),
              "SQLite: " + std::string(doing.substr(0, 120)) + ": " + sqlite3_errmsg(native));
}

/// Databases hold tokens and keys. SQLite gives its side files the mode of the main file.
void create_for_owner_only(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
}

}  // namespace

void Statement::Releaser::operator()(sqlite3_stmt* statement) const {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
  return note(sqlite3_bind_int64(native_.get(), index, value));
}

Statement& Statement::bind(int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();  // a null pointer would bind NULL
  return note(
      sqlite3_bind_text64(native_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::bind(int index, BytesView value) {
  if (value.empty()) return note(sqlite3_bind_zeroblob(native_.get(), index, 0));
  return note(
      sqlite3_bind_blob64(native_.get(), index, value.data(), value.size(), SQLITE_TRANSIENT));
}

Statement& Statement::bind_null(int index) {
  return note(sqlite3_bind_null(native_.get(), index));
}

Statement& Statement::note(int status) {
  if (status != SQLITE_OK && bind_status_ == SQLITE_OK) bind_status_ = status;
  return *this;
}

Result<bool> Statement::step() {
  sqlite3* const database = sqlite3_db_handle(native_.get());
  const std::string_view sql = sqlite3_sql(native_.get());
  if (bind_status_ != SQLITE_OK) {
    return fail(errc::invalid_argument, "SQLite: bind to " + std::string(sql.substr(0, 120)) +
                                            ": " + sqlite3_errstr(bind_status_));
  }
  const int status = sqlite3_step(native_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) {
    sqlite3_reset(native_.get());
    return false;
  }
  auto error = refused(database, sql);
  sqlite3_reset(native_.get());
  return error;
}

Result<void> Statement::run() {
  UNDERSTUDY_TRY(const bool row, step());
  if (row) reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(native_.get());
  bind_status_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(native_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(native_.get(), column));
  const int size = sqlite3_column_bytes(native_.get(), column);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

Bytes Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(native_.get(), column));
  const int size = sqlite3_column_bytes(native_.get(), column);
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(native_.get(), column) == SQLITE_NULL;
}

struct Database::Impl {
  sqlite3* native = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements;

  Impl() = default;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close(native);
  }
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open_native(const std::filesystem::path& path, int flags) {
  auto impl = std::make_unique<Impl>();
  if (sqlite3_open_v2(path.c_str(), &impl->native, flags | SQLITE_OPEN_NOMUTEX, nullptr) !=
      SQLITE_OK) {
    return refused(impl->native, "open " + path.string());
  }
  sqlite3_extended_result_codes(impl->native, 1);
  sqlite3_busy_timeout(impl->native, kBusyTimeoutMs);
  return Database(std::move(impl));
}

Result<Database> Database::open_to_read(const std::filesystem::path& path, std::int64_t version) {
  UNDERSTUDY_TRY(Database database, open_native(path, SQLITE_OPEN_READONLY));
  auto found = database.version();
  if (!found) return fail_in("open " + path.string(), std::move(found).error());
  if (*found == version) return database;
  return fail(errc::corrupt,
              path.string() + " is of version " + std::to_string(*found) + ", this program reads " +
                  std::to_string(version),
              *found < version
                  ? "let this program open it for writing once: that brings it up to date"
                  : "use the program that wrote it");
}

Result<Database> Database::open(const std::filesystem::path& path, bool synchronous_full,
                                int page_size) {
  if (path != ":memory:") create_for_owner_only(path);
  UNDERSTUDY_TRY(Database database, open_native(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  const std::string pragmas =
      "PRAGMA page_size = " + std::to_string(page_size) +
      "; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA synchronous = " +
      (synchronous_full ? "FULL" : "NORMAL");
  if (auto set = database.set_up(pragmas); !set) {
    if (set.error().code == errc::corrupt) {
      return fail(errc::corrupt, path.string() + " is no database of ours, or was damaged",
                  "put a copy of it back, or name another directory");
    }
    return fail_in("open " + path.string(), std::move(set).error());
  }
  return database;
}

/// A new file becomes WAL by one opener, and SQLite does not let the others wait for it.
Result<void> Database::set_up(const std::string& pragmas) {
  constexpr auto kPause = std::chrono::milliseconds(5);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyTimeoutMs);
  for (;;) {
    auto set = execute(pragmas);
    const bool is_busy = !set && set.error().code == errc::timeout;
    if (!is_busy || std::chrono::steady_clock::now() >= until) return set;
    std::this_thread::sleep_for(kPause);
  }
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(impl_->native, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return refused(impl_->native, sql);
  }
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  std::string text(sql);
  const auto known = impl_->statements.find(text);
  if (known != impl_->statements.end()) {
    if (sqlite3_stmt_busy(known->second) != 0) {
      return fail(errc::invalid_argument, "SQLite: held twice: " + text.substr(0, 120));
    }
    return Statement(known->second);
  }
  sqlite3_stmt* native = nullptr;
  const int status = sqlite3_prepare_v3(impl_->native, text.c_str(), -1, SQLITE_PREPARE_PERSISTENT,
                                        &native, nullptr);
  if (status != SQLITE_OK) return refused(impl_->native, sql);
  if (native == nullptr) return fail(errc::invalid_argument, "SQLite: a statement without text");
  impl_->statements.emplace(std::move(text), native);
  return Statement(native);
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(impl_->native);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(impl_->native);
}

Result<std::int64_t> Database::version() {
  UNDERSTUDY_TRY(Statement query, prepare("PRAGMA user_version"));
  UNDERSTUDY_TRY(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

Result<void> Database::migrate(std::initializer_list<std::string_view> migrations) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  for (;;) {
    // Asked inside the transaction: another process may be migrating the same file.
    UNDERSTUDY_TRY(Transaction transaction, Transaction::begin(*this));
    UNDERSTUDY_TRY(const std::int64_t current, version());
    if (current > newest) {
      return fail(errc::corrupt,
                  "the database is of version " + std::to_string(current) +
                      ", this program knows " + std::to_string(newest),
                  "use the newer program, or another state directory");
    }
    if (current == newest) return {};
    const std::string_view next = migrations.begin()[current];
    if (auto done = execute(std::string(next)); !done) {
      return fail_in("migrate to version " + std::to_string(current + 1), std::move(done).error());
    }
    UNDERSTUDY_CHECK(execute("PRAGMA user_version = " + std::to_string(current + 1)));
    UNDERSTUDY_CHECK(transaction.commit());
  }
}

Result<Transaction> Transaction::begin(Database& database) {
  UNDERSTUDY_TRY(Statement begin, database.prepare("BEGIN IMMEDIATE"));
  UNDERSTUDY_CHECK(begin.run());
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Fails only where SQLite has already rolled back by itself, after a full disk for example.
  auto rollback = database_->prepare("ROLLBACK");
  if (!rollback) return;
  [[maybe_unused]] const auto done = rollback->run();
}

Result<void> Transaction::commit() {
  if (database_ == nullptr) return fail(errc::invalid_argument, "SQLite: committed twice");
  UNDERSTUDY_TRY(Statement commit, database_->prepare("COMMIT"));
  UNDERSTUDY_CHECK(commit.run());
  database_ = nullptr;
  return {};
}

}  // namespace understudy::io
