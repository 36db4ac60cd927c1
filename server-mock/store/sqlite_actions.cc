#include "server-mock/store/sqlite_rows.h"
#include "server-mock/store/sqlite_store.h"

namespace understudy::server {

Result<bool> SqliteStore::put_action(const ActionEntry& entry) {
  UNDERSTUDY_TRY(
      io::Statement insert,
      db_.prepare("INSERT OR IGNORE INTO actions(command_uuid, device_id, request_type, body, "
                  "push, apns_id, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 "
                  "WHERE NOT EXISTS(SELECT 1 FROM commands WHERE uuid = ?1 AND device_id = ?2) "
                  "AND NOT EXISTS(SELECT 1 FROM events "
                  "WHERE command_uuid = ?1 AND device_id = ?2)"));
  insert.bind(1, entry.command_uuid).bind(2, entry.device_id).bind(3, entry.request_type);
  insert.bind(4, entry.body).bind(5, std::int64_t{entry.push}).bind(6, entry.apns_id);
  UNDERSTUDY_CHECK(insert.bind(7, to_unix_us(entry.at)).run());
  return db_.changes() > 0;
}

Result<std::vector<ActionEntry>> SqliteStore::actions() {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT command_uuid, device_id, request_type, body, push, apns_id, "
                             "at FROM actions ORDER BY id"));
  return all_rows(select, [](const io::Statement& row) {
    return ActionEntry{row.text(0),         row.text(1), row.text(2),    row.text(3),
                       row.integer(4) != 0, row.text(5), time_at(row, 6)};
  });
}

Result<void> SqliteStore::action_push_queued(const std::string& uuid, const std::string& device_id,
                                             const std::string& apns_id) {
  UNDERSTUDY_TRY(io::Statement update, db_.prepare("UPDATE actions SET apns_id = ?3 "
                                                   "WHERE command_uuid = ?1 AND device_id = ?2"));
  return update.bind(1, uuid).bind(2, device_id).bind(3, apns_id).run();
}

Result<void> SqliteStore::forget_action(const std::string& uuid, const std::string& device_id) {
  UNDERSTUDY_TRY(io::Statement remove,
                 db_.prepare("DELETE FROM actions WHERE command_uuid = ?1 AND device_id = ?2"));
  return remove.bind(1, uuid).bind(2, device_id).run();
}

Result<std::vector<EventEntry>> SqliteStore::not_stored_yet(const std::string& uuid) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT device_id, request_type, body, at FROM actions "
                             "WHERE command_uuid = ?1 UNION ALL "
                             "SELECT device_id, request_type, body, at FROM events e "
                             "WHERE command_uuid = ?1 AND NOT EXISTS(SELECT 1 FROM commands c "
                             "WHERE c.uuid = e.command_uuid AND c.device_id = e.device_id)"));
  select.bind(1, uuid);
  return all_rows(select, [&uuid](const io::Statement& row) {
    return EventEntry{0, uuid, row.text(0), row.text(1), row.text(2), time_at(row, 3)};
  });
}

}  // namespace understudy::server
