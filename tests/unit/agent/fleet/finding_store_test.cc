#include "agent/fleet/finding_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/fleet/device_store.h"
#include "tests/support/temp_dir.h"

namespace understudy::agent {
namespace {

using witness::found;

const TimePoint kMonday = from_unix_us(1'000'000), kTuesday = from_unix_us(2'000'000);

class FindingStoreTest : public testing::Test {
 protected:
  /// Whether the device had none of that id.
  bool add(const std::string& device, const witness::Finding& finding, TimePoint now = kMonday) {
    const auto added = store_.findings().add(device, finding, now);
    EXPECT_TRUE(added) << (added ? "" : added.error().message());
    return added.value_or(false);
  }
  void fill(std::int64_t rows, const std::string& level) {
    auto database = io::Database::open(directory_ / "agent.db");
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute(
        "INSERT INTO findings (device_id, id, command_uuid, what, level, source, first, last) "
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < " +
        std::to_string(rows) + ") SELECT 'd1', 'http/redirect', x, '', '" + level +
        "', '', 0, 0 FROM n"));
  }
  std::vector<StoredFinding> list() { return store_.findings().list().value(); }

  support::TempDir directory_;
  DeviceStore store_ = std::move(DeviceStore::open(directory_.path()).value());
};

TEST_F(FindingStoreTest, CountsTheSameFindingOfTheSameDevice) {
  const auto redirect = found("http/redirect", "one", "u1", "where");
  EXPECT_TRUE(add("d1", redirect));
  EXPECT_FALSE(add("d1", redirect, kTuesday));
  EXPECT_TRUE(add("d2", redirect));
  const auto all = list();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].device, "d1");
  EXPECT_EQ(all[0].count, 2);
  EXPECT_EQ(all[0].first, kMonday);
  EXPECT_EQ(all[0].last, kTuesday);
  EXPECT_EQ(all[0].finding.id, "http/redirect");
  EXPECT_EQ(all[0].finding.level, witness::Level::info);
  EXPECT_EQ(all[0].finding.what, "one");
  EXPECT_EQ(all[0].finding.command_uuid, "u1");
  EXPECT_EQ(all[0].finding.source, "where");
  EXPECT_EQ(all[1].count, 1);
  EXPECT_EQ(store_.findings().count().value(), 2);
  EXPECT_EQ(store_.findings().count_of("d1").value(), 1);
  EXPECT_EQ(store_.findings().count_of("d3").value(), 0);
}

TEST_F(FindingStoreTest, TellsCommandsAndWordsApart) {
  EXPECT_TRUE(add("d1", found("command/unknown-key", "A", "u1")));
  EXPECT_FALSE(add("d1", found("command/unknown-key", "A", "u2")));
  EXPECT_FALSE(add("d1", found("command/unknown-key", "B", "u1")));
  EXPECT_EQ(list().size(), 3U);
}

TEST_F(FindingStoreTest, KeepsFindingsOfADeviceThatIsGone) {
  add("d1", found("http/redirect", "one"));
  Device device;
  device.id = "d1";
  ASSERT_TRUE(store_.save(device));
  ASSERT_TRUE(store_.remove("d1"));
  EXPECT_EQ(list().size(), 1U);
}

TEST_F(FindingStoreTest, IsReadWhileAnotherHoldsTheDirectory) {
  add("d1", found("http/redirect", "one"));
  auto reader = DeviceStore::open_to_read(directory_.path());
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(reader->findings().list().value().size(), 1U);
  add("d1", found("http/redirect", "two"));
  EXPECT_EQ(reader->findings().count().value(), 2);
}

TEST_F(FindingStoreTest, DropsTheOldestAndSaysHowMany) {
  fill(FindingStore::kKept + FindingStore::kSpare - 1, "info");
  add("d1", found("http/redirect", "the newest"));
  EXPECT_EQ(store_.findings().count().value(), FindingStore::kKept);
  EXPECT_EQ(store_.findings().dropped().value(), FindingStore::kSpare);
  EXPECT_EQ(list().back().finding.what, "the newest");
}

TEST_F(FindingStoreTest, IsBoundedWhateverComesBetweenTheNewOnes) {
  fill(FindingStore::kKept, "info");
  for (int i = 0; i <= FindingStore::kSpare; ++i) {
    add("d1", found("http/redirect", "new " + std::to_string(i)));
    add("d1", found("http/redirect", "new " + std::to_string(i)));
  }
  EXPECT_EQ(store_.findings().count().value(), FindingStore::kKept);
}

TEST_F(FindingStoreTest, LetsNoNoisePushOutWhatADeviceFailsOn) {
  add("d1", found("http/html", "the oldest"));
  add("d1", found("http/gone", "the second"));
  fill(FindingStore::kKept, "info");
  for (int i = 0; i < FindingStore::kSpare - 1; ++i) {
    add("d1", found("http/redirect", "new " + std::to_string(i)));
  }
  EXPECT_EQ(store_.findings().count().value(), FindingStore::kKept);
  EXPECT_EQ(list().at(0).finding.what, "the oldest");
  EXPECT_EQ(list().at(1).finding.what, "the second");
}

}  // namespace
}  // namespace understudy::agent
