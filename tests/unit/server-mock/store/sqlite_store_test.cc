#include "server-mock/store/sqlite_store.h"

#include "shared/core/errc.h"
#include "tests/support/command.h"
#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {
namespace {

using SqliteStoreTest = StoreTest;

TEST_F(SqliteStoreTest, KeepsDevicesAcrossReopen) {
  DeviceRecord device;
  device.id = "D1";
  device.state = DeviceRecord::State::enrolled;
  device.topic = "com.apple.mgmt.x";
  device.push_magic = "magic";
  device.push_token = {0, 1, 255};
  device.unlock_token = {7};
  device.bootstrap_token = {8, 9};
  device.serial_number = "S";
  device.model_name = "iPhone";
  device.imei = "35";
  device.meid = "A0";
  device.enrolled_at = at(5);
  device.last_seen_at = at(6);
  must(store_->put_device(device));
  reopen();
  const auto read = must(store_->device("D1"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, DeviceRecord::State::enrolled);
  EXPECT_EQ(read->push_token, device.push_token);
  EXPECT_EQ(read->unlock_token, device.unlock_token);
  EXPECT_EQ(read->bootstrap_token, device.bootstrap_token);
  EXPECT_EQ(read->model_name, "iPhone");
  EXPECT_EQ(read->imei, "35");
  EXPECT_EQ(read->meid, "A0");
  EXPECT_EQ(read->enrolled_at, at(5));
  EXPECT_EQ(read->last_seen_at, at(6));
  EXPECT_FALSE(must(store_->device("D2")));
  EXPECT_EQ(must(store_->devices()).size(), 1U);
}

TEST_F(SqliteStoreTest, FindsTheUserChannelsOfADevice) {
  for (const char* id : {"D1", "D1:A", "D1:B", "D10", "D10:A", "D2", "D1;A"}) {
    DeviceRecord device;
    device.id = id;
    must(store_->put_device(device));
  }
  std::vector<std::string> found;
  for (const DeviceRecord& channel : must(store_->device_and_users("D1"))) {
    found.push_back(channel.id);
  }
  EXPECT_EQ(found, (std::vector<std::string>{"D1", "D1:A", "D1:B"}));
  EXPECT_EQ(must(store_->device_and_users("D1:B")).size(), 1U);
}

TEST_F(SqliteStoreTest, UndoesEverythingWhenTheWorkFails) {
  const auto failed = store_->atomically([&]() -> Result<void> {
    must(store_->count("x"));
    must(store_->atomically([&]() -> Result<void> { return store_->count("y"); }));
    return fail(errc::io, "on purpose");
  });
  ASSERT_FALSE(failed);
  EXPECT_TRUE(must(store_->counters()).empty());
  must(store_->count("x"));
  must(store_->count("x"));
  EXPECT_EQ(must(store_->counters()).at("x"), 2);
}

TEST_F(SqliteStoreTest, TellsWhoseACertificateIs) {
  EXPECT_FALSE(must(store_->certificate_owner("f")));
  must(store_->put_certificate("f", "", at(1)));
  EXPECT_EQ(must(store_->certificate_owner("f")), "");
  must(store_->put_certificate("f", "D1", at(1)));
  EXPECT_EQ(must(store_->certificate_owner("f")), "D1");
}

TEST_F(SqliteStoreTest, UsesAChallengeUpForOneTransaction) {
  must(store_->put_challenge("c", at(10), at(0)));
  must(store_->put_challenge("old", at(10), at(0)));
  EXPECT_EQ(must(store_->use_challenge("none", "t1", at(1))), ChallengeUse::unknown);
  EXPECT_EQ(must(store_->use_challenge("c", "t1", at(1))), ChallengeUse::accepted);
  EXPECT_EQ(must(store_->use_challenge("c", "t2", at(1))), ChallengeUse::used);
  EXPECT_EQ(must(store_->use_challenge("c", "t1", at(9))), ChallengeUse::accepted) << "a retry";
  EXPECT_EQ(must(store_->use_challenge("c", "t1", at(10))), ChallengeUse::expired) << "too late";
  EXPECT_EQ(must(store_->use_challenge("old", "t3", at(10))), ChallengeUse::expired);
  reopen();
  EXPECT_EQ(must(store_->use_challenge("c", "t2", at(1))), ChallengeUse::used);
}

TEST_F(SqliteStoreTest, ForgetsChallengesThatExpired) {
  must(store_->put_challenge("old", at(10), at(0)));
  must(store_->put_challenge("new", at(20), at(9)));
  EXPECT_EQ(must(store_->use_challenge("old", "t", at(10))), ChallengeUse::expired) << "kept";
  must(store_->put_challenge("newest", at(20), at(10)));
  EXPECT_EQ(must(store_->use_challenge("old", "t", at(10))), ChallengeUse::unknown);
  EXPECT_EQ(must(store_->use_challenge("new", "t", at(10))), ChallengeUse::accepted);
}

TEST_F(SqliteStoreTest, KeepsOnePushCertificateForEachEnvironment) {
  EXPECT_FALSE(must(store_->push_certificate("production")));
  must(store_->put_push_certificate({"production", "PEM", "topic 1", at(1)}));
  must(store_->put_push_certificate({"production", "PEM", "topic 2", at(2)}));
  const auto read = must(store_->push_certificate("production"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->topic, "topic 2");
  EXPECT_EQ(read->not_after, at(2));
}

TEST_F(SqliteStoreTest, RefusesAFileOfANewerVersion) {
  if (!support::have_program("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed";
  store_.reset();
  const auto changed =
      support::run({"sqlite3", (dir_ / "server.db").string(), "PRAGMA user_version = 99"});
  ASSERT_EQ(changed.status, 0) << changed.err;
  const auto opened = SqliteStore::open(dir_ / "server.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::corrupt);
}

TEST_F(SqliteStoreTest, IsReadByAnotherSqlite) {
  if (!support::have_program("sqlite3")) GTEST_SKIP() << "sqlite3 is not installed";
  must(store_->put_command(command("U1")));
  const auto output = support::run({"sqlite3", (dir_ / "server.db").string(),
                                    "SELECT uuid, device_id, status FROM commands; PRAGMA "
                                    "integrity_check; PRAGMA journal_mode"});
  EXPECT_EQ(output.out, "U1|D1|0\nok\nwal\n") << output.err;
}

}  // namespace
}  // namespace understudy::server
