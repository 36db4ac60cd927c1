#pragma once

/// SQLite behind RAII and Result. A Database belongs to one thread at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "shared/core/bytes.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace understudy::io {

/// One prepared statement, bound from 1. Values are copied in. Must not outlive its Database.
/// Errors of `bind` are reported by the next `step`.
class Statement {
 public:
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view value);
  Statement& bind(int index, BytesView value);
  Statement& bind_null(int index);
  template <class T>
  Statement& bind_optional(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }

  /// True while there is a row; after false it may be bound and stepped again. Errors, all with
  /// SQLite's reason: errc::already_exists for a second row with a unique key, errc::timeout when
  /// another connection holds the lock, errc::corrupt, errc::invalid_argument for a bind that was
  /// impossible, errc::io for all else.
  Result<bool> step();
  /// For statements without rows; resets.
  Result<void> run();
  /// Leaves the rows that are left and allows binding anew.
  void reset();

  /// Columns from 0, valid until the next step.
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Bytes blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Releaser {
    void operator()(sqlite3_stmt* statement) const;  ///< resets: the Database keeps it prepared
  };
  explicit Statement(sqlite3_stmt* native) : native_(native) {}
  Statement& note(int status);

  std::unique_ptr<sqlite3_stmt, Releaser> native_;
  int bind_status_ = 0;
};

class Database {
 public:
  /// Opens or creates (mode 0600); WAL, foreign keys on, a busy timeout of five seconds.
  /// `:memory:` works.
  /// `synchronous_full`: a commit survives power loss too (otherwise a crash of the process only).
  /// `page_size`: of a file that is new, in octets; half of one is lost with each row that is
  /// large.
  static Result<Database> open(const std::filesystem::path& path, bool synchronous_full = false,
                               int page_size = 4096);
  /// Only to read, also beside a process that writes; changes nothing, so the file must be of that
  /// `version` (see migrate). Errors: errc::io, errc::corrupt (another version).
  static Result<Database> open_to_read(const std::filesystem::path& path, std::int64_t version);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Statements without parameters, several separated by semicolons: schemas and pragmas.
  Result<void> execute(const std::string& sql);
  /// Prepared once for each text; do not hold two Statements of the same text at once (refused
  /// with errc::invalid_argument while the other is at a row).
  Result<Statement> prepare(std::string_view sql);
  std::int64_t last_insert_id() const;
  std::int64_t changes() const;

  /// Runs `migrations[user_version..]` in order, each in a transaction, and counts user_version up.
  /// Errors: errc::corrupt when the file is of a newer version.
  Result<void> migrate(std::initializer_list<std::string_view> migrations);

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  static Result<Database> open_native(const std::filesystem::path& path, int flags);
  Result<void> set_up(const std::string& pragmas);
  Result<std::int64_t> version();

  std::unique_ptr<Impl> impl_;
};

/// BEGIN IMMEDIATE now, ROLLBACK unless `commit` was called. Transactions do not nest. The Database
/// must stay where it is meanwhile.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace understudy::io
