#include "server-mock/store/sqlite_rows.h"
#include "server-mock/store/sqlite_store.h"

namespace understudy::server {
namespace {

constexpr std::string_view kSelectCommands =
    "SELECT uuid, device_id, request_type, body, status, result, created_at, changed_at "
    "FROM commands ";
/// CommandRecord::finished() in SQL: acknowledged and above are finished.
constexpr std::int64_t kFirstFinished =
    static_cast<std::int64_t>(CommandRecord::Status::acknowledged);
static_assert(kFirstFinished == 3, "the partial index commands_open relies on it");

CommandRecord read_command(const io::Statement& row) {
  CommandRecord command;
  command.uuid = row.text(0);
  command.device_id = row.text(1);
  command.request_type = row.text(2);
  command.body = row.text(3);
  command.status = static_cast<CommandRecord::Status>(row.integer(4));
  command.result = row.text(5);
  command.created_at = time_at(row, 6);
  command.changed_at = time_at(row, 7);
  return command;
}

}  // namespace

Result<bool> SqliteStore::put_command(const CommandRecord& record) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT OR IGNORE INTO commands(uuid, device_id, request_type, body, "
                             "status, result, created_at, changed_at) "
                             "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  insert.bind(1, record.uuid).bind(2, record.device_id).bind(3, record.request_type);
  insert.bind(4, record.body).bind(5, static_cast<std::int64_t>(record.status));
  insert.bind(6, record.result).bind(7, to_unix_us(record.created_at));
  UNDERSTUDY_CHECK(insert.bind(8, to_unix_us(record.changed_at)).run());
  return db_.changes() > 0;
}

Result<std::optional<CommandRecord>> SqliteStore::command(const std::string& uuid,
                                                          const std::string& device_id) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelectCommands) + "WHERE uuid = ?1 AND device_id = ?2"));
  select.bind(1, uuid).bind(2, device_id);
  return first_row(select, read_command);
}

Result<std::vector<CommandRecord>> SqliteStore::commands_with_uuid(const std::string& uuid) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelectCommands) + "WHERE uuid = ?1 ORDER BY id"));
  select.bind(1, uuid);
  return all_rows(select, read_command);
}

Result<std::vector<CommandRecord>> SqliteStore::commands_of(const std::string& device_id,
                                                            std::size_t limit) {
  UNDERSTUDY_TRY(
      io::Statement select,
      db_.prepare(std::string(kSelectCommands) + "WHERE device_id = ?1 ORDER BY id DESC LIMIT ?2"));
  select.bind(1, device_id).bind(2, static_cast<std::int64_t>(limit));
  return all_rows(select, read_command);
}

Result<std::optional<CommandRecord>> SqliteStore::next_command(const std::string& device_id) {
  // "status < 3" is spelled out so that SQLite uses the partial index; 2 is not_now.
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelectCommands) +
                             "WHERE device_id = ?1 AND status < 3 AND status <> 2 "
                             "ORDER BY id LIMIT 1"));
  select.bind(1, device_id);
  return first_row(select, read_command);
}

Result<std::int64_t> SqliteStore::waiting_commands(const std::string& device_id) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT COUNT(*) FROM commands WHERE device_id = ?1 AND status < 3"));
  UNDERSTUDY_TRY(const bool found, select.bind(1, device_id).step());
  return found ? select.integer(0) : 0;
}

Result<void> SqliteStore::requeue_not_now(const std::string& device_id, TimePoint at) {
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE commands SET status = 0, changed_at = ?2 "
                             "WHERE device_id = ?1 AND status < 3 AND status = 2"));
  return update.bind(1, device_id).bind(2, to_unix_us(at)).run();
}

Result<void> SqliteStore::set_command_status(const std::string& uuid, const std::string& device_id,
                                             CommandRecord::Status status,
                                             const std::string& result, TimePoint at) {
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE commands SET status = ?3, result = ?4, changed_at = ?5 "
                             "WHERE uuid = ?1 AND device_id = ?2"));
  update.bind(1, uuid).bind(2, device_id).bind(3, static_cast<std::int64_t>(status));
  UNDERSTUDY_CHECK(update.bind(4, result).bind(5, to_unix_us(at)).run());
  if (db_.changes() > 0) return {};
  return fail(errc::not_found, "command " + uuid + " for device " + device_id + " is not known");
}

Result<std::vector<std::string>> SqliteStore::cancel_commands(const std::string& device_id,
                                                              TimePoint at) {
  std::vector<std::string> uuids;
  {
    UNDERSTUDY_TRY(io::Statement select,
                   db_.prepare("SELECT uuid FROM commands WHERE device_id = ?1 AND status < 3 "
                               "ORDER BY id"));
    select.bind(1, device_id);
    UNDERSTUDY_TRY(uuids, all_rows(select, first_text));
  }
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE commands SET status = ?3, changed_at = ?2 "
                             "WHERE device_id = ?1 AND status < 3"));
  update.bind(1, device_id).bind(2, to_unix_us(at));
  UNDERSTUDY_CHECK(
      update.bind(3, static_cast<std::int64_t>(CommandRecord::Status::cancelled)).run());
  return uuids;
}

Result<void> SqliteStore::add_timeline(const std::string& command_uuid,
                                       const std::string& device_id, const TimelineEntry& entry) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO timeline(command_uuid, device_id, hop, at, detail) "
                             "VALUES(?1, ?2, ?3, ?4, ?5)"));
  insert.bind(1, command_uuid).bind(2, device_id).bind(3, entry.hop);
  return insert.bind(4, to_unix_us(entry.at)).bind(5, entry.detail).run();
}

Result<void> SqliteStore::add_timeline_waiting(const std::string& device_id,
                                               const TimelineEntry& entry) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO timeline(command_uuid, device_id, hop, at, detail) "
                             "SELECT uuid, device_id, ?2, ?3, ?4 FROM commands "
                             "WHERE device_id = ?1 AND status < 3 AND ?2 IS NOT ("
                             "SELECT hop FROM timeline t WHERE t.command_uuid = commands.uuid "
                             "AND t.device_id = commands.device_id ORDER BY t.id DESC LIMIT 1) "
                             "ORDER BY id"));
  insert.bind(1, device_id).bind(2, entry.hop).bind(3, to_unix_us(entry.at));
  return insert.bind(4, entry.detail).run();
}

Result<std::vector<TimelineEntry>> SqliteStore::timeline(const std::string& command_uuid,
                                                         const std::string& device_id) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT hop, at, detail FROM timeline "
                             "WHERE command_uuid = ?1 AND device_id = ?2 ORDER BY at, id"));
  select.bind(1, command_uuid).bind(2, device_id);
  return all_rows(select, [](const io::Statement& row) {
    return TimelineEntry{row.text(0), time_at(row, 1), row.text(2)};
  });
}

}  // namespace understudy::server
