#include "server-mock/store/sqlite_rows.h"
#include "server-mock/store/sqlite_store.h"

namespace understudy::server {
namespace {

NotificationRecord read_notification(const io::Statement& row) {
  NotificationRecord record;
  record.id = row.integer(0);
  record.at = time_at(row, 1);
  record.environment = row.text(2);
  record.topic = row.text(3);
  record.certificate = row.text(4);
  record.not_after = time_at(row, 5);
  record.days = static_cast<int>(row.integer(6));
  record.text = row.text(7);
  return record;
}

}  // namespace

Result<bool> SqliteStore::add_notification(const NotificationRecord& record) {
  UNDERSTUDY_TRY(
      io::Statement insert,
      db_.prepare("INSERT INTO notifications(at, environment, topic, certificate, not_after, days, "
                  "text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"));
  insert.bind(1, to_unix_us(record.at)).bind(2, record.environment).bind(3, record.topic);
  insert.bind(4, record.certificate).bind(5, to_unix_us(record.not_after));
  insert.bind(6, std::int64_t{record.days}).bind(7, record.text);
  UNDERSTUDY_CHECK(insert.run());
  return db_.changes() > 0;
}

Result<std::optional<int>> SqliteStore::notified_days(const std::string& certificate) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT MIN(days) FROM notifications WHERE certificate = ?1"));
  UNDERSTUDY_TRY(const bool found, select.bind(1, certificate).step());
  if (!found || select.is_null(0)) return std::optional<int>();
  return std::optional<int>(static_cast<int>(select.integer(0)));
}

Result<std::vector<NotificationRecord>> SqliteStore::notifications(std::size_t limit) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT id, at, environment, topic, certificate, not_after, days, "
                             "text FROM notifications ORDER BY id DESC LIMIT ?1"));
  select.bind(1, static_cast<std::int64_t>(limit));
  return all_rows(select, read_notification);
}

}  // namespace understudy::server
