#include "server-mock/console/console_api.h"

#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

using ConsoleApiTest = ApiTest;
using nlohmann::json;

TEST_F(ConsoleApiTest, WantsTheKey) {
  for (const char* header :
       {"", "Basic", "Basic !", "Bearer key", "Basic bmFub21kbTo=", "Basic bmFub21kbTpvdGhlcg=="}) {
    net::IncomingRequest incoming;
    incoming.method = "GET";
    incoming.target = "/v1/devices";
    if (*header != '\0') incoming.headers.set("Authorization", header);
    const auto response = support::run_task(io_, api_->handle(std::move(incoming)));
    EXPECT_EQ(response.status, 401) << header;
    EXPECT_TRUE(response.headers.find("WWW-Authenticate"));
  }
  net::IncomingRequest open;
  open.method = "GET";
  open.target = "/version";
  const auto version = support::run_task(io_, api_->handle(std::move(open)));
  EXPECT_EQ(version.status, 200);
  EXPECT_TRUE(json::parse(version.body).contains("version"));
}

TEST_F(ConsoleApiTest, SaysWhatAUrlTakes) {
  EXPECT_TRUE(json(404, "GET", "/v1/nothing").contains("error"));
  EXPECT_TRUE(json(404, "GET", "/").contains("error"));
  const auto response = call("DELETE", "/v1/pushcert");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.find("Allow"), "PUT, GET");
}

TEST_F(ConsoleApiTest, ShowsDevicesWithoutSecrets) {
  const auto list = json(200, "GET", "/v1/devices");
  ASSERT_EQ(list["devices"].size(), 1U);
  const auto device = json(200, "GET", "/v1/devices/D1");
  EXPECT_EQ(device, list["devices"][0]);
  EXPECT_EQ(device["state"], "enrolled");
  EXPECT_EQ(device["push_token_label"], "abababab");
  EXPECT_EQ(device["has_unlock_token"], false);
  EXPECT_EQ(device.dump().find("magic"), std::string::npos);
  json(404, "GET", "/v1/devices/D9");
}

TEST_F(ConsoleApiTest, QueuesAnAction) {
  const auto answer = json(202, "POST", "/v1/devices/D1/actions",
                           R"({"action": "lock", "message": "Lost", "command_uuid": "U1"})");
  EXPECT_EQ(answer["command_uuid"], "U1");
  EXPECT_EQ(answer["device_id"], "D1");
  EXPECT_EQ(answer["request_type"], "DeviceLock");
  EXPECT_EQ(answer["status"], "queued");
  EXPECT_TRUE(must(store_->push_by_apns_id(answer["apns_id"])));
  EXPECT_NE(must(store_->event_read(1))[0].body.find("<string>Lost</string>"), std::string::npos);
  EXPECT_EQ(json(200, "GET", "/v1/queues"),
            json::parse(R"({"actions":0,"outbound_push":1,"event_log":1,"commands":{}})"));
}

TEST_F(ConsoleApiTest, GivesAnyCommandWithData) {
  json(202, "POST", "/v1/devices/D1/actions",
       R"({"action": "command", "push": false, "command": {"RequestType": "InstallProfile",
           "Payload": {"$data": "aGVsbG8="}, "Big": 18446744073709551615, "Minus": -5,
           "Real": 0.5, "List": [true, {"$date": "2026-11-24T14:34:05Z"}]}})");
  const auto event = must(store_->event_read(1)).at(0);
  for (const char* part :
       {"aGVsbG8=", "<integer>18446744073709551615</integer>", "<integer>-5</integer>", "<true/>",
        "<date>2026-11-24T14:34:05Z</date>"}) {
    EXPECT_NE(event.body.find(part), std::string::npos) << part << " in " << event.body;
  }
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0);
}

TEST_F(ConsoleApiTest, RefusesActionsThatCannotBe) {
  const auto refused = [&](int status, const char* body) {
    EXPECT_TRUE(json(status, "POST", "/v1/devices/D1/actions", body).contains("error")) << body;
  };
  refused(400, "");
  refused(400, "[]");
  refused(400, R"({"action": "explode"})");
  refused(400, R"({"action": "lock", "mesage": "typo"})");
  refused(400, R"({"action": "lock", "message": 5})");
  refused(400, R"({"action": "command"})");
  refused(400, R"({"action": "command", "command": {"RequestType": "X", "Y": null}})");
  refused(400, R"({"action": "command", "command": {"RequestType": "X", "Y": {"$data": "?"}}})");
  refused(400, R"({"action": "command", "command": {"RequestType": "X", "Y": 1e999}})");
  const std::string deep(500'000, '[');
  const std::string bottomless = R"({"action": "command", "command": {"RequestType": "X", "Y": )" +
                                 deep + std::string(deep.size(), ']') + "}}";
  refused(400, bottomless.c_str());
  refused(409, R"({"action": "clear_passcode"})");
  json(404, "POST", "/v1/devices/D9/actions", R"({"action": "lock"})");
  EXPECT_EQ(must(store_->queue_depths()).event_log, 0);
}

TEST_F(ConsoleApiTest, SaysWhatIsWrongWithAnAction) {
  const auto error = [&](const char* body) {
    return json(400, "POST", "/v1/devices/D1/actions", body)["error"].get<std::string>();
  };
  EXPECT_NE(error("{\"action\": ").find("not JSON: parse error"), std::string::npos);
  EXPECT_EQ(error("{\"action\": ").find("json.exception"), std::string::npos);
  EXPECT_NE(error("[]").find("no JSON object"), std::string::npos);
  EXPECT_NE(error("{}").find("names no action"), std::string::npos);
  EXPECT_NE(error(R"({"action": "lock", "message": 5})")
                .find("member 'message' is a string, here it is a number"),
            std::string::npos);
  EXPECT_NE(error(R"({"action": "lock", "push": "no"})").find("'push' is true or false"),
            std::string::npos);
  EXPECT_NE(error(R"({"action": "lock", "mesage": "x"})").find("member 'mesage' is unknown"),
            std::string::npos);
  const std::string unknown = error(R"({"action": "explode"})");
  for (const char* words : {"'explode' is unknown", "lock, clear_passcode, wipe, break_mdm"}) {
    EXPECT_NE(unknown.find(words), std::string::npos) << unknown;
  }
}

TEST_F(ConsoleApiTest, SaysThatADeviceIsErasedWhateverTheAction) {
  DeviceRecord device = *must(store_->device("D1"));
  device.state = DeviceRecord::State::erased;
  device.unlock_token.clear();
  must(store_->put_device(device));
  for (const char* action : {"lock", "clear_passcode", "wipe", "break_mdm"}) {
    const std::string error = json(409, "POST", "/v1/devices/D1/actions",
                                   R"({"action": ")" + std::string(action) + R"("})")["error"];
    EXPECT_NE(error.find("device D1 is erased, not enrolled"), std::string::npos) << error;
  }
}

TEST_F(ConsoleApiTest, AnswersARepeatedActionWithWhatIsThere) {
  const char* lock = R"({"action": "lock", "command_uuid": "U1"})";
  json(202, "POST", "/v1/devices/D1/actions", lock);
  must(parts_->monitor.drain());
  must(store_->set_command_status("U1", "D1", CommandRecord::Status::acknowledged, "<r/>",
                                  clock_->now()));
  const auto again = json(202, "POST", "/v1/devices/D1/actions", lock);
  EXPECT_EQ(again["request_type"], "DeviceLock");
  EXPECT_EQ(again["status"], "acknowledged");
  EXPECT_EQ(again["already_queued"], true);
  EXPECT_FALSE(again.contains("apns_id"));
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 1);
}

TEST_F(ConsoleApiTest, RefusesTheUuidOfAnotherCommand) {
  json(202, "POST", "/v1/devices/D1/actions",
       R"({"action": "command", "command_uuid": "U1", "command": {"RequestType": "ProfileList"}})");
  const auto refused =
      json(409, "POST", "/v1/devices/D1/actions", R"({"action": "lock", "command_uuid": "U1"})");
  EXPECT_NE(refused["error"].get<std::string>().find("ProfileList"), std::string::npos);
  EXPECT_EQ(must(store_->queue_depths()).event_log, 1);
}

TEST_F(ConsoleApiTest, ShowsACommandOnItsWholeWay) {
  submit("U1");
  auto command = json(200, "GET", "/v1/commands/U1");
  EXPECT_EQ(command.size(), 5U);
  EXPECT_EQ(command["status"], "queued");
  EXPECT_EQ(command["request_type"], "DeviceLock");
  ASSERT_EQ(command["timeline"].size(), 3U) << "before it is stored";
  EXPECT_EQ(command["timeline"][0]["hop"], "action");
  EXPECT_EQ(command["timeline"][0]["at"], "2023-11-14T22:15:00.000000Z");
  must(parts_->monitor.drain());
  EXPECT_EQ(json(200, "GET", "/v1/commands/U1")["timeline"].size(), 4U);
  json(404, "GET", "/v1/commands/U1/result");
  must(store_->set_command_status("U1", "D1", CommandRecord::Status::acknowledged, "<plist/>",
                                  clock_->now()));
  EXPECT_EQ(json(200, "GET", "/v1/commands/U1")["status"], "acknowledged");
  EXPECT_EQ(call("GET", "/v1/commands/U1/result").body, "<plist/>");
  json(404, "GET", "/v1/commands/none");
}

TEST_F(ConsoleApiTest, TellsTheCommandsOfSeveralDevicesApart) {
  must(store_->put_command(command("U1", "D1")));
  must(store_->put_command(command("U1", "D2")));
  json(409, "GET", "/v1/commands/U1");
  EXPECT_EQ(json(200, "GET", "/v1/commands/U1?device=D2")["device_id"], "D2");
  json(404, "GET", "/v1/commands/U1?device=D3");
}

TEST_F(ConsoleApiTest, ListsTheCommandsOfADevice) {
  must(store_->put_command(command("U1")));
  must(store_->put_command(command("U2")));
  const auto all = json(200, "GET", "/v1/commands?device=D1")["commands"];
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["command_uuid"], "U2");
  EXPECT_EQ(json(200, "GET", "/v1/commands?device=D1&limit=1")["commands"].size(), 1U);
  json(400, "GET", "/v1/commands");
  json(400, "GET", "/v1/commands?device=D1&limit=-1");
  json(404, "GET", "/v1/commands?device=NOPE");
  json(400, "GET", "/v1/commands/U1?wait=soon");
}

TEST_F(ConsoleApiTest, AnswersAWaitWhenTheCommandIsFinished) {
  must(store_->put_command(command("U1")));
  std::optional<net::HttpResponse> answer;
  net::IncomingRequest incoming = request("GET", "/v1/commands/U1?wait=60");
  net::spawn(io_.get_executor(), "ask", ask(*api_, std::move(incoming), answer));
  io_.poll();
  watch_.changed("U1");  // not the end yet
  io_.restart();
  io_.poll();
  EXPECT_FALSE(answer);
  must(store_->set_command_status("U1", "D1", CommandRecord::Status::error, "<r/>", clock_->now()));
  watch_.changed("U1");
  io_.restart();
  io_.poll();
  ASSERT_TRUE(answer);
  EXPECT_EQ(json::parse(answer->body)["status"], "error");
}

TEST_F(ConsoleApiTest, AnswersAWaitThatRunsOutWithWhatThereIs) {
  must(store_->put_command(command("U1")));
  EXPECT_EQ(json(200, "GET", "/v1/commands/U1?wait=1")["status"], "queued");
}

TEST_F(ConsoleApiTest, SetsAVirtualClockForward) {
  EXPECT_EQ(json(200, "GET", "/v1/clock"),
            json::parse(R"({"now": "2023-11-14T22:15:00.000000Z", "virtual": true})"));
  EXPECT_EQ(json(200, "POST", "/v1/clock", R"({"advance_seconds": 3600.5})")["now"],
            "2023-11-14T23:15:00.500000Z");
  EXPECT_EQ(clock_changes_, 1);
  json(400, "POST", "/v1/clock", R"({"advance_seconds": -1})");
  json(400, "POST", "/v1/clock", R"({"advance_seconds": 1e300})");
  json(400, "POST", "/v1/clock", "soon");
  clock_->advance(std::chrono::years(7970));
  json(200, "POST", "/v1/clock", R"({"advance_seconds": 1})");
  const std::string refused = json(400, "POST", "/v1/clock", R"({"advance_seconds": 3e9})").dump();
  EXPECT_NE(refused.find("9999"), std::string::npos) << refused;
  build(false);
  json(409, "POST", "/v1/clock", R"({"advance_seconds": 1})");
}

TEST_F(ConsoleApiTest, CountsFromZero) {
  EXPECT_EQ(json(200, "GET", "/v1/counters")["empty_wakes"], 0);
  must(store_->count("empty_wakes"));
  EXPECT_EQ(json(200, "GET", "/v1/counters")["empty_wakes"], 1);
}

}  // namespace
}  // namespace understudy::server
