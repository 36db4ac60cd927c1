#include "agent/session/device_session.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "shared/mdm/signature.h"
#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;
using Kinds = std::vector<std::string>;

class DeviceSessionTest : public fakes::AgentFixture {
 protected:
  static std::string lock(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "DeviceLock"}});
  }
  static std::string erase_command(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "EraseDevice"}});
  }
  static std::string remove_mdm(const std::string& uuid) {
    return FakeMdm::command(
        uuid, {{"RequestType", "RemoveProfile"}, {"Identifier", "org.example.enroll"}});
  }
  std::size_t pending(const std::string& id) { return require(store.pending_results(id)).size(); }
};

TEST_F(DeviceSessionTest, PerformsACommandAndClearsTheWake) {
  const auto device = enrolled_device();
  server.commands = {lock("A")};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  EXPECT_TRUE(session.owes());
  const auto end = work(session);
  EXPECT_EQ(end.end, End::done) << end.why;
  EXPECT_EQ(end.commands, 1);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged"}));
  EXPECT_EQ(server.seen[1].body.string_at("CommandUUID"), "A");
  EXPECT_TRUE(stored(device.id).locked);
  EXPECT_FALSE(stored(device.id).wake_pending);
  EXPECT_EQ(pending(device.id), 0U);
  EXPECT_FALSE(session.owes());
}

TEST_F(DeviceSessionTest, SpeaksAsAnAppleDeviceDoes) {
  auto device = enrolled_device();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  auto session = session_of(device.id);
  work(session);
  ASSERT_EQ(server.kinds(), (Kinds{"TokenUpdate", "Idle"}));
  EXPECT_EQ(server.seen[0].path, "/checkin");
  EXPECT_EQ(server.seen[1].path, "/mdm");
  const auto certificate =
      require(crypto::Certificate::from_der(device.keychain[0].certificate_der));
  const char* types[] = {"application/x-apple-aspen-mdm-checkin",
                         "application/x-apple-aspen-mdm; charset=UTF-8"};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& request = server.seen[i].request;
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.headers.find("content-type"), types[i]);
    ASSERT_TRUE(request.peer_certificate);
    EXPECT_EQ(*request.peer_certificate, certificate);
    const auto signer =
        mdm::verify_signature(request.body, request.headers.find("mdm-signature").value_or(""));
    ASSERT_TRUE(signer) << signer.error().message();
    EXPECT_EQ(*signer, certificate);
    EXPECT_EQ(server.seen[i].body.string_at("UDID"), device.hardware.udid);
  }
}

TEST_F(DeviceSessionTest, DoesNotSignWhenTheProfileDoesNotSaySo) {
  auto device = enrolled_device();
  device.enrollment->mdm.sign_message = false;
  save(device);
  auto session = session_of(device.id);
  work(session);
  ASSERT_EQ(server.seen.size(), 1U);
  EXPECT_FALSE(server.seen[0].request.headers.find("Mdm-Signature"));
}

// Requests of the run without failures: TokenUpdate, Idle, result of A, result of B, and the empty
// end. Each of them fails in turn; whatever fails, both commands are performed once and answered.
TEST_F(DeviceSessionTest, LosesNothingWhicheverRequestFails) {
  for (std::size_t broken = 0; broken < 4; ++broken) {
    server.seen.clear();
    events.clear();
    auto device = enrolled_device();
    device.enrollment->stage = Enrollment::Stage::token_pending;
    save(device);
    server.failing = {broken};
    // A real server keeps a command until it is answered.
    std::vector<std::string> answered;
    server.on_request = [&](const std::string&) {
      const auto uuid = server.seen.back().body.string_at("CommandUUID");
      const bool fails = server.seen.size() - 1 == broken;
      if (uuid && !fails) answered.push_back(*uuid);
      server.commands.clear();
      for (const std::string next : {"A", "B"}) {
        if (std::find(answered.begin(), answered.end(), next) == answered.end()) {
          server.commands.push_back(lock(next));
        }
      }
    };
    auto session = session_of(device.id);
    ASSERT_TRUE(session.wake());
    EXPECT_EQ(work(session).end, End::retry) << broken;
    EXPECT_TRUE(session.owes());
    auto restarted = session_of(device.id);  // the process may have died meanwhile
    EXPECT_TRUE(restarted.owes());
    EXPECT_EQ(work(restarted).end, End::done) << broken;
    EXPECT_EQ(answered, (Kinds{"A", "B"})) << broken;
    EXPECT_EQ(events_named("command"), 2) << broken;
    EXPECT_EQ(pending(device.id), 0U);
    EXPECT_EQ(stored(device.id).enrollment->stage, Enrollment::Stage::enrolled);
    EXPECT_FALSE(restarted.owes());
  }
}

TEST_F(DeviceSessionTest, AnswersAgainWithoutPerformingWhenACommandComesTwice) {
  const auto device = enrolled_device();
  server.commands = {lock("A")};
  auto session = session_of(device.id);
  work(session);
  auto unlocked = stored(device.id);
  unlocked.locked = false;
  save(unlocked);
  server.commands = {lock("A")};
  auto again = session_of(device.id);
  EXPECT_EQ(work(again).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "Idle", "Acknowledged"}));
  EXPECT_EQ(server.seen[1].request.body, server.seen[3].request.body);
  EXPECT_EQ(events_named("command"), 1);
  EXPECT_FALSE(stored(device.id).locked);
}

TEST_F(DeviceSessionTest, TellsOfAMalformedCommandOnceAndGoesOn) {
  const auto device = enrolled_device();
  const auto malformed =
      FakeMdm::command("A", {{"RequestType", "DeviceLock"}, {"Message", plist::Array{}}});
  server.commands = {malformed, lock("B")};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "CommandFormatError", "Acknowledged"}));
  Kinds told;
  for (const auto& event : events) {
    if (event.name != "command") continue;
    for (const auto& [name, value] : event.fields) {
      if (name == "status") told.push_back(std::get<std::string>(value));
    }
  }
  EXPECT_EQ(told, (Kinds{"CommandFormatError", "Acknowledged"}));
}

TEST_F(DeviceSessionTest, SendsWhatTheLastProcessStoredBeforeItDied) {
  const auto device = enrolled_device();
  PendingResult result;
  result.command_uuid = "A";
  result.request_type = "DeviceLock";
  result.body = require(plist::write_xml(plist::Dict{
      {"Status", "Acknowledged"}, {"CommandUUID", "A"}, {"UDID", device.hardware.udid}}));
  ASSERT_TRUE(store.save_with_result(device, result));
  auto session = session_of(device.id);
  EXPECT_TRUE(session.owes());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), Kinds{"Acknowledged"});
  EXPECT_EQ(server.seen[0].request.body, result.body);
  EXPECT_EQ(pending(device.id), 0U);
}

TEST_F(DeviceSessionTest, UnenrollsWhenTheServerDisownsIt) {
  for (const char* kind : {"TokenUpdate", "Idle", "Acknowledged"}) {
    auto device = enrolled_device();
    device.enrollment->stage = Enrollment::Stage::token_pending;
    save(device);
    server.commands = {lock("A")};
    server.script[kind] = {net::HttpResponse::text(401, "who are you")};
    auto session = session_of(device.id);
    EXPECT_EQ(work(session).end, End::unenrolled) << kind;
    EXPECT_FALSE(stored(device.id).enrollment);
    EXPECT_EQ(pending(device.id), 0U);
    EXPECT_FALSE(session.owes());
    EXPECT_EQ(server.count("CheckOut"), 0U);
  }
}

TEST_F(DeviceSessionTest, ErasesItselfAndAnswersOnce) {
  auto device = enrolled_device();
  device.supervised = true;
  save(device);
  server.commands = {erase_command("A"), lock("B")};
  server.on_request = [&](const std::string& kind) {
    if (kind != "Acknowledged") return;
    EXPECT_FALSE(stored(device.id).enrollment) << "erased before the answer";
  };
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::erased);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged"})) << "no CheckOut, no further command";
  EXPECT_EQ(stored(device.id).erased_times, 1U);
  EXPECT_TRUE(stored(device.id).passcode.empty());
  EXPECT_EQ(pending(device.id), 0U);
  EXPECT_EQ(events_named("erased"), 1);
}

// fact 11.3
TEST_F(DeviceSessionTest, ErasesItselfAlsoWithAnError) {
  auto device = enrolled_device();
  device.hardware.platform = mdm::Platform::macos;
  device.hardware.os_version = "15.1";
  device.mac.unsealed = true;
  save(device);
  server.commands = {erase_command("A"), lock("B")};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::erased);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Error"}));
  EXPECT_FALSE(stored(device.id).enrollment);
  EXPECT_EQ(pending(device.id), 0U);
}

TEST_F(DeviceSessionTest, IsErasedEvenWhenTheAnswerDoesNotArrive) {
  const auto device = enrolled_device();
  server.commands = {erase_command("A")};
  server.failing = {1};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::erased);
  EXPECT_EQ(pending(device.id), 0U);
  EXPECT_FALSE(stored(device.id).enrollment);
}

TEST_F(DeviceSessionTest, AnswersAnErasureThatTheLastProcessOnlyStored) {
  const auto device = enrolled_device();
  PendingResult result;
  result.command_uuid = "A";
  result.request_type = "EraseDevice";
  result.body = require(plist::write_xml(plist::Dict{
      {"Status", "Acknowledged"}, {"CommandUUID", "A"}, {"UDID", device.hardware.udid}}));
  result.send_once = true;
  ASSERT_TRUE(store.save_with_result(device, result));
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::erased);
  EXPECT_EQ(server.kinds(), Kinds{"Acknowledged"});
  EXPECT_EQ(stored(device.id).erased_times, 1U);
}

TEST_F(DeviceSessionTest, ChecksOutWhenTheMdmProfileIsRemoved) {
  const auto device = enrolled_device();
  server.commands = {remove_mdm("A")};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::left);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "CheckOut"}));
  EXPECT_EQ(server.seen[2].body.string_at("Topic"), kTopic);
  const auto after = stored(device.id);
  EXPECT_FALSE(after.enrollment);
  EXPECT_TRUE(after.keychain.empty());
  EXPECT_TRUE(after.profiles.empty());
}

TEST_F(DeviceSessionTest, ChecksOutWithoutAResultWhenItLeavesSilently) {
  const auto device = enrolled_device();
  context.transport.leaves_silently = true;
  server.commands = {remove_mdm("A")};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::left);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "CheckOut"}));
  EXPECT_TRUE(store.pending_results(device.id).value().empty());
}

TEST_F(DeviceSessionTest, LeavesLaterWhenTheResultCannotBeSentNow) {
  const auto device = enrolled_device();
  server.commands = {remove_mdm("A")};
  server.failing = {1};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::retry);
  EXPECT_EQ(stored(device.id).enrollment->stage, Enrollment::Stage::leaving);
  auto restarted = session_of(device.id);
  EXPECT_EQ(work(restarted).end, End::left);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "Acknowledged", "CheckOut"}));
}

TEST_F(DeviceSessionTest, LeavesWithoutAServerWhenTheUserRemovesTheProfile) {
  auto device = enrolled_device();
  server.stop();
  auto session = session_of(device.id);
  ASSERT_TRUE(session.start_leaving());
  EXPECT_EQ(work(session, true).end, End::left);
  EXPECT_FALSE(stored(device.id).enrollment);
}

TEST_F(DeviceSessionTest, RepeatsTheTokenUpdateBeforeAnythingElse) {
  auto device = enrolled_device();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  server.failing = {0};
  auto session = session_of(device.id);
  const auto end = work(session);
  EXPECT_EQ(end.end, End::retry);
  EXPECT_NE(end.why.find("HTTP 500: out of order"), std::string::npos) << end.why;
  EXPECT_EQ(server.kinds(), Kinds{"TokenUpdate"});
  EXPECT_TRUE(session.owes());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"TokenUpdate", "TokenUpdate", "Idle"}));
}

TEST_F(DeviceSessionTest, RepeatsTheTokenUpdateUntilTheAnswerIs200) {
  auto device = enrolled_device();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  server.script["TokenUpdate"] = {net::HttpResponse::text(202, "")};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::retry);
  EXPECT_TRUE(session.owes_token());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"TokenUpdate", "TokenUpdate", "Idle"}));
}

TEST_F(DeviceSessionTest, OwesATokenUpdateOnlyWhenTheTopicTokenChanged) {
  const auto device = enrolled_device();
  auto session = session_of(device.id);
  apns::Token same{}, other{}, base{};
  same.fill(7);
  other.fill(8);
  base.fill(1);
  ASSERT_TRUE(session.tokens_changed(CourierTokens{base, same}));
  EXPECT_FALSE(session.owes());
  EXPECT_EQ(stored(device.id).push.base_token, Bytes(32, 1));
  ASSERT_TRUE(session.tokens_changed(CourierTokens{base, other}));
  EXPECT_TRUE(session.owes());
  EXPECT_EQ(stored(device.id).enrollment->stage, Enrollment::Stage::token_pending);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.seen[0].body.data_at("Token"), Bytes(32, 8));
}

TEST_F(DeviceSessionTest, OwesOneMoreConversationWhenAPushComesMeanwhile) {
  const auto device = enrolled_device();
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  int pushes = 3;
  server.on_request = [&](const std::string&) {
    const bool stored_wake = pushes-- <= 0 || session.wake().has_value();
    EXPECT_TRUE(stored_wake);
  };
  server.commands = {lock("A"), lock("B")};
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_TRUE(session.owes());
  EXPECT_TRUE(stored(device.id).wake_pending);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_FALSE(session.owes()) << "three pushes fold into one more conversation";
}

TEST_F(DeviceSessionTest, SaysWhyWhenTheServersCertificateIsForeign) {
  auto device = enrolled_device();
  const fakes::Pki foreign("Another Root");
  device.enrollment->anchors_der = {foreign.root().der()};
  save(device);
  auto session = session_of(device.id);
  const auto end = work(session);
  EXPECT_EQ(end.end, End::retry);
  EXPECT_NE(end.why.find("127.0.0.1"), std::string::npos) << end.why;
  EXPECT_TRUE(server.seen.empty());
}

TEST_F(DeviceSessionTest, SendsNothingWhenNothingCanBeStored) {
  const auto device = enrolled_device();
  server.commands = {lock("A")};
  auto session = session_of(device.id);
  // The store loses its table behind our back: every write fails from now on.
  auto database = require(io::Database::open(directory / "state" / "agent.db"));
  ASSERT_TRUE(database.execute("ALTER TABLE results RENAME TO gone"));
  const auto end = work(session);
  EXPECT_EQ(end.end, End::retry);
  EXPECT_EQ(server.count("Acknowledged"), 0U);
  EXPECT_FALSE(session.device().locked) << "what is not stored did not happen";
}

TEST_F(DeviceSessionTest, WritesATranscriptWithoutSecrets) {
  auto device = enrolled_device();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  const auto path = directory / "transcript.jsonl";
  context.transcript = require(io::Transcript::open(path));
  server.commands = {lock("A")};
  auto session = session_of(device.id);
  work(session);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const std::string lines = text.str();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
  for (const char* expected :
       {R"("kind":"token_update")", R"("kind":"idle")", R"("kind":"result")", R"("lane":"agent")",
        R"("status":200)", R"("command_uuid":"A")", "<string>DeviceLock</string>"}) {
    EXPECT_NE(lines.find(expected), std::string::npos) << expected;
  }
  EXPECT_EQ(lines.find(kMagic), std::string::npos);
  EXPECT_EQ(lines.find(base64_encode(Bytes(32, 7))), std::string::npos);
  EXPECT_EQ(lines.find(base64_encode(device.enrollment->unlock_token)), std::string::npos);
}

// 6.7
TEST_F(DeviceSessionTest, FollowsARedirectAndDoesNotRememberIt) {
  const auto device = enrolled_device();
  auto moved = net::HttpResponse::text(301, "moved");
  moved.headers.set("Location", server.url("/mdm?moved"));
  server.script["Idle"] = {moved};
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(work(session).end, End::done);
  ASSERT_EQ(server.kinds(), (Kinds{"Idle", "Idle", "Idle"}));
  EXPECT_EQ(server.seen[1].request.method, "PUT");
  EXPECT_EQ(server.seen[1].request.target, "/mdm?moved");
  EXPECT_EQ(server.seen[2].request.target, "/mdm");
}

TEST_F(DeviceSessionTest, FailsClearlyWhenTheIdentityIsGone) {
  auto device = enrolled_device();
  device.keychain.clear();
  save(device);
  auto session = session_of(device.id);
  const auto end = work(session);
  EXPECT_EQ(end.end, End::retry);
  EXPECT_NE(end.why.find("keychain"), std::string::npos) << end.why;
}

}  // namespace
}  // namespace understudy::agent
