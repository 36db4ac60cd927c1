#include "agent/fleet/device_store.h"

#include "agent/fleet/profile_bodies.h"
#include "shared/io/directory_lock.h"
#include "shared/io/file.h"

namespace understudy::agent {
namespace {

/// Answers a device remembers after the server took them: enough for a server that hands a command
/// out twice, little enough for ten thousand devices.
constexpr std::int64_t kRemembered = 100;
/// Octets of their bodies, with those of the outbox: a list of apps may have megabytes.
constexpr std::int64_t kRememberedOctets = std::int64_t{256} * 1024;
/// A device is a row of about 10 KB.
constexpr int kPageSize = 1024;

constexpr std::string_view kFirstSchema = R"sql(
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE devices (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    data BLOB NOT NULL);
  -- The outbox (pending = 1), and what was taken by a server.
  CREATE TABLE results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    command_uuid TEXT NOT NULL,
    request_type TEXT NOT NULL,
    body TEXT NOT NULL,
    send_once INTEGER NOT NULL,
    pending INTEGER NOT NULL DEFAULT 1);
  CREATE INDEX results_of_device ON results (device_id, id);
  CREATE INDEX results_to_command ON results (device_id, command_uuid);
)sql";
constexpr std::string_view kFindingsSchema = R"sql(
  CREATE TABLE findings (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL,  -- of no table: the evidence outlives the device
    id TEXT NOT NULL,
    command_uuid TEXT NOT NULL,
    what TEXT NOT NULL,
    level TEXT NOT NULL,
    source TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 1,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    UNIQUE (device_id, id, command_uuid, what));
)sql";
/// 0 the device channel, 1 the user channel: servers may give both the same CommandUUID.
constexpr std::string_view kChannelsSchema = R"sql(
  ALTER TABLE results ADD COLUMN channel INTEGER NOT NULL DEFAULT 0;
)sql";
/// What changed since the device was saved: where there is a row, it is newer than `data`.
constexpr std::string_view kOwedSchema = R"sql(
  CREATE TABLE owed (
    device_id TEXT PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    wake_pending INTEGER NOT NULL,
    comes_back INTEGER NOT NULL) WITHOUT ROWID;
)sql";
/// A Shared iPad has many people. What older programs stored on user channels names none of them,
/// and might go to the next one. The sizes are in the index: they are added up at each result.
constexpr std::string_view kUsersSchema = R"sql(
  DELETE FROM results WHERE channel <> 0;
  ALTER TABLE results DROP COLUMN channel;
  ALTER TABLE results ADD COLUMN user TEXT NOT NULL DEFAULT '';  -- empty: the device channel
  ALTER TABLE results ADD COLUMN size INTEGER NOT NULL DEFAULT 0;  -- of body, in octets
  UPDATE results SET size = length(CAST(body AS BLOB));
  DROP INDEX IF EXISTS results_of_device;
  CREATE INDEX results_of_device ON results (device_id, id, size);
)sql";
constexpr std::int64_t kSchemaVersion = 6;

}  // namespace

struct DeviceStore::Impl {
  std::filesystem::path directory;
  std::optional<io::DirectoryLock> lock;  ///< none: only to read
  io::Database database;
  std::uint64_t seed = 0;
  /// What earlier processes left is not known: the first one is the occasion to look.
  std::int64_t new_findings = FindingStore::kSpare;
  PackedBodies last_packed{};

  std::string file() const { return (directory / "agent.db").string(); }

  Result<void> read_seed() {
    UNDERSTUDY_TRY(auto query, database.prepare("SELECT value FROM meta WHERE key = 'seed'"));
    UNDERSTUDY_TRY(const bool row, query.step());
    if (row) seed = static_cast<std::uint64_t>(query.integer(0));
    return {};
  }

  /// In a transaction.
  Result<void> put(const Device& device) {
    // An update in place: a replaced row would take the device's results along.
    UNDERSTUDY_TRY(auto insert,
                   database.prepare("INSERT INTO devices (id, data) VALUES (?, ?) "
                                    "ON CONFLICT (id) DO UPDATE SET data = excluded.data"));
    Device without_bodies = device;
    for (InstalledProfile& profile : without_bodies.profiles) profile.raw.clear();
    UNDERSTUDY_CHECK(insert.bind(1, device.id).bind(2, serialize(without_bodies)).run());
    UNDERSTUDY_CHECK(ProfileBodies(database, last_packed).save(device));
    UNDERSTUDY_TRY(auto remove, database.prepare("DELETE FROM owed WHERE device_id = ?"));
    return remove.bind(1, device.id).run();
  }

  Result<void> add(const std::string& device_id, const PendingResult& result) {
    UNDERSTUDY_TRY(auto insert,
                   database.prepare("INSERT INTO results (device_id, command_uuid, request_type, "
                                    "body, send_once, user, size) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    insert.bind(1, device_id).bind(2, result.command_uuid).bind(3, result.request_type);
    insert.bind(4, result.body).bind(5, std::int64_t{result.send_once ? 1 : 0});
    insert.bind(6, result.user).bind(7, static_cast<std::int64_t>(result.body.size()));
    return insert.run();
  }

  Result<void> forget(const std::string& device_id, Forget what) {
    if (what == Forget::nothing) return {};
    std::string sql = "DELETE FROM results WHERE device_id = ?";
    if (what == Forget::unsent_of_users) sql += " AND pending = 1 AND user <> ''";
    UNDERSTUDY_TRY(auto remove, database.prepare(sql));
    return remove.bind(1, device_id).run();
  }

  Result<void> forget_oldest(const std::string& device_id) {
    UNDERSTUDY_TRY(auto remove,
                   database.prepare("DELETE FROM results WHERE device_id = ?1 AND pending = 0 "
                                    "AND id <= (SELECT id FROM results WHERE device_id = ?1 "
                                    "ORDER BY id DESC LIMIT 1 OFFSET ?2)"));
    UNDERSTUDY_CHECK(remove.bind(1, device_id).bind(2, kRemembered).run());
    UNDERSTUDY_TRY(auto empty,
                   database.prepare("UPDATE results SET body = '', size = 0 WHERE pending = 0 AND "
                                    "id IN (SELECT id FROM (SELECT id, size, SUM(size) OVER "
                                    "(ORDER BY id DESC) AS octets FROM results WHERE "
                                    "device_id = ?1) WHERE size > 0 AND octets > ?2)"));
    return empty.bind(1, device_id).bind(2, kRememberedOctets).run();
  }
};

DeviceStore::DeviceStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DeviceStore::DeviceStore(DeviceStore&&) noexcept = default;
DeviceStore& DeviceStore::operator=(DeviceStore&&) noexcept = default;
DeviceStore::~DeviceStore() = default;

Result<DeviceStore> DeviceStore::open(const std::filesystem::path& directory) {
  UNDERSTUDY_CHECK(io::make_directory(directory, true));
  UNDERSTUDY_TRY(auto lock, io::DirectoryLock::take(
                                directory, "state directory",
                                "stop that agent first, or use another --state directory"));
  const std::filesystem::path file = directory / "agent.db";
  auto database = io::Database::open(file, false, kPageSize);
  if (!database) return fail_in("agent state", std::move(database).error());
  auto impl = std::make_unique<Impl>(Impl{directory, std::move(lock), std::move(*database)});
  if (auto ready = impl->database.migrate({kFirstSchema, kFindingsSchema, kChannelsSchema,
                                           kOwedSchema, ProfileBodies::kSchema, kUsersSchema});
      !ready) {
    return fail_in("agent state " + file.string(), std::move(ready).error());
  }
  UNDERSTUDY_CHECK(impl->read_seed());
  return DeviceStore(std::move(impl));
}

Result<DeviceStore> DeviceStore::open_to_read(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "agent.db";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return fail(errc::not_found, "no devices in " + directory.string(),
                "name the directory that `enroll --state` made");
  }
  auto database = io::Database::open_to_read(file, kSchemaVersion);
  if (!database) return fail_in("agent state", std::move(database).error());
  auto impl = std::make_unique<Impl>(Impl{directory, std::nullopt, std::move(*database)});
  UNDERSTUDY_CHECK(impl->read_seed());
  return DeviceStore(std::move(impl));
}

std::uint64_t DeviceStore::seed() const {
  return impl_->seed;
}

Result<void> DeviceStore::set_seed(std::uint64_t seed) {
  UNDERSTUDY_TRY(auto insert,
                 impl_->database.prepare("INSERT INTO meta (key, value) VALUES ('seed', ?) "
                                         "ON CONFLICT (key) DO UPDATE SET value = excluded.value"));
  // SQLite's integers are signed; the bits are what matters.
  UNDERSTUDY_CHECK(insert.bind(1, static_cast<std::int64_t>(seed)).run());
  impl_->seed = seed;
  return {};
}

FindingStore DeviceStore::findings() {
  return FindingStore(impl_->database, impl_->new_findings);
}

Result<std::vector<std::string>> DeviceStore::ids() {
  UNDERSTUDY_TRY(auto query, impl_->database.prepare("SELECT id FROM devices ORDER BY place"));
  std::vector<std::string> ids;
  for (;;) {
    UNDERSTUDY_TRY(const bool row, query.step());
    if (!row) return ids;
    ids.push_back(query.text(0));
  }
}

Result<Device> DeviceStore::load(const std::string& id) {
  UNDERSTUDY_TRY(auto query,
                 impl_->database.prepare("SELECT data, wake_pending, comes_back FROM devices "
                                         "LEFT JOIN owed ON device_id = id WHERE id = ?"));
  UNDERSTUDY_TRY(const bool row, query.bind(1, id).step());
  if (!row) {
    return fail(errc::not_found, "there is no device " + id + " in " + impl_->file(),
                "`understudy-agent list` shows the devices that exist");
  }
  auto device = deserialize(query.blob(0));
  if (!device) return fail_in(impl_->file() + ", device " + id, std::move(device).error());
  if (auto read = ProfileBodies(impl_->database, impl_->last_packed).load_into(*device); !read) {
    return fail_in(impl_->file() + ", device " + id, std::move(read).error());
  }
  if (!query.is_null(1)) {
    device->wake_pending = query.integer(1) != 0;
    device->comes_back = query.integer(2) != 0;
  }
  return device;
}

Result<void> DeviceStore::save(const Device& device, Forget forget) {
  UNDERSTUDY_TRY(auto transaction, io::Transaction::begin(impl_->database));
  UNDERSTUDY_CHECK(impl_->put(device));
  UNDERSTUDY_CHECK(impl_->forget(device.id, forget));
  return transaction.commit();
}

Result<void> DeviceStore::save_owed(const std::string& id, bool wake_pending, bool comes_back) {
  UNDERSTUDY_TRY(auto insert,
                 impl_->database.prepare(
                     "INSERT INTO owed (device_id, wake_pending, comes_back) VALUES (?, ?, ?) ON "
                     "CONFLICT (device_id) DO UPDATE SET wake_pending = excluded.wake_pending, "
                     "comes_back = excluded.comes_back"));
  return insert.bind(1, id)
      .bind(2, std::int64_t{wake_pending ? 1 : 0})
      .bind(3, std::int64_t{comes_back ? 1 : 0})
      .run();
}

Result<void> DeviceStore::remove(const std::string& id) {
  UNDERSTUDY_TRY(auto remove, impl_->database.prepare("DELETE FROM devices WHERE id = ?"));
  UNDERSTUDY_CHECK(remove.bind(1, id).run());
  if (impl_->database.changes() == 0) {
    return fail(errc::not_found, "there is no device " + id + " in " + impl_->file());
  }
  return {};
}

Result<std::uint64_t> DeviceStore::next_number() {
  UNDERSTUDY_TRY(auto count,
                 impl_->database.prepare("INSERT INTO meta (key, value) VALUES ('number', 1) ON "
                                         "CONFLICT (key) DO UPDATE SET value = value + 1 "
                                         "RETURNING value"));
  UNDERSTUDY_TRY(const bool row, count.step());
  if (!row) return fail(errc::io, "count devices in " + impl_->file() + ": no row");
  const auto number = static_cast<std::uint64_t>(count.integer(0));
  UNDERSTUDY_TRY(const bool more, count.step());  // to its end: only then it is stored
  (void)more;
  return number;
}

Result<void> DeviceStore::save_with_result(const Device& device, const PendingResult& result,
                                           Forget forget) {
  UNDERSTUDY_TRY(auto transaction, io::Transaction::begin(impl_->database));
  UNDERSTUDY_CHECK(impl_->put(device));
  UNDERSTUDY_CHECK(impl_->add(device.id, result));
  UNDERSTUDY_CHECK(impl_->forget(device.id, forget));
  UNDERSTUDY_CHECK(impl_->forget_oldest(device.id));
  return transaction.commit();
}

Result<std::vector<PendingResult>> DeviceStore::pending_results(const std::string& device_id) {
  UNDERSTUDY_TRY(
      auto query,
      impl_->database.prepare("SELECT id, command_uuid, request_type, body, send_once, user FROM "
                              "results WHERE device_id = ? AND pending = 1 ORDER BY id"));
  query.bind(1, device_id);
  std::vector<PendingResult> results;
  for (;;) {
    UNDERSTUDY_TRY(const bool row, query.step());
    if (!row) return results;
    PendingResult& result = results.emplace_back();
    result.id = query.integer(0);
    result.command_uuid = query.text(1);
    result.request_type = query.text(2);
    result.body = query.text(3);
    result.send_once = query.integer(4) != 0;
    result.user = query.text(5);
  }
}

Result<void> DeviceStore::forget_result(std::int64_t id) {
  UNDERSTUDY_TRY(auto update,
                 impl_->database.prepare("UPDATE results SET pending = 0 WHERE id = ?"));
  return update.bind(1, id).run();
}

Result<std::optional<PendingResult>> DeviceStore::answer_to(const std::string& device_id,
                                                            const std::string& command_uuid,
                                                            const std::string& user) {
  UNDERSTUDY_TRY(auto query, impl_->database.prepare(
                                 "SELECT id, request_type, body, send_once FROM results WHERE "
                                 "device_id = ? AND command_uuid = ? AND user = ? ORDER BY id DESC "
                                 "LIMIT 1"));
  UNDERSTUDY_TRY(const bool row,
                 query.bind(1, device_id).bind(2, command_uuid).bind(3, user).step());
  if (!row) return std::optional<PendingResult>();
  return std::optional<PendingResult>(PendingResult{query.integer(0), command_uuid, query.text(1),
                                                    query.text(2), query.integer(3) != 0, user});
}

}  // namespace understudy::agent
