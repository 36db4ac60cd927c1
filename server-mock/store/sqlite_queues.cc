#include "server-mock/store/sqlite_rows.h"
#include "server-mock/store/sqlite_store.h"

namespace understudy::server {
namespace {

constexpr std::string_view kSelectPushes =
    "SELECT id, apns_id, device_id, command_uuid, attempts, repeat, due FROM pushes ";
/// ?3 = 0 asks for all; otherwise only entries whose command is visible.
constexpr std::string_view kStoredOnly =
    "AND (?3 = 0 OR command_uuid = '' OR EXISTS(SELECT 1 FROM commands c "
    "WHERE c.uuid = pushes.command_uuid AND c.device_id = pushes.device_id)) ";

PushEntry read_push(const io::Statement& row) {
  PushEntry entry;
  entry.id = row.integer(0);
  entry.apns_id = row.text(1);
  entry.device_id = row.text(2);
  entry.command_uuid = row.text(3);
  entry.attempts = static_cast<int>(row.integer(4));
  entry.repeat = static_cast<int>(row.integer(5));
  entry.due = time_at(row, 6);
  return entry;
}

EventEntry read_event(const io::Statement& row) {
  return EventEntry{row.integer(0), row.text(1), row.text(2),
                    row.text(3),    row.text(4), time_at(row, 5)};
}

/// One column that is NULL when there is no row.
Result<std::optional<TimePoint>> read_minimum(io::Statement& select) {
  UNDERSTUDY_TRY(const bool found, select.step());
  if (!found || select.is_null(0)) return std::optional<TimePoint>();
  return std::optional<TimePoint>(time_at(select, 0));
}

}  // namespace

Result<std::int64_t> SqliteStore::push_enqueue(const PushEntry& entry) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO pushes(apns_id, device_id, command_uuid, attempts, "
                             "repeat, due) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  insert.bind(1, entry.apns_id).bind(2, entry.device_id).bind(3, entry.command_uuid);
  insert.bind(4, std::int64_t{entry.attempts}).bind(5, std::int64_t{entry.repeat});
  UNDERSTUDY_CHECK(insert.bind(6, to_unix_us(entry.due)).run());
  return db_.last_insert_id();
}

Result<std::vector<PushEntry>> SqliteStore::push_due(TimePoint now, std::size_t limit,
                                                     bool only_stored) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelectPushes) + "WHERE outcome IS NULL AND due <= ?1 " +
                             std::string(kStoredOnly) + "ORDER BY due, id LIMIT ?2"));
  select.bind(1, to_unix_us(now)).bind(2, static_cast<std::int64_t>(limit));
  select.bind(3, std::int64_t{only_stored});
  return all_rows(select, read_push);
}

Result<std::optional<TimePoint>> SqliteStore::push_next_due(TimePoint after, bool only_stored) {
  UNDERSTUDY_TRY(
      io::Statement select,
      db_.prepare("SELECT MIN(due) FROM pushes WHERE outcome IS NULL AND due > ?1 AND ?2 = 0 " +
                  std::string(kStoredOnly)));
  select.bind(1, to_unix_us(after)).bind(2, std::int64_t{0}).bind(3, std::int64_t{only_stored});
  return read_minimum(select);
}

Result<void> SqliteStore::push_retry(std::int64_t id, TimePoint due) {
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE pushes SET attempts = attempts + 1, due = ?2 WHERE id = ?1"));
  return update.bind(1, id).bind(2, to_unix_us(due)).run();
}

Result<void> SqliteStore::push_retry_all(TimePoint due) {
  UNDERSTUDY_TRY(io::Statement update, db_.prepare("UPDATE pushes SET attempts = 0, due = ?1 "
                                                   "WHERE outcome IS NULL AND attempts > 0"));
  return update.bind(1, to_unix_us(due)).run();
}

Result<void> SqliteStore::push_acknowledge(std::int64_t id, PushOutcome outcome, TimePoint at,
                                           std::optional<TimePoint> repeat_at) {
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE pushes SET outcome = ?2, done_at = ?3, repeat_at = ?4 "
                             "WHERE id = ?1"));
  update.bind(1, id).bind(2, static_cast<std::int64_t>(outcome)).bind(3, to_unix_us(at));
  if (repeat_at) {
    update.bind(4, to_unix_us(*repeat_at));
  } else {
    update.bind_null(4);
  }
  return update.run();
}

Result<std::optional<PushEntry>> SqliteStore::push_by_apns_id(const std::string& apns_id) {
  UNDERSTUDY_TRY(io::Statement select, db_.prepare(std::string(kSelectPushes) +
                                                   "WHERE apns_id = ?1 ORDER BY id DESC LIMIT 1"));
  select.bind(1, apns_id);
  return first_row(select, read_push);
}

Result<std::vector<PushEntry>> SqliteStore::push_repeat_due(TimePoint now, std::size_t limit) {
  UNDERSTUDY_TRY(
      io::Statement select,
      db_.prepare(std::string(kSelectPushes) + "WHERE repeat_at IS NOT NULL AND repeat_at <= ?1 "
                                               "ORDER BY repeat_at, id LIMIT ?2"));
  select.bind(1, to_unix_us(now)).bind(2, static_cast<std::int64_t>(limit));
  return all_rows(select, read_push);
}

Result<std::optional<TimePoint>> SqliteStore::push_next_repeat() {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT MIN(repeat_at) FROM pushes WHERE repeat_at IS NOT NULL"));
  return read_minimum(select);
}

Result<void> SqliteStore::push_set_repeat(std::int64_t id, std::optional<TimePoint> repeat_at) {
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE pushes SET repeat_at = ?2 WHERE id = ?1"));
  update.bind(1, id);
  if (repeat_at) {
    update.bind(2, to_unix_us(*repeat_at));
  } else {
    update.bind_null(2);
  }
  return update.run();
}

Result<void> SqliteStore::push_purge(TimePoint before) {
  UNDERSTUDY_TRY(io::Statement remove,
                 db_.prepare("DELETE FROM pushes WHERE outcome IS NOT NULL AND done_at < ?1 "
                             "AND repeat_at IS NULL"));
  return remove.bind(1, to_unix_us(before)).run();
}

Result<std::vector<std::string>> SqliteStore::pushed_but_not_stored(const std::string& device_id) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT e.command_uuid FROM events e WHERE e.device_id = ?1 "
                             "AND NOT EXISTS(SELECT 1 FROM commands c "
                             "WHERE c.uuid = e.command_uuid AND c.device_id = e.device_id) "
                             "AND EXISTS(SELECT 1 FROM pushes p WHERE p.device_id = e.device_id "
                             "AND p.command_uuid = e.command_uuid AND p.outcome = 0) "
                             "ORDER BY e.id"));
  select.bind(1, device_id);
  return all_rows(select, first_text);
}

Result<std::int64_t> SqliteStore::event_append(const EventEntry& entry) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO events(command_uuid, device_id, request_type, body, at) "
                             "VALUES(?1, ?2, ?3, ?4, ?5)"));
  insert.bind(1, entry.command_uuid).bind(2, entry.device_id).bind(3, entry.request_type);
  UNDERSTUDY_CHECK(insert.bind(4, entry.body).bind(5, to_unix_us(entry.at)).run());
  return db_.last_insert_id();
}

Result<std::vector<EventEntry>> SqliteStore::event_read(std::size_t limit) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT id, command_uuid, device_id, request_type, body, at "
                             "FROM events ORDER BY id LIMIT ?1"));
  select.bind(1, static_cast<std::int64_t>(limit));
  return all_rows(select, read_event);
}

Result<void> SqliteStore::event_acknowledge(std::int64_t id) {
  UNDERSTUDY_TRY(io::Statement remove, db_.prepare("DELETE FROM events WHERE id = ?1"));
  return remove.bind(1, id).run();
}

}  // namespace understudy::server
