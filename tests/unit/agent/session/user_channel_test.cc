// The user channel beside the device's: a Mac's managed user, and whoever is signed in to a Shared
// iPad.

#include <gtest/gtest.h>

#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;
using Kinds = std::vector<std::string>;

class UserChannelTest : public fakes::AgentFixture {
 protected:
  static constexpr const char* kUserMagic = "THE-USER'S-MAGIC";

  /// Whose owner is logged in, and has a token of their own.
  Device mac() {
    auto device = enrolled_device("mac");
    device.enrollment->mdm.server_capabilities = {"com.apple.mdm.per-user-connections"};
    device.users.front().name = "kim";
    device.users.front().full_name = "Kim Example";
    device.enrollment->user_channel =
        UserChannel{"kim", kUserMagic, Bytes(32, 8), Bytes(32, 9), false, false, false, ""};
    save(device);
    return device;
  }
  Device shared_ipad() {
    auto device = enrolled_device("ipad");
    device.enrollment->mdm.server_capabilities = {"com.apple.mdm.per-user-connections"};
    device.supervised = device.shared_ipad = true;
    device.passcode.clear();
    save(device);
    return device;
  }
  static std::string extensions(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "ActiveNSExtensions"}});
  }
  static std::string remove_profile(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "RemoveProfile"}, {"Identifier", "none"}});
  }
  const plist::Value& body(std::size_t index) const { return server.seen.at(index).body; }
};

// fact 7.3, 7.5, 8.2
TEST_F(UserChannelTest, SendsATokenUpdateForTheUserUntilTheServerTakesIt) {
  auto device = mac();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  device.enrollment->user_channel->token_owed = true;
  save(device);
  server.failing = {1};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::retry);
  EXPECT_TRUE(session.owes());
  EXPECT_FALSE(session.owes_token()) << "the device's own was taken";
  auto restarted = session_of(device.id);  // the process may have died meanwhile
  EXPECT_TRUE(restarted.owes());
  EXPECT_EQ(work(restarted).end, End::done);
  EXPECT_FALSE(session_of(device.id).owes());
  ASSERT_EQ(server.kinds(), (Kinds{"TokenUpdate", "TokenUpdate", "Idle", "TokenUpdate"}));
  EXPECT_FALSE(body(0).find("UserID")) << "the device's comes first";
  const plist::Value& update = body(3);
  EXPECT_EQ(server.seen[3].path, "/checkin");
  EXPECT_EQ(update.string_at("UDID"), device.hardware.udid);
  EXPECT_EQ(update.string_at("UserID"), device.users.front().guid);
  EXPECT_EQ(update.string_at("UserShortName"), "kim");
  EXPECT_EQ(update.string_at("UserLongName"), "Kim Example");
  EXPECT_EQ(update.bool_at("NotOnConsole"), false);
  EXPECT_EQ(update.data_at("Token"), Bytes(32, 9));
  EXPECT_EQ(update.string_at("PushMagic"), kUserMagic);
  EXPECT_FALSE(update.find("UnlockToken"));
  EXPECT_FALSE(update.find("AwaitingConfiguration"));
}

// fact 9.2: same URLs, same certificate, other keys
TEST_F(UserChannelTest, HoldsAConversationOfItsOwnWhenItsUserIsPushed) {
  const auto device = mac();
  server.commands = {extensions("A"), FakeMdm::command("B", {{"RequestType", "DeviceLock"}})};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_TRUE(session_of(device.id).owes()) << "durable";
  const auto end = work(session);
  EXPECT_EQ(end.end, End::done) << end.why;
  EXPECT_EQ(end.commands, 2);
  ASSERT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "Error"})) << "none of the device's";
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(server.seen[i].path, "/mdm");
    EXPECT_EQ(body(i).string_at("UserID"), device.users.front().guid);
    EXPECT_EQ(body(i).string_at("UserShortName"), "kim");
    EXPECT_EQ(body(i).string_at("UserLongName"), "Kim Example");
    EXPECT_EQ(body(i).bool_at("NotOnConsole"), false);
  }
  EXPECT_TRUE(require(store.findings().list()).size() == 1) << "DeviceLock; the other fits";
  EXPECT_FALSE(stored(device.id).locked) << "fact 9.1: DeviceLock is the device channel's";
  EXPECT_FALSE(session.owes());
}

TEST_F(UserChannelTest, SaysWhenAnotherUserHasTheScreen) {
  auto device = mac();
  User other = device.users.front();
  other.name = "ann";
  other.logged_in = false;
  device.users.push_back(other);
  save(device);
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"log-in", "ann"}));
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  work(session);
  ASSERT_EQ(server.kinds(), Kinds{"Idle"});
  EXPECT_EQ(body(0).bool_at("NotOnConsole"), true);
  EXPECT_EQ(body(0).string_at("UserShortName"), "kim") << "1.19: other accounts have no channel";
}

// fact 9.3
TEST_F(UserChannelTest, IsSilentWhileNobodyIsLoggedIn) {
  const auto device = mac();
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"log-out", ""}));
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_FALSE(session.owes());
  ASSERT_TRUE(session.lay_hands(Hand{"log-in", "kim"}));
  EXPECT_TRUE(session.ready()) << "what came meanwhile is heard of then";
  work(session);
  EXPECT_EQ(server.kinds(), Kinds{"Idle"});
}

TEST_F(UserChannelTest, PerformsACommandOnEachChannelAlthoughBothHaveOneUuid) {
  const auto device = mac();
  const std::string list = FakeMdm::command("SAME", {{"RequestType", "ProfileList"}});
  server.commands = {list};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  work(session);
  server.commands = {list};
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  work(session);
  ASSERT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "Idle", "Acknowledged"}));
  EXPECT_FALSE(body(1).find("UserID"));
  EXPECT_TRUE(body(3).find("UserID"));
  EXPECT_EQ(events_named("command"), 2);
}

TEST_F(UserChannelTest, SendsAResultOnTheChannelOfItsCommand) {
  const auto device = mac();
  server.commands = {extensions("A")};
  server.failing = {1};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_EQ(work(session).end, End::retry);
  auto restarted = session_of(device.id);
  EXPECT_TRUE(restarted.owes());
  EXPECT_EQ(work(restarted).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "Acknowledged"}));
  EXPECT_EQ(server.seen[1].request.body, server.seen[2].request.body);
  EXPECT_EQ(events_named("command"), 1);
}

TEST_F(UserChannelTest, OwesAnotherTokenUpdateWhenItsTokenChanges) {
  const auto device = mac();
  auto session = session_of(device.id);
  apns::Token token{};
  token.fill(3);
  ASSERT_TRUE(session.tokens_changed(CourierTokens{token, token}, mdm::Channel::user));
  EXPECT_TRUE(session_of(device.id).owes());
  work(session);
  ASSERT_EQ(server.kinds(), Kinds{"TokenUpdate"});
  EXPECT_EQ(body(0).data_at("Token"), Bytes(32, 3));
  EXPECT_EQ(stored(device.id).push.topic_token, Bytes(32, 7)) << "the device's is as it was";
}

// fact 8.15
TEST_F(UserChannelTest, SaysNotNowWhileItsUsersKeychainIsLocked) {
  const auto device = mac();
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"lock-keychain", "kim"}));
  server.commands = {remove_profile("A")};
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::done) << "the device channel needs no keychain";
  server.commands = {extensions("B"), remove_profile("C")};
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_EQ(work(session).end, End::not_now);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Error", "Idle", "Acknowledged", "NotNow"}));
  EXPECT_FALSE(session.owes());
  ASSERT_TRUE(session.lay_hands(Hand{"unlock-keychain", "kim"}));
  EXPECT_TRUE(session.ready()) << "8.11: it comes back by itself";
  work(session);
  EXPECT_EQ(server.kinds().back(), "Idle");
  EXPECT_TRUE(server.seen.back().body.find("UserID"));
}

// fact 8.15
TEST_F(UserChannelTest, SaysNotNowToEverythingWhileItsUserIsConfigured) {
  auto device = mac();
  device.setup.awaiting_user = true;
  save(device);
  server.commands = {extensions("A")};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_EQ(work(session).end, End::not_now);
  EXPECT_FALSE(session.ready());
}

// fact 7.5, 9.6
TEST_F(UserChannelTest, BeginsAndEndsWithASharedIpadsSession) {
  const auto device = shared_ipad();
  auto session = session_of(device.id);
  EXPECT_FALSE(stored(device.id).enrollment->user_channel);
  ASSERT_TRUE(session.lay_hands(Hand{"log-in", "kim@example.org"}));
  EXPECT_FALSE(session.owes()) << "the courier mints their token first";
  apns::Token token{};
  token.fill(3);
  ASSERT_TRUE(session.tokens_changed(CourierTokens{token, token}, mdm::Channel::user));
  EXPECT_EQ(work(session).end, End::done);
  ASSERT_EQ(server.kinds(), Kinds{"TokenUpdate"});
  EXPECT_EQ(body(0).string_at("UserID"), "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF");
  EXPECT_EQ(body(0).string_at("UserShortName"), "kim@example.org");
  EXPECT_FALSE(body(0).find("UserLongName")) << "macOS only";
  EXPECT_FALSE(body(0).find("NotOnConsole")) << "macOS only";
  const std::string first_magic = body(0).string_at("PushMagic").value_or("");
  EXPECT_NE(first_magic, kMagic);

  ASSERT_TRUE(session.lay_hands(Hand{"log-out", ""}));
  EXPECT_FALSE(stored(device.id).enrollment->user_channel);
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_FALSE(session.owes()) << "nobody is there to hear it";

  ASSERT_TRUE(session.lay_hands(Hand{"log-in", "kim@example.org"}));
  EXPECT_NE(stored(device.id).enrollment->user_channel->push_magic, first_magic);
}

TEST_F(UserChannelTest, HangsUpWhenItsUserLeavesInTheMiddle) {
  const auto of_mac = mac(), of_ipad = shared_ipad();
  for (const std::string& id : {of_mac.id, of_ipad.id}) {
    server.seen.clear();
    events.clear();
    auto session = session_of(id);
    apns::Token token{};
    token.fill(3);
    if (id == of_ipad.id) {
      ASSERT_TRUE(session.lay_hands(Hand{"log-in", "kim"}));
      ASSERT_TRUE(session.tokens_changed(CourierTokens{token, token}, mdm::Channel::user));
    }
    ASSERT_TRUE(session.wake(mdm::Channel::user));
    server.on_request = [&](const std::string& kind) {
      if (kind != "Idle") return;
      EXPECT_TRUE(session.lay_hands(Hand{"log-out", ""}));
      if (id == of_ipad.id) {
        EXPECT_TRUE(session.lay_hands(Hand{"log-in", "ann"}));
      }
    };
    server.commands = {FakeMdm::command("A", {{"RequestType", "ProfileList"}})};
    const auto end = work(session);
    EXPECT_EQ(end.end, End::retry);
    EXPECT_NE(end.why.find("logged out"), std::string::npos) << end.why;
    EXPECT_EQ(server.seen.back().kind, "Idle");
    EXPECT_EQ(body(server.seen.size() - 1).string_at("UserShortName"), "kim");
    EXPECT_EQ(events_named("command"), 0);
    EXPECT_FALSE(session.ready()) << "kim's conversation is nobody else's";
    server.on_request = nullptr;
    server.commands.clear();
  }
}

TEST_F(UserChannelTest, TalksOnTheDeviceChannelWhoeverLogsOut) {
  const auto device = mac();
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  work(session);
  server.on_request = [&](const std::string&) {
    EXPECT_TRUE(session.lay_hands(Hand{"log-out", ""}));
  };
  server.commands = {FakeMdm::command("A", {{"RequestType", "ProfileList"}})};
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Idle", "Acknowledged"}));
}

TEST_F(UserChannelTest, TakesNoResultOfOnePersonToTheNext) {
  const auto device = shared_ipad();
  auto session = session_of(device.id);
  apns::Token token{};
  token.fill(3);
  const auto come = [&](const std::string& who) {
    ASSERT_TRUE(session.lay_hands(Hand{"log-in", who}));
    ASSERT_TRUE(session.tokens_changed(CourierTokens{token, token}, mdm::Channel::user));
    work(session);
  };
  come("kim@example.org");
  server.commands = {FakeMdm::command("A", {{"RequestType", "ProfileList"}})};
  server.script["Acknowledged"] = {net::HttpResponse::text(500, "later")};
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_EQ(work(session).end, End::retry);
  EXPECT_EQ(require(store.pending_results(device.id)).size(), 1U);
  come("ann@example.org");
  EXPECT_EQ(require(store.pending_results(device.id)).size(), 0U);
  EXPECT_EQ(server.count("Acknowledged"), 1U);

  // One call may queue the same command, with the same UUID, for several people.
  const std::string for_all = FakeMdm::command("B", {{"RequestType", "ProfileList"}});
  for (const std::string who : {"ann@example.org", "kim@example.org"}) {
    come(who);
    server.commands = {for_all};
    ASSERT_TRUE(session.wake(mdm::Channel::user));
    EXPECT_EQ(work(session).end, End::done);
    EXPECT_EQ(server.seen.back().kind, "Acknowledged");
    EXPECT_EQ(server.seen.back().body.string_at("UserShortName"), who);
  }
  EXPECT_EQ(events_named("command"), 3);
  // A, whose result no server has taken, is done for kim when it comes again, and nobody's fault.
  server.commands = {FakeMdm::command("A", {{"RequestType", "ProfileList"}})};
  ASSERT_TRUE(session.wake(mdm::Channel::user));
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(events_named("command"), 4);
  EXPECT_TRUE(require(store.findings().list()).empty());
}

TEST_F(UserChannelTest, ExistsOnlyWhereTheProfileAsksForIt) {  // fact 1.10
  auto device = shared_ipad();
  device.enrollment->mdm.server_capabilities.clear();
  save(device);
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"log-in", "kim@example.org"}));
  EXPECT_FALSE(stored(device.id).enrollment->user_channel);
}

}  // namespace
}  // namespace understudy::agent
