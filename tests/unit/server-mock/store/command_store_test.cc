#include "shared/core/errc.h"
#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {
namespace {

using CommandStore = StoreTest;
using Status = CommandRecord::Status;

TEST_F(CommandStore, StoresACommandOnce) {
  EXPECT_TRUE(must(store_->put_command(command("U1"))));
  CommandRecord again = command("U1");
  again.body = "another";
  EXPECT_FALSE(must(store_->put_command(again)));
  EXPECT_TRUE(must(store_->put_command(command("U1", "D2"))))
      << "another device is another command";
  EXPECT_EQ(must(store_->command("U1", "D1"))->body, "<plist/>");
  EXPECT_EQ(must(store_->commands_with_uuid("U1")).size(), 2U);
}

TEST_F(CommandStore, HandsOutTheOldestUnfinishedOne) {
  for (const char* uuid : {"U1", "U2", "U3"}) must(store_->put_command(command(uuid)));
  must(store_->set_command_status("U1", "D1", Status::acknowledged, "<r/>", at(1)));
  EXPECT_EQ(must(store_->next_command("D1"))->uuid, "U2");
  must(store_->set_command_status("U2", "D1", Status::sent, "", at(2)));
  EXPECT_EQ(must(store_->next_command("D1"))->uuid, "U2") << "sent without an answer";
  must(store_->set_command_status("U2", "D1", Status::not_now, "<r/>", at(3)));
  EXPECT_EQ(must(store_->next_command("D1"))->uuid, "U3");
  must(store_->requeue_not_now("D1", at(4)));
  EXPECT_EQ(must(store_->next_command("D1"))->uuid, "U2") << "offered again";
  EXPECT_FALSE(must(store_->next_command("D2")));
}

TEST_F(CommandStore, ListsTheNewestFirst) {
  for (const char* uuid : {"U1", "U2", "U3"}) must(store_->put_command(command(uuid)));
  const auto commands = must(store_->commands_of("D1", 2));
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(commands[0].uuid, "U3");
  EXPECT_EQ(commands[1].uuid, "U2");
}

TEST_F(CommandStore, CancelsWhatIsUnfinishedOnly) {
  for (const char* uuid : {"U1", "U2", "U3"}) must(store_->put_command(command(uuid)));
  must(store_->put_command(command("U4", "D2")));
  must(store_->set_command_status("U1", "D1", Status::error, "<r/>", at(1)));
  must(store_->set_command_status("U2", "D1", Status::not_now, "", at(1)));
  EXPECT_EQ(must(store_->cancel_commands("D1", at(5))), (std::vector<std::string>{"U2", "U3"}));
  EXPECT_EQ(must(store_->command("U1", "D1"))->status, Status::error);
  EXPECT_EQ(must(store_->command("U2", "D1"))->status, Status::cancelled);
  EXPECT_EQ(must(store_->command("U3", "D1"))->changed_at, at(5));
  EXPECT_EQ(must(store_->command("U4", "D2"))->status, Status::queued);
  EXPECT_FALSE(must(store_->next_command("D1")));
}

TEST_F(CommandStore, SaysNotFoundForAStatusOfNoCommand) {
  const auto set = store_->set_command_status("none", "D1", Status::sent, "", at(1));
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, errc::not_found);
}

TEST_F(CommandStore, OrdersATimelineByTimeThenByWriting) {
  must(store_->add_timeline("U1", "D1", {"b", at(2), "second"}));
  must(store_->add_timeline("U1", "D1", {"a", at(1), ""}));
  must(store_->add_timeline("U1", "D1", {"c", at(2), ""}));
  must(store_->add_timeline("U1", "D2", {"x", at(1), ""}));
  reopen();
  const auto entries = must(store_->timeline("U1", "D1"));
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].hop, "a");
  EXPECT_EQ(entries[1].hop, "b");
  EXPECT_EQ(entries[1].detail, "second");
  EXPECT_EQ(entries[2].hop, "c");
}

TEST_F(CommandStore, WritesAHopForAllThatWait) {
  for (const char* uuid : {"U1", "U2", "U3"}) must(store_->put_command(command(uuid)));
  must(store_->set_command_status("U2", "D1", Status::acknowledged, "<r/>", at(1)));
  EXPECT_EQ(must(store_->waiting_commands("D1")), 2);
  must(store_->add_timeline_waiting("D1", {"idle", at(3), ""}));
  EXPECT_EQ(must(store_->timeline("U1", "D1")).size(), 1U);
  EXPECT_TRUE(must(store_->timeline("U2", "D1")).empty());
}

TEST_F(CommandStore, CountsByStatus) {
  for (const char* uuid : {"U1", "U2"}) must(store_->put_command(command(uuid)));
  must(store_->set_command_status("U2", "D1", Status::sent, "", at(1)));
  const auto depths = must(store_->queue_depths());
  EXPECT_EQ(depths.commands, (std::map<std::string, std::int64_t>{{"queued", 1}, {"sent", 1}}));
}

}  // namespace
}  // namespace understudy::server
