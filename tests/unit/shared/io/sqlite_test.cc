#include "shared/io/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <barrier>
#include <thread>

#include "shared/io/file.h"
#include "tests/support/temp_dir.h"

namespace understudy::io {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)";

Database memory() {
  auto database = Database::open(":memory:");
  EXPECT_TRUE(database);
  EXPECT_TRUE(database->migrate({kSchema}));
  return std::move(*database);
}

Result<void> insert(Database& database, std::string_view name) {
  UNDERSTUDY_TRY(Statement statement, database.prepare("INSERT INTO t (name) VALUES (?1)"));
  return statement.bind(1, name).run();
}

std::int64_t count(Database& database) {
  auto query = database.prepare("SELECT count(*) FROM t").value();
  EXPECT_TRUE(query.step().value());
  return query.integer(0);
}

std::int64_t pragma(Database& database, const std::string& name) {
  auto query = database.prepare("PRAGMA " + name).value();
  EXPECT_TRUE(query.step().value());
  return query.integer(0);
}

TEST(Statement, BindsAndReadsEveryType) {
  Database database = memory();
  auto insert_row = database.prepare("INSERT INTO t (id, name, data) VALUES (?1, ?2, ?3)").value();
  const Bytes blob{0, 1, 255};
  const std::string text("a\0b \xc3\xa9", 6);
  ASSERT_TRUE(insert_row.bind(1, std::int64_t{-7}).bind(2, text).bind(3, blob).run());
  EXPECT_EQ(database.last_insert_id(), -7);
  EXPECT_EQ(database.changes(), 1);
  auto query = database.prepare("SELECT id, name, data FROM t").value();
  ASSERT_TRUE(query.step().value());
  EXPECT_EQ(query.integer(0), -7);
  EXPECT_EQ(query.text(1), text);
  EXPECT_EQ(query.blob(2), blob);
  EXPECT_FALSE(query.is_null(1));
  EXPECT_FALSE(query.step().value());
}

TEST(Statement, TellsEmptyFromNull) {
  Database database = memory();
  auto row = database.prepare("INSERT INTO t (id, name, data) VALUES (?1, ?2, ?3)").value();
  ASSERT_TRUE(row.bind(1, 1).bind(2, std::string_view()).bind(3, BytesView()).run());
  ASSERT_TRUE(row.bind(1, 2).bind_optional(2, std::optional<std::string>()).bind_null(3).run());
  auto query = database.prepare("SELECT name, data FROM t ORDER BY id").value();
  ASSERT_TRUE(query.step().value());
  EXPECT_FALSE(query.is_null(0));
  EXPECT_FALSE(query.is_null(1));
  EXPECT_EQ(query.text(0), "");
  EXPECT_EQ(query.blob(1), Bytes{});
  ASSERT_TRUE(query.step().value());
  EXPECT_TRUE(query.is_null(0));
  EXPECT_TRUE(query.is_null(1));
  EXPECT_EQ(query.text(0), "");
}

TEST(Statement, IsFreshEachTimeItIsPrepared) {
  Database database = memory();
  ASSERT_TRUE(insert(database, "first"));
  ASSERT_TRUE(insert(database, "second"));
  {
    auto query = database.prepare("SELECT name FROM t WHERE name = ?1").value();
    ASSERT_TRUE(query.bind(1, "first").step().value());
  }  // left at a row
  auto again = database.prepare("SELECT name FROM t WHERE name = ?1").value();
  EXPECT_FALSE(again.step().value()) << "a binding of the last use stayed";
  ASSERT_TRUE(again.bind(1, "second").step().value());
  EXPECT_EQ(again.text(0), "second");
}

TEST(Statement, IsRefusedWhenItIsHeldTwice) {
  Database database = memory();
  ASSERT_TRUE(insert(database, "a"));
  auto query = database.prepare("SELECT name FROM t").value();
  ASSERT_TRUE(query.step().value());
  EXPECT_EQ(database.prepare("SELECT name FROM t").error().code, errc::invalid_argument);
  query.reset();
  EXPECT_TRUE(query.step().value());
}

TEST(Statement, SaysWhyItFails) {
  Database database = memory();
  ASSERT_TRUE(insert(database, "a"));
  const auto twice = insert(database, "a");
  EXPECT_EQ(twice.error().code, errc::already_exists);
  EXPECT_THAT(twice.error().message(), HasSubstr("UNIQUE constraint failed: t.name"));
  EXPECT_TRUE(insert(database, "b")) << "the statement must be usable after a failure";
  const auto nonsense = database.prepare("SELEKT 1");
  EXPECT_EQ(nonsense.error().code, errc::io);
  EXPECT_THAT(nonsense.error().message(), HasSubstr("syntax error"));
  EXPECT_EQ(database.prepare(" -- nothing").error().code, errc::invalid_argument);
  auto query = database.prepare("SELECT ?1").value();
  EXPECT_EQ(query.bind(2, 1).step().error().code, errc::invalid_argument);
  EXPECT_FALSE(database.execute("CREATE TABLE t (id)"));
}

TEST(Database, EnforcesForeignKeysAndUsesAWriteAheadLog) {
  const support::TempDir dir;
  auto database = Database::open(dir / "db", true).value();
  ASSERT_TRUE(database.migrate(
      {"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p (id))"}));
  EXPECT_FALSE(database.execute("INSERT INTO c VALUES (1)"));
  auto mode = database.prepare("PRAGMA journal_mode").value();
  ASSERT_TRUE(mode.step().value());
  EXPECT_EQ(mode.text(0), "wal");
  EXPECT_EQ(pragma(database, "synchronous"), 2);
  auto normal = Database::open(dir / "db2").value();
  EXPECT_EQ(pragma(normal, "synchronous"), 1);
}

TEST(Database, IsReadableByItsOwnerOnlyWithItsSideFiles) {
  const support::TempDir dir;
  auto database = Database::open(dir / "db").value();
  ASSERT_TRUE(database.migrate({kSchema}));
  ASSERT_TRUE(insert(database, "a"));
  for (const char* name : {"db", "db-wal", "db-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((dir / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST(Database, NamesThePathWhenItCannotBeOpened) {
  const support::TempDir dir;
  const auto absent = Database::open(dir / "no/such/db");
  EXPECT_THAT(absent.error().message(), HasSubstr("no/such/db"));
  ASSERT_TRUE(write_file(dir / "text", as_bytes(std::string(5000, 'x'))));
  const auto text = Database::open(dir / "text");
  EXPECT_EQ(text.error().code, errc::corrupt);
  EXPECT_THAT(text.error().message(), HasSubstr("no database of ours"));
}

TEST(Database, KeepsWhatWasCommittedForTheNextOne) {
  const support::TempDir dir;
  {
    auto database = Database::open(dir / "db").value();
    ASSERT_TRUE(database.migrate({kSchema}));
    ASSERT_TRUE(insert(database, "kept"));
  }
  auto database = Database::open(dir / "db").value();
  EXPECT_EQ(count(database), 1);
  Database moved = std::move(database);
  EXPECT_EQ(count(moved), 1);
}

TEST(Migrate, RunsWhatIsMissingOnce) {
  const support::TempDir dir;
  auto database = Database::open(dir / "db").value();
  ASSERT_TRUE(database.migrate({kSchema}));
  ASSERT_TRUE(insert(database, "old"));
  constexpr std::string_view kSecond = "ALTER TABLE t ADD COLUMN extra TEXT; CREATE TABLE u (id)";
  ASSERT_TRUE(database.migrate({kSchema, kSecond}));
  ASSERT_TRUE(database.migrate({kSchema, kSecond}));
  EXPECT_EQ(pragma(database, "user_version"), 2);
  EXPECT_EQ(count(database), 1);
}

TEST(Migrate, RefusesAFileOfANewerProgram) {
  Database database = memory();
  ASSERT_TRUE(database.execute("PRAGMA user_version = 5"));
  const auto result = database.migrate({kSchema});
  EXPECT_EQ(result.error().code, errc::corrupt);
  EXPECT_THAT(result.error().message(), HasSubstr("version 5"));
}

TEST(Migrate, LeavesNothingBehindOfAStepThatFails) {
  Database database = memory();
  const auto result = database.migrate({kSchema, "CREATE TABLE half (id); CREATE TABLE t (id)"});
  EXPECT_THAT(result.error().message(), HasSubstr("migrate to version 2"));
  EXPECT_EQ(pragma(database, "user_version"), 1);
  EXPECT_TRUE(database.execute("CREATE TABLE half (id)")) << "the failed step was not rolled back";
}

TEST(Database, IsOpenedByManyAtOnce) {
  constexpr int kOpeners = 6;
  for (int round = 0; round < 40; ++round) {
    const support::TempDir dir;
    std::barrier together(kOpeners);
    std::vector<std::thread> openers;
    for (int i = 0; i < kOpeners; ++i) {
      openers.emplace_back([&] {
        together.arrive_and_wait();
        const auto database = Database::open(dir / "db");
        EXPECT_TRUE(database) << database.error().message();
      });
    }
    for (std::thread& opener : openers) opener.join();
  }
}

TEST(Migrate, IsSafeFromSeveralProcessesAtOnce) {
  const support::TempDir dir;
  std::vector<std::thread> openers;
  for (int i = 0; i < 4; ++i) {
    openers.emplace_back([&dir] {
      auto database = Database::open(dir / "db");
      ASSERT_TRUE(database) << database.error().message();
      const auto migrated = database->migrate({kSchema, "CREATE TABLE u (id)"});
      EXPECT_TRUE(migrated) << migrated.error().message();
    });
  }
  for (std::thread& opener : openers) opener.join();
  auto database = Database::open(dir / "db").value();
  EXPECT_EQ(pragma(database, "user_version"), 2);
}

TEST(Transaction, RollsBackUnlessCommitted) {
  Database database = memory();
  {
    auto transaction = Transaction::begin(database).value();
    ASSERT_TRUE(insert(database, "gone"));
  }
  EXPECT_EQ(count(database), 0);
  {
    auto transaction = Transaction::begin(database).value();
    Transaction moved = std::move(transaction);
    ASSERT_TRUE(insert(database, "kept"));
    ASSERT_TRUE(moved.commit());
    EXPECT_EQ(moved.commit().error().code, errc::invalid_argument);
  }
  EXPECT_EQ(count(database), 1);
}

TEST(Transaction, DoesNotNest) {
  Database database = memory();
  auto outer = Transaction::begin(database).value();
  EXPECT_FALSE(Transaction::begin(database));
  ASSERT_TRUE(insert(database, "a"));
  EXPECT_TRUE(outer.commit());
  EXPECT_EQ(count(database), 1);
}

TEST(Transaction, TellsWhenAnotherConnectionHoldsTheLock) {
  const support::TempDir dir;
  auto first = Database::open(dir / "db").value();
  ASSERT_TRUE(first.migrate({kSchema}));
  auto second = Database::open(dir / "db").value();
  ASSERT_TRUE(second.execute("PRAGMA busy_timeout = 0"));
  auto held = Transaction::begin(first).value();
  const auto refused = Transaction::begin(second);
  EXPECT_EQ(refused.error().code, errc::timeout);
  EXPECT_THAT(refused.error().message(), HasSubstr("locked"));
  EXPECT_EQ(count(second), 0) << "readers go on";
  ASSERT_TRUE(held.commit());
  EXPECT_TRUE(Transaction::begin(second));
}

TEST(Transaction, WaitsForAnotherConnection) {
  const support::TempDir dir;
  auto first = Database::open(dir / "db").value();
  ASSERT_TRUE(first.migrate({kSchema}));
  std::vector<std::thread> writers;
  for (int n = 0; n < 3; ++n) {
    writers.emplace_back([&dir, n] {
      auto database = Database::open(dir / "db").value();
      for (int i = 0; i < 20; ++i) {
        auto transaction = Transaction::begin(database);
        ASSERT_TRUE(transaction) << transaction.error().message();
        EXPECT_TRUE(insert(database, std::to_string(n) + "-" + std::to_string(i)));
        EXPECT_TRUE(transaction->commit());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(count(first), 60);
}

}  // namespace
}  // namespace understudy::io
