// What is the same after a restart, and who may still talk.

#include "tests/integration/server_fixture.h"

namespace understudy::server {
namespace {

class ServerRestart : public ServerTest {
 protected:
  void restart() {
    stop();
    start();
  }
};

TEST_F(ServerRestart, KeepsKeysPortsDevicesAndQueues) {
  enroll("D1", "one");
  enqueue("D1", "U1", "?nopush=1");
  const json before = ready_;
  restart();
  for (const char* key : {"device_services", "api", "apns", "courier", "api_key", "ca", "topic"}) {
    EXPECT_EQ(ready_[key], before[key]) << key;
  }
  EXPECT_EQ(put("one", report("D1", "Idle")).body, command("U1"));
}

TEST_F(ServerRestart, TakesOtherPortsWhenItsOwnAreTaken) {
  const json before = ready_;
  stop();
  asio::io_context io;
  const std::string api = before["api"];
  const auto taken = net::listen(
      io.get_executor(),
      {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(api.substr(api.rfind(':') + 1)))});
  ASSERT_TRUE(taken);
  start();
  EXPECT_NE(ready_["api"], before["api"]);
  EXPECT_EQ(ready_["device_services"], before["device_services"]);
}

TEST_F(ServerRestart, GivesOutNewUuidsForTheSameSeed) {
  stop();
  options_.seed = 7;
  start();
  EXPECT_EQ(ready_["seed"], 7);
  enroll("D1", "one");
  const auto act = [&] {
    return api_json(202, {"-d", R"({"action": "lock", "push": false})"},
                    "/v1/devices/D1/actions")["command_uuid"];
  };
  const json first = act();
  restart();
  EXPECT_NE(act(), first);
}

TEST_F(ServerRestart, RemembersThatTimeWasSetForward) {
  api_json(200, {"-d", R"({"advance_seconds": 864000})"}, "/v1/clock");
  enroll("D1", "one");  // with a certificate of the day after tomorrow
  stop();
  clock_ = VirtualClock::flowing();
  start();
  EXPECT_EQ(put("one", report("D1", "Idle")).status, 200);
}

TEST_F(ServerRestart, KeepsSecretsToItself) {
  const auto mode = [&](const std::string& name) {
    return std::filesystem::status(options_.data_dir / name).permissions();
  };
  using std::filesystem::perms;
  for (const char* name : {"api-key", "device-ca.pem", "server-root.pem", "server-identity.pem"}) {
    EXPECT_EQ(mode(name), perms::owner_read | perms::owner_write) << name;
  }
  EXPECT_EQ(mode(""), perms::owner_all);
}

TEST_F(ServerRestart, SaysWhatIsWrongWithItsFolder) {
  stop();
  write("server/settings.json", as_bytes("{\"port\": \"many\"}"));
  asio::io_context io;
  const auto broken = Server::start(io.get_executor(), options_, *clock_);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, errc::corrupt);
  EXPECT_NE(broken.error().message().find("settings.json"), std::string::npos);
}

}  // namespace
}  // namespace understudy::server
