// One device, its server, and a person who holds it: NotNow, silence, the user's own removal.

#include <gtest/gtest.h>

#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;
using Kinds = std::vector<std::string>;

class DeviceHandsTest : public fakes::AgentFixture {
 protected:
  static std::string lock(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "DeviceLock"}});
  }
  static std::string certificates(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "CertificateList"}});
  }
  std::size_t pending(const std::string& id) { return require(store.pending_results(id)).size(); }
};

TEST_F(DeviceHandsTest, SaysNotNowKeepsNothingAndComesBackWhenItIsUnlocked) {
  auto device = enrolled_device();
  device.locked = true;
  save(device);
  server.commands = {certificates("A")};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::not_now);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "NotNow"}));
  EXPECT_EQ(server.seen[1].body.string_at("CommandUUID"), "A");
  EXPECT_EQ(pending(device.id), 0U);
  EXPECT_FALSE(require(store.answer_to(device.id, "A"))) << "8.10: it is not remembered";
  EXPECT_FALSE(session.owes()) << "it is still locked";

  auto restarted = session_of(device.id);  // the process may have died meanwhile
  EXPECT_FALSE(restarted.owes());
  ASSERT_TRUE(restarted.lay_hands(Hand{"unlock", ""}));
  EXPECT_TRUE(restarted.ready());
  EXPECT_TRUE(session_of(device.id).ready()) << "what hands did is stored";
  server.commands = {certificates("A")};
  EXPECT_EQ(work(restarted).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "NotNow", "Idle", "Acknowledged"}));
  EXPECT_FALSE(restarted.owes());
}

TEST_F(DeviceHandsTest, DoesNotComeBackByItselfWhenSomethingElseWasItsLastWord) {
  auto device = enrolled_device();
  device.locked = true;
  save(device);
  server.commands = {certificates("A"), lock("B")};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::done);
  ASSERT_TRUE(session.lay_hands(Hand{"unlock", ""}));
  EXPECT_FALSE(session.owes()) << "8.11: the server has to push";
}

TEST_F(DeviceHandsTest, ComesAtOnceWhenItIsPushedAlthoughItSaidNotNow) {
  auto device = enrolled_device();
  device.locked = true;
  save(device);
  server.commands = {certificates("A")};
  auto session = session_of(device.id);
  work(session);
  ASSERT_TRUE(session.wake());
  EXPECT_TRUE(session.ready());
}

// 11.1
TEST_F(DeviceHandsTest, SaysThatItIsLockedAndIsSilentUntilItsMacIsUnlocked) {
  const auto device = enrolled_device("mac");
  const std::string pin_lock =
      FakeMdm::command("A", {{"RequestType", "DeviceLock"}, {"PIN", "246810"}});
  server.commands = {pin_lock, certificates("B")};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged"})) << "the second one is not heard";
  EXPECT_FALSE(session.reach().connects || session.reach().pushes);

  ASSERT_TRUE(session.wake());
  EXPECT_FALSE(session.ready());
  const auto silent = work(session);
  EXPECT_EQ(silent.end, End::retry);
  EXPECT_NE(silent.why.find("PIN"), std::string::npos) << silent.why;
  EXPECT_EQ(server.seen.size(), 2U);

  EXPECT_FALSE(session.lay_hands(Hand{"unlock", "000000"}));
  ASSERT_TRUE(session.lay_hands(Hand{"unlock", "246810"}));
  server.commands = {certificates("B")};
  EXPECT_TRUE(session.ready());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "Idle", "Acknowledged"}));
}

TEST_F(DeviceHandsTest, IsCutOffInTheMiddleWhenItGoesOfflineIsTurnedOffOrStartsAgain) {
  const std::vector<std::array<std::string, 3>> cuts = {{"go-offline", "come-online", "offline"},
                                                        {"turn-off", "turn-on", "off"},
                                                        {"restart", "unlock", "again"}};
  for (const auto& [cut, mend, why] : cuts) {
    server.seen.clear();
    auto device = enrolled_device();
    device.passcode.clear();
    save(device);
    server.commands = {lock("A")};
    auto session = session_of(device.id);
    ASSERT_TRUE(session.wake());
    server.on_request = [&, action = cut](const std::string&) {
      EXPECT_TRUE(session.lay_hands(Hand{action, ""}));
    };
    const auto end = work(session);
    EXPECT_EQ(end.end, End::retry) << cut;
    EXPECT_NE(end.why.find(why), std::string::npos) << end.why;
    EXPECT_EQ(server.kinds(), Kinds{"Idle"}) << cut;
    EXPECT_EQ(pending(device.id), 0U) << "the answer was not heard";
    EXPECT_FALSE(session.device().locked);
    server.on_request = nullptr;
    ASSERT_TRUE(session.lay_hands(Hand{mend, ""}));
    EXPECT_TRUE(session.ready()) << cut;
    server.commands = {lock("A")};
    EXPECT_EQ(work(session).end, End::done);
    EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Idle", "Acknowledged"}));
  }
}

TEST_F(DeviceHandsTest, SaysNoMoreAtCheckInOnceItIsCutOff) {
  auto device = enrolled_device();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  auto session = session_of(device.id);
  server.on_request = [&](const std::string&) {
    EXPECT_TRUE(session.lay_hands(Hand{"go-offline", ""}));
  };
  EXPECT_EQ(work(session).end, End::retry);
  EXPECT_EQ(server.kinds(), Kinds{"TokenUpdate"});
  EXPECT_TRUE(session.owes_token()) << "nobody heard that it was taken";
}

// 11.5, 7.6
TEST_F(DeviceHandsTest, LeavesWhenItsUserRemovesTheEnrollmentProfileOnlineOrNot) {
  for (const bool offline : {false, true}) {
    auto device = enrolled_device();
    device.offline = offline;
    save(device);
    auto session = session_of(device.id);
    ASSERT_TRUE(session.lay_hands(Hand{"remove-profile", "org.example.enroll"}));
    EXPECT_TRUE(session_of(device.id).ready()) << "also in another process";
    EXPECT_EQ(work(session).end, End::left);
    EXPECT_EQ(server.count("CheckOut"), 1U) << "none while offline";
    EXPECT_FALSE(stored(device.id).enrollment);
  }
}

// 2.3, across a restart of the agent
TEST_F(DeviceHandsTest, RemovesProfilesWhoseTimeHasComeAndLeavesWithTheEnrollmentProfile) {
  auto device = enrolled_device();
  InstalledProfile due;
  due.identifier = "org.example.due";
  due.uuid = "DUE";
  due.remove_at = 1;
  device.profiles.push_back(due);
  save(device);
  EXPECT_FALSE(session_of(device.id).ready()) << "nobody has to hear of that";
  EXPECT_EQ(stored(device.id).profiles.size(), 1U);

  device.profiles.front().remove_at = 1;
  save(device);
  auto session = session_of(device.id);
  EXPECT_TRUE(session.ready());
  EXPECT_EQ(work(session).end, End::left);
  EXPECT_EQ(server.kinds(), Kinds{"CheckOut"});
  EXPECT_FALSE(stored(device.id).enrollment);
}

TEST_F(DeviceHandsTest, StopsTalkingWhenItIsWipedByHand) {
  for (const char* moment : {"TokenUpdate", "Idle", "Acknowledged"}) {
    server.seen.clear();
    auto device = enrolled_device();
    device.enrollment->stage = Enrollment::Stage::token_pending;
    save(device);
    server.commands = {lock("A"), lock("B")};
    auto session = session_of(device.id);
    server.on_request = [&](const std::string& kind) {
      if (kind != moment) return;
      EXPECT_TRUE(session.lay_hands(Hand{"wipe-by-user", ""}));
    };
    EXPECT_EQ(work(session).end, End::erased) << moment;
    EXPECT_EQ(server.seen.back()
                  .body.string_at("MessageType")
                  .value_or(server.seen.back().body.string_at("Status").value_or("")),
              moment);
    EXPECT_EQ(server.count("CheckOut"), 0U);
    EXPECT_EQ(pending(device.id), 0U);
    EXPECT_FALSE(session.owes());
  }
}

TEST_F(DeviceHandsTest, ChangesNothingWhenHandsCannotDoThat) {
  const auto device = enrolled_device();
  auto session = session_of(device.id);
  EXPECT_FALSE(session.lay_hands(Hand{"juggle", ""}));
  EXPECT_EQ(events_named("hand"), 0);
  EXPECT_EQ(serialize(session.device()), serialize(stored(device.id)));
}

}  // namespace
}  // namespace understudy::agent
