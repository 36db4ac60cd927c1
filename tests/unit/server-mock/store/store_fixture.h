#pragma once

/// A store on a file of its own that can be closed and opened again, as a killed process would.

#include <gtest/gtest.h>

#include <stdexcept>

#include "server-mock/store/sqlite_store.h"
#include "tests/support/temp_dir.h"

namespace understudy::server {

/// The value, or an exception (which fails the test) with the error's words.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}
inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message());
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() { reopen(); }
  void reopen() {
    store_.reset();
    store_ = must(SqliteStore::open(dir_ / "server.db"));
  }
  static TimePoint at(std::int64_t seconds) {
    return TimePoint(std::chrono::seconds(1'700'000'000 + seconds));
  }
  static CommandRecord command(const std::string& uuid, const std::string& device = "D1") {
    CommandRecord record;
    record.uuid = uuid;
    record.device_id = device;
    record.request_type = "DeviceLock";
    record.body = "<plist/>";
    record.created_at = at(0);
    record.changed_at = at(0);
    return record;
  }
  static PushEntry push(const std::string& apns_id, TimePoint due,
                        const std::string& command_uuid = "") {
    PushEntry entry;
    entry.apns_id = apns_id;
    entry.device_id = "D1";
    entry.command_uuid = command_uuid;
    entry.due = due;
    return entry;
  }

  support::TempDir dir_;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace understudy::server
