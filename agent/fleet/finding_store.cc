#include "agent/fleet/finding_store.h"

namespace understudy::agent {
namespace {

Result<std::int64_t> number(io::Statement& query) {
  UNDERSTUDY_TRY(const bool row, query.step());
  const std::int64_t value = row ? query.integer(0) : 0;
  query.reset();
  return value;
}

}  // namespace

Result<bool> FindingStore::add(const std::string& device, const witness::Finding& finding,
                               TimePoint now) {
  UNDERSTUDY_TRY(auto known, database_->prepare("SELECT EXISTS (SELECT 1 FROM findings WHERE "
                                                "device_id = ? AND id = ?)"));
  UNDERSTUDY_TRY(const auto seen, number(known.bind(1, device).bind(2, finding.id)));
  UNDERSTUDY_TRY(
      auto insert,
      database_->prepare("INSERT INTO findings (device_id, id, command_uuid, what, level, source, "
                         "first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) "
                         "ON CONFLICT (device_id, id, command_uuid, what) "
                         "DO UPDATE SET count = count + 1, last = excluded.last "
                         "RETURNING count"));
  insert.bind(1, device).bind(2, finding.id).bind(3, finding.command_uuid).bind(4, finding.what);
  insert.bind(5, witness::level_name(finding.level)).bind(6, finding.source);
  insert.bind(7, to_unix_us(now));
  UNDERSTUDY_TRY(const bool row, insert.step());
  const bool is_new = row && insert.integer(0) == 1;
  UNDERSTUDY_TRY(const bool more, insert.step());  // to its end: only then it is stored
  (void)more;
  if (is_new && ++*new_rows_ >= kSpare) UNDERSTUDY_CHECK(drop());
  return seen == 0;
}

Result<void> FindingStore::drop() {
  *new_rows_ = 0;
  UNDERSTUDY_TRY(
      auto remove,
      database_->prepare("DELETE FROM findings WHERE place IN (SELECT place FROM findings ORDER BY "
                         "CASE level WHEN 'info' THEN 0 WHEN 'should' THEN 1 ELSE 2 END, place "
                         "LIMIT max(0, (SELECT COUNT(*) FROM findings) - ?))"));
  UNDERSTUDY_CHECK(remove.bind(1, kKept).run());
  const std::int64_t gone = database_->changes();
  if (gone == 0) return {};
  UNDERSTUDY_TRY(auto add,
                 database_->prepare("INSERT INTO meta (key, value) VALUES ('findings_dropped', ?) "
                                    "ON CONFLICT (key) DO UPDATE SET value = value + "
                                    "excluded.value"));
  return add.bind(1, gone).run();
}

Result<std::vector<StoredFinding>> FindingStore::list() {
  UNDERSTUDY_TRY(auto query,
                 database_->prepare("SELECT device_id, id, command_uuid, what, level, source, "
                                    "count, first, last FROM findings ORDER BY place"));
  std::vector<StoredFinding> all;
  for (;;) {
    UNDERSTUDY_TRY(const bool row, query.step());
    if (!row) return all;
    StoredFinding& one = all.emplace_back();
    one.device = query.text(0);
    one.finding.id = query.text(1);
    one.finding.command_uuid = query.text(2);
    one.finding.what = query.text(3);
    one.finding.level = witness::level_from_name(query.text(4)).value_or(witness::Level::must);
    one.finding.source = query.text(5);
    one.count = query.integer(6);
    one.first = from_unix_us(query.integer(7));
    one.last = from_unix_us(query.integer(8));
  }
}

Result<std::int64_t> FindingStore::count() {
  UNDERSTUDY_TRY(auto query, database_->prepare("SELECT COUNT(*) FROM findings"));
  return number(query);
}

Result<std::int64_t> FindingStore::count_of(const std::string& device) {
  UNDERSTUDY_TRY(auto query,
                 database_->prepare("SELECT COUNT(*) FROM findings WHERE device_id = ?"));
  return number(query.bind(1, device));
}

Result<std::int64_t> FindingStore::dropped() {
  UNDERSTUDY_TRY(auto query,
                 database_->prepare("SELECT value FROM meta WHERE key = 'findings_dropped'"));
  return number(query);
}

}  // namespace understudy::agent
