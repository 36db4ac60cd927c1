#include "server-mock/store/sqlite_store.h"

#include "server-mock/store/sqlite_rows.h"

namespace understudy::server {
namespace {

/// Version 1. Times are microseconds since the Unix epoch; statuses are the enums' numbers, which
/// therefore never change their order.
constexpr std::string_view kSchema = R"(
CREATE TABLE devices(
  id TEXT PRIMARY KEY, state INTEGER NOT NULL, topic TEXT NOT NULL, push_magic TEXT NOT NULL,
  push_token BLOB NOT NULL, unlock_token BLOB NOT NULL, bootstrap_token BLOB NOT NULL,
  certificate TEXT NOT NULL, serial_number TEXT NOT NULL, model TEXT NOT NULL,
  product_name TEXT NOT NULL, device_name TEXT NOT NULL, os_version TEXT NOT NULL,
  build_version TEXT NOT NULL, enrolled_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE certificates(
  fingerprint TEXT PRIMARY KEY, device_id TEXT NOT NULL, not_after INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE challenges(
  digest TEXT PRIMARY KEY, not_after INTEGER NOT NULL, used_by TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE actions(
  id INTEGER PRIMARY KEY, command_uuid TEXT NOT NULL, device_id TEXT NOT NULL,
  request_type TEXT NOT NULL, body TEXT NOT NULL, push INTEGER NOT NULL, apns_id TEXT NOT NULL,
  at INTEGER NOT NULL, UNIQUE(command_uuid, device_id));
CREATE TABLE pushes(
  id INTEGER PRIMARY KEY AUTOINCREMENT, apns_id TEXT NOT NULL, device_id TEXT NOT NULL,
  command_uuid TEXT NOT NULL, attempts INTEGER NOT NULL, repeat INTEGER NOT NULL,
  due INTEGER NOT NULL, outcome INTEGER, done_at INTEGER, repeat_at INTEGER);
CREATE INDEX pushes_waiting ON pushes(due) WHERE outcome IS NULL;
CREATE INDEX pushes_repeat ON pushes(repeat_at) WHERE repeat_at IS NOT NULL;
CREATE INDEX pushes_apns_id ON pushes(apns_id);
CREATE INDEX pushes_command ON pushes(command_uuid, device_id);
CREATE TABLE events(
  id INTEGER PRIMARY KEY AUTOINCREMENT, command_uuid TEXT NOT NULL, device_id TEXT NOT NULL,
  request_type TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX events_command ON events(command_uuid);
CREATE INDEX events_device ON events(device_id);
CREATE TABLE commands(
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, device_id TEXT NOT NULL, request_type TEXT NOT NULL,
  body TEXT NOT NULL, status INTEGER NOT NULL, result TEXT NOT NULL, created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL, UNIQUE(uuid, device_id));
CREATE INDEX commands_of_device ON commands(device_id, id);
CREATE INDEX commands_open ON commands(device_id, id) WHERE status < 3;
CREATE INDEX commands_status ON commands(status);
CREATE TABLE timeline(
  id INTEGER PRIMARY KEY, command_uuid TEXT NOT NULL, device_id TEXT NOT NULL, hop TEXT NOT NULL,
  at INTEGER NOT NULL, detail TEXT NOT NULL);
CREATE INDEX timeline_command ON timeline(command_uuid, device_id);
CREATE TABLE push_certificates(
  environment TEXT PRIMARY KEY, pem TEXT NOT NULL, topic TEXT NOT NULL, not_after INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)";

/// Version 2.
constexpr std::string_view kNotifications = R"(
CREATE TABLE notifications(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, environment TEXT NOT NULL,
  topic TEXT NOT NULL, certificate TEXT NOT NULL, not_after INTEGER NOT NULL,
  days INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE(certificate, days));
)";

/// Version 3.
constexpr std::string_view kUserChannels = R"(
ALTER TABLE devices ADD COLUMN bootstrap_token_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN user_short_name TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN user_long_name TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN awaiting_configuration INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN not_on_console INTEGER NOT NULL DEFAULT 0;
)";

/// Version 4.
constexpr std::string_view kModems = R"(
ALTER TABLE devices ADD COLUMN model_name TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN imei TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN meid TEXT NOT NULL DEFAULT '';
)";

/// Ends an `atomically` whatever happens inside.
class Flag {
 public:
  explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;
  ~Flag() { flag_ = false; }

 private:
  bool& flag_;
};

}  // namespace

std::string_view state_name(DeviceRecord::State state) {
  switch (state) {
    case DeviceRecord::State::authenticated:
      return "authenticated";
    case DeviceRecord::State::enrolled:
      return "enrolled";
    case DeviceRecord::State::checked_out:
      return "checked_out";
    case DeviceRecord::State::erased:
      return "erased";
  }
  return "unknown";
}

std::string_view status_name(CommandRecord::Status status) {
  switch (status) {
    case CommandRecord::Status::queued:
      return "queued";
    case CommandRecord::Status::sent:
      return "sent";
    case CommandRecord::Status::not_now:
      return "not_now";
    case CommandRecord::Status::acknowledged:
      return "acknowledged";
    case CommandRecord::Status::error:
      return "error";
    case CommandRecord::Status::format_error:
      return "format_error";
    case CommandRecord::Status::cancelled:
      return "cancelled";
  }
  return "unknown";
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file) {
  UNDERSTUDY_TRY(io::Database database, io::Database::open(file));
  UNDERSTUDY_CHECK(database.migrate({kSchema, kNotifications, kUserChannels, kModems}));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

Result<void> SqliteStore::atomically(const std::function<Result<void>()>& work) {
  if (in_transaction_) return work();
  UNDERSTUDY_TRY(io::Transaction transaction, io::Transaction::begin(db_));
  const Flag inside(in_transaction_);
  UNDERSTUDY_CHECK(work());
  return transaction.commit();
}

Result<std::optional<PushCertificateRecord>> SqliteStore::push_certificate(
    const std::string& environment) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT environment, pem, topic, not_after FROM push_certificates "
                             "WHERE environment = ?1"));
  select.bind(1, environment);
  return first_row(select, [](const io::Statement& row) {
    return PushCertificateRecord{row.text(0), row.text(1), row.text(2), time_at(row, 3)};
  });
}

Result<void> SqliteStore::put_push_certificate(const PushCertificateRecord& record) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT OR REPLACE INTO push_certificates VALUES(?1, ?2, ?3, ?4)"));
  insert.bind(1, record.environment).bind(2, record.pem).bind(3, record.topic);
  return insert.bind(4, to_unix_us(record.not_after)).run();
}

Result<void> SqliteStore::count(const std::string& name) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO counters VALUES(?1, 1) "
                             "ON CONFLICT(name) DO UPDATE SET value = value + 1"));
  return insert.bind(1, name).run();
}

Result<std::map<std::string, std::int64_t>> SqliteStore::counters() {
  UNDERSTUDY_TRY(io::Statement select, db_.prepare("SELECT name, value FROM counters"));
  UNDERSTUDY_TRY(auto rows, all_rows(select, [](const io::Statement& row) {
                   return std::pair<std::string, std::int64_t>(row.text(0), row.integer(1));
                 }));
  return std::map<std::string, std::int64_t>(rows.begin(), rows.end());
}

Result<QueueDepths> SqliteStore::queue_depths() {
  QueueDepths depths;
  {
    UNDERSTUDY_TRY(io::Statement select,
                   db_.prepare("SELECT (SELECT COUNT(*) FROM actions), (SELECT COUNT(*) FROM "
                               "pushes WHERE outcome IS NULL), (SELECT COUNT(*) FROM events)"));
    UNDERSTUDY_TRY(const bool found, select.step());
    if (!found) return fail(errc::corrupt, "counting the queues: no row");
    depths.actions = select.integer(0);
    depths.outbound_push = select.integer(1);
    depths.event_log = select.integer(2);
  }
  UNDERSTUDY_TRY(io::Statement by_status,
                 db_.prepare("SELECT status, COUNT(*) FROM commands GROUP BY status"));
  for (;;) {
    UNDERSTUDY_TRY(const bool more, by_status.step());
    if (!more) return depths;
    const auto status = static_cast<CommandRecord::Status>(by_status.integer(0));
    depths.commands[std::string(status_name(status))] = by_status.integer(1);
  }
}

}  // namespace understudy::server
