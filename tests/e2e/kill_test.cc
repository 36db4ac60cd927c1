// kill -9 at each hop, of the server and of the agent: no command is lost, no result is lost, and
// what was done is not done twice.

#include "tests/e2e/stand_fixture.h"

namespace understudy::e2e {
namespace {

using std::chrono::seconds;

const plist::Dict kLock = {{"RequestType", "DeviceLock"}, {"Message", "Please return me"}};
const std::string kUuid = "11111111-1111-4111-8111-111111111111";
const std::string kAfterwards = "22222222-2222-4222-8222-222222222222";
constexpr int kKilled = 128 + 9;

std::string readable(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
}

class ServerKilled : public StandTest, public testing::WithParamInterface<const char*> {};

TEST_P(ServerKilled, LosesNoCommandAndNoResult) {
  ASSERT_RESULT(stand_.start_server());
  ASSERT_RESULT(stand_.enroll({}));
  const auto devices = device_ids();
  ASSERT_EQ(devices.size(), 1U);
  ASSERT_RESULT(stand_.start_server({}, {{"UNDERSTUDY_CRASH_AT", GetParam()}}));
  ASSERT_RESULT(stand_.start_agent());

  const bool taken = enqueue(devices[0], kUuid, kLock);
  const auto status = stand_.server().wait(seconds(30));
  ASSERT_RESULT(status);
  ASSERT_EQ(*status, kKilled) << "the server did not pass " << GetParam();

  ASSERT_RESULT(stand_.start_server());
  // A client without an answer asks again with the same CommandUUID; one with an answer does not.
  if (!taken) {
    ASSERT_TRUE(enqueue(devices[0], kUuid, kLock));
  }
  const json command = finished(kUuid);
  EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);
  for (const char* hop : {"action", "push_queued", "event_queued", "command_stored", "push_sent",
                          "idle", "command_sent", "result"}) {
    EXPECT_TRUE(hops(command).contains(hop)) << hop << " is missing: " << command.dump(2);
  }
  ASSERT_TRUE(enqueue(devices[0], kAfterwards, {{"RequestType", "ProfileList"}}));
  EXPECT_EQ(performed(kUuid, kAfterwards), 1);
  EXPECT_EQ(finished(kAfterwards)["status"], "acknowledged");
}

INSTANTIATE_TEST_SUITE_P(AtEachHop, ServerKilled,
                         testing::Values("server.action", "server.push_queued",
                                         "server.event_queued", "server.command_stored",
                                         "server.event_acknowledged", "apns_push_accepted",
                                         "server.push_sent", "server.push_acknowledged",
                                         "server.push_delivered", "server.idle",
                                         "server.command_sent", "server.result"),
                         readable);

class AgentKilled : public StandTest, public testing::WithParamInterface<const char*> {};

TEST_P(AgentKilled, AnswersOnceAndPerformsOnce) {
  ASSERT_RESULT(stand_.start_server());
  ASSERT_RESULT(stand_.enroll({}));
  const auto devices = device_ids();
  ASSERT_EQ(devices.size(), 1U);
  ASSERT_RESULT(stand_.start_agent({}, {{"UNDERSTUDY_CRASH_AT", GetParam()}}));

  ASSERT_TRUE(enqueue(devices[0], kUuid, kLock));
  const auto status = stand_.agent().wait(seconds(30));
  ASSERT_RESULT(status);
  ASSERT_EQ(*status, kKilled) << "the agent did not pass " << GetParam();

  // Not waited for: what it does before it is ready counts too.
  ASSERT_RESULT(stand_.launch_agent({}, {}));
  const json command = finished(kUuid);
  EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);
  ASSERT_TRUE(enqueue(devices[0], kAfterwards, {{"RequestType", "ProfileList"}}));
  const std::string at = GetParam();
  const bool was_stored =
      at == "agent.result_stored" || at == "agent.result_sent" || at == "agent.result_forgotten";
  EXPECT_EQ(performed(kUuid, kAfterwards), was_stored ? 0 : 1);
  EXPECT_EQ(finished(kAfterwards)["status"], "acknowledged");
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, AgentKilled,
                         testing::Values("agent.push_stored", "agent.push_acked", "agent.idle_sent",
                                         "agent.command_received", "agent.before_store",
                                         "agent.result_stored", "agent.result_sent",
                                         "agent.result_forgotten"),
                         readable);

class LeavingKilled : public StandTest {};

TEST_F(LeavingKilled, EndsUnenrolledWhenKilledAfterCheckOut) {
  ASSERT_RESULT(stand_.start_server());
  ASSERT_RESULT(stand_.enroll({}));
  const auto devices = device_ids();
  ASSERT_EQ(devices.size(), 1U);
  ASSERT_RESULT(stand_.start_agent({}, {{"UNDERSTUDY_CRASH_AT", "agent.leave_checkout_sent"}}));
  const auto answer =
      stand_.api().post("/v1/devices/" + devices[0] + "/actions", R"({"action":"break_mdm"})");
  ASSERT_RESULT(answer);
  const auto status = stand_.agent().wait(seconds(30));
  ASSERT_RESULT(status);
  ASSERT_EQ(*status, kKilled);
  EXPECT_EQ(finished(json::parse(*answer)["command_uuid"])["status"], "acknowledged");

  const auto ended = stand_.agent_command({"connect"});
  ASSERT_RESULT(ended);
  const auto list = stand_.agent_command({"list", "--json"});
  ASSERT_RESULT(list);
  EXPECT_EQ(json::parse(*list)[0]["state"], "not enrolled");
  const auto record = stand_.api().get("/v1/devices/" + devices[0]);
  ASSERT_RESULT(record);
  EXPECT_EQ(json::parse(*record)["state"], "checked_out");
}

}  // namespace
}  // namespace understudy::e2e
