#include "agent/fleet/device_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace understudy::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DeviceStoreTest : public ::testing::Test {
 protected:
  DeviceStore open() {
    auto store = DeviceStore::open(directory_.path());
    EXPECT_TRUE(store) << (store ? "" : store.error().message());
    return std::move(*store);
  }
  static Device device(std::uint64_t number) { return make_device(Rng(1), number, {}).value(); }
  static PendingResult result(const std::string& uuid, const std::string& body = "<plist/>") {
    PendingResult out;
    out.command_uuid = uuid;
    out.request_type = "DeviceLock";
    out.body = body;
    return out;
  }
  static std::vector<std::string> uuids(DeviceStore& store, const std::string& id) {
    std::vector<std::string> out;
    const auto pending = store.pending_results(id).value();
    for (const PendingResult& one : pending) out.push_back(one.command_uuid);
    return out;
  }
  /// What a damaged disk or another program might do.
  void run_sql(const std::string& sql) {
    auto database = io::Database::open(directory_ / "agent.db");
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute(sql));
  }

  support::TempDir directory_;
};

TEST_F(DeviceStoreTest, GivesBackWhatWasSaved) {
  DeviceStore store = open();
  ASSERT_TRUE(store.save(device(1)));
  EXPECT_EQ(serialize(store.load("d1").value()), serialize(device(1)));
}

TEST_F(DeviceStoreTest, KeepsWhatIsOwedBesideTheState) {
  DeviceStore store = open();
  Device asleep = device(1);
  ASSERT_TRUE(store.save(asleep));
  ASSERT_TRUE(store.save_owed("d1", true, false));
  EXPECT_TRUE(store.load("d1").value().wake_pending);
  EXPECT_FALSE(store.load("d1").value().comes_back);
  ASSERT_TRUE(store.save_owed("d1", false, true));
  EXPECT_FALSE(store.load("d1").value().wake_pending);
  EXPECT_TRUE(store.load("d1").value().comes_back);
  ASSERT_TRUE(store.save(asleep));  // newer than both
  EXPECT_FALSE(store.load("d1").value().comes_back);
  EXPECT_FALSE(store.save_owed("d2", true, false)) << "there is no such device";
}

TEST_F(DeviceStoreTest, KeepsTheOctetsOfEachProfile) {
  DeviceStore store = open();
  Device holder = device(1);
  holder.profiles = {{"one", "1", Bytes(3000, 'x'), false}, {"two", "2", Bytes(), true}};
  ASSERT_TRUE(store.save(holder));
  EXPECT_EQ(store.load("d1").value().profiles, holder.profiles);
  holder.profiles.erase(holder.profiles.begin());
  ASSERT_TRUE(store.save(holder));
  EXPECT_EQ(store.load("d1").value().profiles, holder.profiles);
  holder.profiles[0].raw = Bytes(3000, 'y');
  ASSERT_TRUE(store.save(holder));
  EXPECT_EQ(store.load("d1").value().profiles, holder.profiles);
  holder.profiles.clear();
  ASSERT_TRUE(store.save(holder));
  EXPECT_EQ(store.load("d1").value().profiles, holder.profiles);
}

TEST_F(DeviceStoreTest, KeepsTheProfilesOfDevicesApart) {
  DeviceStore store = open();
  const std::vector<std::string> texts = {"same", "same", "other", "same"};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Device holder = device(i + 1);
    InstalledProfile profile;
    profile.raw = to_bytes(texts[i]);
    holder.profiles.push_back(profile);
    ASSERT_TRUE(store.save(holder));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto profiles = store.load("d" + std::to_string(i + 1)).value().profiles;
    ASSERT_EQ(profiles.size(), 1U);
    EXPECT_EQ(to_text(profiles[0].raw), texts[i]) << i;
  }
}

TEST_F(DeviceStoreTest, SaysSoWhenAProfileIsDamaged) {
  DeviceStore store = open();
  Device holder = device(1);
  holder.profiles = {{"one", "1", Bytes(3000, 'x'), false}};
  ASSERT_TRUE(store.save(holder));
  for (const char* damage : {"bodies = x'00'", "bodies_size = 1", "bodies_size = -1"}) {
    run_sql(std::string("UPDATE devices SET ") + damage);
    const auto loaded = store.load("d1");
    ASSERT_FALSE(loaded) << damage;
    EXPECT_EQ(loaded.error().code, errc::corrupt) << damage;
  }
}

TEST_F(DeviceStoreTest, ReadsTheFileOfAnOlderProgram) {
  Device old = device(1);
  old.wake_pending = true;
  old.profiles = {{"one", "1", Bytes(3000, 'x'), false}};
  ASSERT_TRUE(open().save(old));
  run_sql(
      "DROP TABLE owed; PRAGMA user_version = 3; "
      "ALTER TABLE devices DROP COLUMN bodies_digest; "
      "ALTER TABLE devices DROP COLUMN bodies_size; ALTER TABLE devices DROP COLUMN bodies; "
      "DROP INDEX results_of_device; CREATE INDEX results_of_device ON results (device_id, id); "
      "ALTER TABLE results DROP COLUMN user; ALTER TABLE results DROP COLUMN size; "
      "ALTER TABLE results ADD COLUMN channel INTEGER NOT NULL DEFAULT 0; "
      "INSERT INTO results (device_id, command_uuid, request_type, body, send_once, channel) "
      "VALUES ('d1', 'u1', 'DeviceLock', 'first', 0, 0), ('d1', 'u2', 'List', 'whose?', 0, 1); "
      "UPDATE devices SET data = x'" +
      hex_encode(serialize(old)) + "'");
  DeviceStore store = open();
  EXPECT_EQ(serialize(store.load("d1").value()), serialize(old));
  EXPECT_EQ(store.answer_to("d1", "u1").value().value().body, "first");
  EXPECT_THAT(uuids(store, "d1"), ElementsAre("u1")) << "nobody knows whose the other is";
  ASSERT_TRUE(store.save_owed("d1", false, false));
  EXPECT_FALSE(store.load("d1").value().wake_pending);
  ASSERT_TRUE(store.save(old));
  EXPECT_EQ(serialize(store.load("d1").value()), serialize(old));
}

TEST_F(DeviceStoreTest, KeepsDevicesSeedAndCountWhenReopened) {
  {
    DeviceStore store = open();
    EXPECT_EQ(store.seed(), 0U);
    ASSERT_TRUE(store.set_seed(0xfedcba9876543210U));
    EXPECT_EQ(store.next_number().value(), 1U);
    EXPECT_EQ(store.next_number().value(), 2U);
    ASSERT_TRUE(store.save(device(2)));
    ASSERT_TRUE(store.save(device(1)));
    Device locked = device(2);
    locked.locked = true;
    ASSERT_TRUE(store.save(locked));
    ASSERT_TRUE(store.save_with_result(device(1), result("u1")));
  }
  DeviceStore store = open();
  EXPECT_EQ(store.seed(), 0xfedcba9876543210U);
  EXPECT_EQ(store.next_number().value(), 3U);
  EXPECT_THAT(store.ids().value(), ElementsAre("d2", "d1"));  // in the order of their making
  EXPECT_TRUE(store.load("d2").value().locked);
  EXPECT_THAT(uuids(store, "d1"), ElementsAre("u1"));
}

TEST_F(DeviceStoreTest, ListsResultsOldestFirstUntilForgotten) {
  DeviceStore store = open();
  PendingResult once = result("u2", "second");
  once.send_once = true;
  ASSERT_TRUE(store.save_with_result(device(1), result("u1", "first")));
  ASSERT_TRUE(store.save_with_result(device(1), once));
  ASSERT_TRUE(store.save_with_result(device(2), result("u3")));

  const auto pending = store.pending_results("d1").value();
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].body, "first");
  EXPECT_EQ(pending[0].request_type, "DeviceLock");
  EXPECT_FALSE(pending[0].send_once);
  EXPECT_EQ(pending[1].command_uuid, "u2");
  EXPECT_TRUE(pending[1].send_once);

  ASSERT_TRUE(store.forget_result(pending[0].id));
  EXPECT_THAT(uuids(store, "d1"), ElementsAre("u2"));
  EXPECT_THAT(uuids(store, "d2"), ElementsAre("u3"));
}

TEST_F(DeviceStoreTest, RemembersAnswersThatWereTaken) {
  DeviceStore store = open();
  ASSERT_TRUE(store.save_with_result(device(1), result("u1", "the answer")));
  ASSERT_TRUE(store.save(device(2)));
  EXPECT_TRUE(store.answer_to("d1", "u1").value());
  ASSERT_TRUE(store.forget_result(store.pending_results("d1").value().at(0).id));
  EXPECT_TRUE(store.answer_to("d1", "u1").value());
  EXPECT_EQ(store.answer_to("d1", "u1").value().value().body, "the answer");
  EXPECT_EQ(store.answer_to("d1", "u1").value().value().request_type, "DeviceLock");
  EXPECT_FALSE(store.answer_to("d1", "u2").value());
  EXPECT_FALSE(store.answer_to("d2", "u1").value());  // another device's
  EXPECT_FALSE(store.answer_to("d2", "u1").value());
}

TEST_F(DeviceStoreTest, CanBeReadWhileAnotherHoldsIt) {
  EXPECT_EQ(DeviceStore::open_to_read(directory_.path()).error().code, errc::not_found);
  {
    DeviceStore store = open();
    ASSERT_TRUE(store.save_with_result(device(1), result("u1", "the answer")));
    auto reader = DeviceStore::open_to_read(directory_.path());
    ASSERT_TRUE(reader) << reader.error().message();
    EXPECT_THAT(reader->ids().value(), ElementsAre("d1"));
    EXPECT_EQ(reader->load("d1").value().id, "d1");
    EXPECT_EQ(reader->pending_results("d1").value().size(), 1U);
    EXPECT_FALSE(reader->save(device(2)));
    ASSERT_TRUE(store.save(device(3)));
    EXPECT_THAT(reader->ids().value(), ElementsAre("d1", "d3"));
  }
  auto alone = DeviceStore::open_to_read(directory_.path());
  ASSERT_TRUE(alone) << alone.error().message();
  EXPECT_THAT(alone->ids().value(), ElementsAre("d1", "d3"));
}

TEST_F(DeviceStoreTest, ForgetsAllButTheNewestHundredAnswers) {
  DeviceStore store = open();
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(store.save_with_result(device(1), result("u" + std::to_string(i))));
    ASSERT_TRUE(store.forget_result(store.pending_results("d1").value().at(0).id));
  }
  EXPECT_FALSE(store.answer_to("d1", "u49").value());
  EXPECT_TRUE(store.answer_to("d1", "u50").value());
  EXPECT_TRUE(store.answer_to("d1", "u149").value());
}

TEST_F(DeviceStoreTest, KeepsOfOldLargeAnswersOnlyWhatTheyAnswered) {
  DeviceStore store = open();
  const std::string large(100'000, 'x');
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(store.save_with_result(device(1), result("u" + std::to_string(i), large)));
    if (i == 0) continue;
    ASSERT_TRUE(store.forget_result(store.answer_to("d1", "u" + std::to_string(i)).value()->id));
  }
  EXPECT_EQ(store.answer_to("d1", "u0").value()->body, large) << "no server has taken it";
  const auto old = store.answer_to("d1", "u1").value();
  ASSERT_TRUE(old);
  EXPECT_EQ(old->body, "");
  EXPECT_EQ(old->request_type, "DeviceLock");
  EXPECT_EQ(store.answer_to("d1", "u3").value()->body, large);
}

TEST_F(DeviceStoreTest, TellsTheAnswersOfPeopleApart) {
  DeviceStore store = open();
  PendingResult of_kim = result("u1", "kim's");
  of_kim.user = "kim";
  ASSERT_TRUE(store.save_with_result(device(1), of_kim));
  EXPECT_EQ(store.answer_to("d1", "u1", "kim").value()->body, "kim's");
  EXPECT_FALSE(store.answer_to("d1", "u1", "ann").value());
  EXPECT_FALSE(store.answer_to("d1", "u1").value()) << "nor is it the device's";
  EXPECT_EQ(store.pending_results("d1").value().at(0).user, "kim");
}

TEST_F(DeviceStoreTest, ForgetsWithTheChangeThatEndsIt) {
  DeviceStore store = open();
  PendingResult of_kim = result("u2"), taken = result("u3");
  of_kim.user = taken.user = "kim";
  ASSERT_TRUE(store.save_with_result(device(2), result("u9")));
  ASSERT_TRUE(store.save_with_result(device(1), result("u1")));
  ASSERT_TRUE(store.save_with_result(device(1), taken));
  ASSERT_TRUE(store.forget_result(store.answer_to("d1", "u3", "kim").value()->id));
  ASSERT_TRUE(store.save_with_result(device(1), of_kim));

  ASSERT_TRUE(store.save(device(1), Forget::unsent_of_users));
  EXPECT_THAT(uuids(store, "d1"), ElementsAre("u1"));
  EXPECT_FALSE(store.answer_to("d1", "u2", "kim").value()) << "no server has heard of it";
  EXPECT_TRUE(store.answer_to("d1", "u3", "kim").value());

  ASSERT_TRUE(store.save(device(1), Forget::everything));
  EXPECT_THAT(uuids(store, "d1"), IsEmpty());
  EXPECT_FALSE(store.answer_to("d1", "u3", "kim").value());
  EXPECT_THAT(uuids(store, "d2"), ElementsAre("u9"));
}

TEST_F(DeviceStoreTest, NeverForgetsWhatNoServerHasTaken) {
  DeviceStore store = open();
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(store.save_with_result(device(1), result("u" + std::to_string(i))));
  }
  EXPECT_EQ(store.pending_results("d1").value().size(), 150U);
  EXPECT_TRUE(store.answer_to("d1", "u0").value());
}

TEST_F(DeviceStoreTest, RemovesADeviceWithItsResults) {
  DeviceStore store = open();
  ASSERT_TRUE(store.save_with_result(device(1), result("u1")));
  ASSERT_TRUE(store.save_with_result(device(2), result("u2")));
  ASSERT_TRUE(store.remove("d1"));
  EXPECT_THAT(store.ids().value(), ElementsAre("d2"));
  EXPECT_THAT(uuids(store, "d1"), IsEmpty());
  EXPECT_FALSE(store.answer_to("d1", "u1").value());
  EXPECT_THAT(uuids(store, "d2"), ElementsAre("u2"));
}

TEST_F(DeviceStoreTest, SaysWhichDeviceDoesNotExist) {
  DeviceStore store = open();
  const auto loaded = store.load("d9");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, errc::not_found);
  EXPECT_THAT(loaded.error().message(), HasSubstr("d9"));
  const auto removed = store.remove("d9");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, errc::not_found);
}

TEST_F(DeviceStoreTest, StoresNeitherStateNorResultWhenOneOfThemFails) {
  DeviceStore store = open();
  ASSERT_TRUE(store.save(device(1)));
  run_sql(
      "CREATE TRIGGER full BEFORE INSERT ON results BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  Device locked = device(1);
  locked.locked = true;
  const auto stored = store.save_with_result(locked, result("u1"));
  ASSERT_FALSE(stored);
  EXPECT_THAT(stored.error().message(), HasSubstr("disk full"));
  EXPECT_FALSE(store.load("d1").value().locked);
  EXPECT_THAT(uuids(store, "d1"), IsEmpty());

  run_sql("DROP TRIGGER full");
  ASSERT_TRUE(store.save_with_result(locked, result("u1")));  // nothing is left locked
  EXPECT_TRUE(store.load("d1").value().locked);
}

TEST_F(DeviceStoreTest, NamesFileAndDeviceWhenStateIsDamaged) {
  {
    DeviceStore store = open();
    ASSERT_TRUE(store.save(device(1)));
    ASSERT_TRUE(store.save(device(2)));
  }
  run_sql("UPDATE devices SET data = x'62706c697374' WHERE id = 'd1'");
  DeviceStore store = open();
  const auto damaged = store.load("d1");
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, errc::corrupt);
  EXPECT_THAT(damaged.error().message(), HasSubstr((directory_ / "agent.db").string()));
  EXPECT_THAT(damaged.error().message(), HasSubstr("d1"));
  EXPECT_TRUE(store.load("d2"));  // nothing else is disturbed
}

TEST_F(DeviceStoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(directory_ / "agent.db") << std::string(8192, 'x');
  const auto store = DeviceStore::open(directory_.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, errc::corrupt);
  EXPECT_THAT(store.error().message(), HasSubstr((directory_ / "agent.db").string()));
}

TEST_F(DeviceStoreTest, RefusesTheFileOfANewerProgram) {
  {
    DeviceStore store = open();
  }
  run_sql("PRAGMA user_version = 99");
  const auto store = DeviceStore::open(directory_.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, errc::corrupt);
}

TEST_F(DeviceStoreTest, RefusesADirectoryThatCannotBeMade) {
  std::ofstream(directory_ / "file") << "x";
  const auto store = DeviceStore::open(directory_ / "file" / "state");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, errc::io);
}

TEST_F(DeviceStoreTest, KeepsItsFilesFromOthers) {
  const auto state = directory_ / "state";
  auto store = DeviceStore::open(state);
  ASSERT_TRUE(store);
  using std::filesystem::perms;
  constexpr auto kOthers = perms::group_all | perms::others_all;
  EXPECT_EQ(std::filesystem::status(state).permissions() & kOthers, perms::none);
  for (const auto& file : std::filesystem::directory_iterator(state)) {
    EXPECT_EQ(file.status().permissions() & kOthers, perms::none) << file.path();
  }
}

}  // namespace
}  // namespace understudy::agent
