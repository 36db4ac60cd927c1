#include "server-mock/store/sqlite_rows.h"
#include "server-mock/store/sqlite_store.h"

namespace understudy::server {
namespace {

constexpr std::string_view kSelectDevices =
    "SELECT id, state, topic, push_magic, push_token, unlock_token, bootstrap_token, certificate, "
    "serial_number, model, product_name, device_name, os_version, build_version, enrolled_at, "
    "last_seen_at, bootstrap_token_at, user_short_name, user_long_name, awaiting_configuration, "
    "not_on_console, model_name, imei, meid FROM devices ";

DeviceRecord read_device(const io::Statement& row) {
  DeviceRecord device;
  device.id = row.text(0);
  device.state = static_cast<DeviceRecord::State>(row.integer(1));
  device.topic = row.text(2);
  device.push_magic = row.text(3);
  device.push_token = row.blob(4);
  device.unlock_token = row.blob(5);
  device.bootstrap_token = row.blob(6);
  device.certificate = row.text(7);
  device.serial_number = row.text(8);
  device.model = row.text(9);
  device.product_name = row.text(10);
  device.device_name = row.text(11);
  device.os_version = row.text(12);
  device.build_version = row.text(13);
  device.enrolled_at = time_at(row, 14);
  device.last_seen_at = time_at(row, 15);
  device.bootstrap_token_at = time_at(row, 16);
  device.user_short_name = row.text(17);
  device.user_long_name = row.text(18);
  device.awaiting_configuration = row.integer(19) != 0;
  device.not_on_console = row.integer(20) != 0;
  device.model_name = row.text(21);
  device.imei = row.text(22);
  device.meid = row.text(23);
  return device;
}

}  // namespace

Result<std::optional<DeviceRecord>> SqliteStore::device(const std::string& id) {
  UNDERSTUDY_TRY(io::Statement select, db_.prepare(std::string(kSelectDevices) + "WHERE id = ?1"));
  select.bind(1, id);
  return first_row(select, read_device);
}

Result<std::vector<DeviceRecord>> SqliteStore::devices() {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelectDevices) + "ORDER BY enrolled_at, id"));
  return all_rows(select, read_device);
}

Result<std::vector<DeviceRecord>> SqliteStore::device_and_users(const std::string& id) {
  // ';' is what comes after ':', so the range holds everything that begins with "ID:".
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare(std::string(kSelectDevices) +
                             "WHERE id = ?1 OR (id > ?1 || ':' AND id < ?1 || ';') ORDER BY id"));
  select.bind(1, id);
  return all_rows(select, read_device);
}

Result<void> SqliteStore::put_device(const DeviceRecord& record) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT OR REPLACE INTO devices VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                             "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
                             "?21, ?22, ?23, ?24)"));
  insert.bind(1, record.id).bind(2, static_cast<std::int64_t>(record.state));
  insert.bind(3, record.topic).bind(4, record.push_magic).bind(5, record.push_token);
  insert.bind(6, record.unlock_token).bind(7, record.bootstrap_token).bind(8, record.certificate);
  insert.bind(9, record.serial_number).bind(10, record.model).bind(11, record.product_name);
  insert.bind(12, record.device_name).bind(13, record.os_version).bind(14, record.build_version);
  insert.bind(15, to_unix_us(record.enrolled_at)).bind(16, to_unix_us(record.last_seen_at));
  insert.bind(17, to_unix_us(record.bootstrap_token_at)).bind(18, record.user_short_name);
  insert.bind(19, record.user_long_name);
  insert.bind(20, std::int64_t{record.awaiting_configuration ? 1 : 0});
  insert.bind(21, std::int64_t{record.not_on_console ? 1 : 0});
  insert.bind(22, record.model_name).bind(23, record.imei).bind(24, record.meid);
  return insert.run();
}

Result<void> SqliteStore::put_certificate(const std::string& fingerprint,
                                          const std::string& device_id, TimePoint not_after) {
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT OR REPLACE INTO certificates VALUES(?1, ?2, ?3)"));
  return insert.bind(1, fingerprint).bind(2, device_id).bind(3, to_unix_us(not_after)).run();
}

Result<std::optional<std::string>> SqliteStore::certificate_owner(const std::string& fingerprint) {
  UNDERSTUDY_TRY(io::Statement select,
                 db_.prepare("SELECT device_id FROM certificates WHERE fingerprint = ?1"));
  select.bind(1, fingerprint);
  return first_row(select, first_text);
}

Result<void> SqliteStore::put_challenge(const std::string& digest, TimePoint not_after,
                                        TimePoint now) {
  UNDERSTUDY_TRY(io::Statement remove, db_.prepare("DELETE FROM challenges WHERE not_after <= ?1"));
  UNDERSTUDY_CHECK(remove.bind(1, to_unix_us(now)).run());
  UNDERSTUDY_TRY(io::Statement insert,
                 db_.prepare("INSERT INTO challenges(digest, not_after) VALUES(?1, ?2)"));
  return insert.bind(1, digest).bind(2, to_unix_us(not_after)).run();
}

Result<ChallengeUse> SqliteStore::use_challenge(const std::string& digest,
                                                const std::string& requester, TimePoint now) {
  {
    UNDERSTUDY_TRY(io::Statement select,
                   db_.prepare("SELECT not_after, used_by FROM challenges WHERE digest = ?1"));
    select.bind(1, digest);
    UNDERSTUDY_TRY(const bool found, select.step());
    if (!found) return ChallengeUse::unknown;
    const std::string used_by = select.text(1);
    if (!used_by.empty() && used_by != requester) return ChallengeUse::used;
    if (time_at(select, 0) <= now) return ChallengeUse::expired;
    if (!used_by.empty()) return ChallengeUse::accepted;
  }
  UNDERSTUDY_TRY(io::Statement update,
                 db_.prepare("UPDATE challenges SET used_by = ?2 WHERE digest = ?1"));
  UNDERSTUDY_CHECK(update.bind(1, digest).bind(2, requester).run());
  return ChallengeUse::accepted;
}

}  // namespace understudy::server
