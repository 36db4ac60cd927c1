// Our own reference server before our own witness: nothing that must or should be otherwise.

#include "shared/core/rng.h"
#include "tests/e2e/stand_fixture.h"

namespace understudy::e2e {
namespace {

class WitnessTest : public StandTest {
 protected:
  /// The console's action, until its command is finished.
  void act(const std::string& device, const json& action) {
    const auto answer = stand_.api().post("/v1/devices/" + device + "/actions", action.dump());
    ASSERT_RESULT(answer);
    const json command = finished(json::parse(*answer)["command_uuid"]);
    EXPECT_EQ(command["status"], "acknowledged") << command.dump(2);
  }
  void ask(const std::string& device, plist::Dict command) {
    const std::string uuid = rng_.uuid();
    ASSERT_TRUE(enqueue(device, uuid, std::move(command)));
    EXPECT_EQ(finished(uuid)["status"], "acknowledged");
  }

  static Bytes profile() {
    const plist::Dict restrictions = {{"PayloadType", "com.apple.applicationaccess"},
                                      {"PayloadIdentifier", "org.example.restrictions"},
                                      {"PayloadUUID", "44444444-4444-4444-8444-444444444444"},
                                      {"PayloadVersion", 1},
                                      {"allowCamera", false}};
    const plist::Dict top = {{"PayloadType", "Configuration"},
                             {"PayloadIdentifier", "org.example.profile"},
                             {"PayloadUUID", "55555555-5555-4555-8555-555555555555"},
                             {"PayloadVersion", 1},
                             {"PayloadContent", plist::Array{restrictions}}};
    return to_bytes(*plist::write_xml(top));
  }

  Rng rng_ = Rng(1);
};

TEST_F(WitnessTest, FindsNothingInTheWorkflowOfTheDemo) {
  ASSERT_RESULT(stand_.start_server());
  harness::EnrollOptions options;
  options.count = 2;
  ASSERT_RESULT(stand_.enroll(options));
  options.count = 1;
  options.model = "mac";
  ASSERT_RESULT(stand_.enroll(options));
  ASSERT_RESULT(stand_.start_agent());
  const auto devices = device_ids();
  ASSERT_EQ(devices.size(), 3U);
  for (const auto& device : devices) {
    ask(device, {{"RequestType", "DeviceInformation"}, {"Queries", plist::Array{"OSVersion"}}});
  }
  act(devices[0], {{"action", "lock"}, {"message", "Please return me"}});
  act(devices[0], {{"action", "clear_passcode"}});
  ask(devices[0], {{"RequestType", "InstallProfile"}, {"Payload", profile()}});
  ask(devices[0], {{"RequestType", "ProfileList"}});
  act(devices[0], {{"action", "wipe"}});
  act(devices[1], {{"action", "break_mdm"}});
  act(devices[2], {{"action", "wipe"}});
  stand_.agent().terminate(std::chrono::minutes(1));
  ASSERT_RESULT(stand_.agent().wait(std::chrono::seconds(20)));

  const auto listed = stand_.agent_command({"findings", "--json", "--level", "should"});
  ASSERT_RESULT(listed);
  EXPECT_EQ(json::parse(*listed), json::array()) << *listed;
}

}  // namespace
}  // namespace understudy::e2e
