// docs/openapi.yaml describes every route there is, and no other.

#include <yaml-cpp/yaml.h>

#include <set>

#include "server-mock/device_services/device_services.h"
#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

using OpenApiTest = ApiTest;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

YAML::Node document() {
  return YAML::LoadFile(std::string(UNDERSTUDY_SOURCE_DIR) + "/docs/openapi.yaml");
}

TEST_F(OpenApiTest, DescribesEveryRouteAndNoOther) {
  std::set<std::string> served;
  for (const Route& route : api_->routes())
    served.insert(std::string(route.method).append(" ").append(route.pattern));
  for (const auto& [method, path] : DeviceServices::routes())
    served.insert(std::string(method).append(" ").append(path));

  std::set<std::string> described;
  for (const auto& path : document()["paths"]) {
    for (const auto& operation : path.second) {
      const auto method = operation.first.as<std::string>();
      if (method == "parameters") continue;
      described.insert(upper(method) + " " + path.first.as<std::string>());
      EXPECT_TRUE(operation.second["summary"]) << method;
      EXPECT_GT(operation.second["responses"].size(), 0U) << method;
    }
  }
  EXPECT_EQ(described, served);
}

TEST_F(OpenApiTest, NamesEveryArgumentOfAPath) {
  const YAML::Node all = document();
  for (const auto& path : all["paths"]) {
    std::set<std::string> declared;
    for (const auto& parameter : path.second["parameters"]) {
      const std::string ref = parameter["$ref"].as<std::string>("");
      if (!ref.empty()) {
        const std::string name = ref.substr(ref.rfind('/') + 1);
        EXPECT_TRUE(all["components"]["parameters"][name]) << ref;
        declared.insert(name);
      }
    }
    const auto text = path.first.as<std::string>();
    const std::size_t open = text.find('{');
    if (open == std::string::npos) continue;
    const std::string name = text.substr(open + 1, text.find('}') - open - 1);
    EXPECT_TRUE(declared.contains(name)) << text << " does not declare " << name;
  }
}

/// The keys an answer has are those its schema requires, or allows.
void expect_shape(const YAML::Node& schema, const nlohmann::json& answer) {
  for (const auto& key : schema["required"]) {
    EXPECT_TRUE(answer.contains(key.as<std::string>())) << key << " is missing in " << answer;
  }
  for (const auto& [key, value] : answer.items()) {
    EXPECT_TRUE(schema["properties"][key]) << key << " is not described";
  }
}

TEST_F(OpenApiTest, DescribesDevicesAndCommandsAsTheyAre) {
  const YAML::Node schemas = document()["components"]["schemas"];
  expect_shape(schemas["Device"], json(200, "GET", "/v1/devices/D1"));
  must(store_->add_notification({}));
  expect_shape(schemas["Notification"], json(200, "GET", "/v1/notifications")["notifications"][0]);
  must(portal_->issue_identity({}, clock_->now()));
  expect_shape(schemas["IssuedCertificate"],
               json(200, "GET", "/v1/apns/certificates")["certificates"][0]);
  submit("U1");
  const auto command = json(200, "GET", "/v1/commands/U1");
  expect_shape(schemas["Command"], command);
  std::set<std::string> hops;
  const YAML::Node entry = schemas["Command"]["properties"]["timeline"]["items"];
  for (const auto& hop : entry["properties"]["hop"]["enum"]) hops.insert(hop.as<std::string>());
  for (const char* hop :
       {hop::kAction, hop::kPushQueued, hop::kEventQueued, hop::kCommandStored, hop::kPushSent,
        hop::kPushDelivered, hop::kIdle, hop::kCommandSent, hop::kResult, hop::kEmptyWake,
        hop::kPushRetry, hop::kPushFailed, hop::kNotNow, hop::kCancelled}) {
    EXPECT_TRUE(hops.contains(hop)) << hop;
  }
}

TEST_F(OpenApiTest, DescribesThePushServiceAsItIs) {
  const YAML::Node schemas = document()["components"]["schemas"];
  PushedDevice device(*hubs_.production);
  ASSERT_TRUE(device.push("A"));
  json(201, "POST", "/v1/faults", R"({"hop": "delivery", "action": "delay"})");
  expect_shape(schemas["Push"], json(200, "GET", "/v1/apns/pushes/A"));
  expect_shape(schemas["Token"],
               json(200, "GET", "/v1/apns/tokens/" + apns::token_hex(device.app)));
  const auto all = json(200, "GET", "/v1/apns/snapshot");
  const auto& production = all["production"];
  const YAML::Node environment = schemas["ApnsEnvironment"];
  expect_shape(environment, production);
  expect_shape(environment["properties"]["counters"], production["counters"]);
  expect_shape(schemas["Connection"], production["connections"][0]);
  expect_shape(schemas["PendingPush"], production["pending"][0]);
  expect_shape(schemas["FaultRule"], all["faults"][0]);
  const auto points = json(200, "GET", "/v1/faults/points");
  for (const auto& point : points["points"]) {
    expect_shape(schemas["FaultPoint"], point);
  }
  std::set<std::string> stages;
  for (const auto& stage : schemas["Stage"]["enum"]) stages.insert(stage.as<std::string>());
  for (int i = 0; i <= static_cast<int>(apns_mock::Stage::discarded); ++i) {
    EXPECT_TRUE(stages.contains(std::string(stage_name(static_cast<apns_mock::Stage>(i))))) << i;
  }
}

}  // namespace
}  // namespace understudy::server
