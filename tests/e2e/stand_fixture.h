#pragma once

/// A stand in a directory of its own, for tests that drive the real programs.

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "shared/plist/plist.h"
#include "tests/support/temp_dir.h"
#include "tools/harness/stand.h"

namespace understudy::e2e {

using nlohmann::json;

inline const std::string kUnderstudy = std::string(UNDERSTUDY_BIN_DIR) + "/understudy";
/// Apple's schema, apart from our code; beside the checkout, where it is there at all.
inline const std::string kOracle =
    std::string(UNDERSTUDY_SOURCE_DIR) + "/../shared/oracle/mdm_oracle.py";

#define ASSERT_RESULT(expression)                                              \
  do {                                                                         \
    const auto& assert_result = (expression);                                  \
    ASSERT_TRUE(assert_result.has_value()) << assert_result.error().message(); \
  } while (false)

class StandTest : public testing::Test {
 protected:
  support::TempDir directory_;
  harness::Stand stand_{UNDERSTUDY_BIN_DIR, directory_.path()};

  /// The ids of the devices the server knows; user channels ("DEVICE:USER") apart.
  std::vector<std::string> device_ids() { return ids(false); }
  std::vector<std::string> user_ids() { return ids(true); }

  json device(const std::string& id) {
    const auto answer = stand_.api().get("/v1/devices/" + id);
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().message());
    return answer ? json::parse(*answer) : json();
  }

  /// Puts a command into the console's hands; false when the server died before it answered.
  bool enqueue(const std::string& device, const std::string& uuid, plist::Dict command) {
    const plist::Dict message = {{"CommandUUID", uuid}, {"Command", std::move(command)}};
    auto xml = plist::write_xml(message);
    const auto answer =
        stand_.api().put("/v1/enqueue/" + device, std::move(*xml), "application/xml");
    return answer.has_value();
  }

  /// The command once it is finished, or as it is after a minute.
  json finished(const std::string& uuid) {
    json command;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < until) {
      const auto answer = stand_.api().get("/v1/commands/" + uuid + "?wait=10");
      if (!answer) return {{"status", "unreachable: " + answer.error().message()}};
      command = json::parse(*answer);
      if (command["status"] == "acknowledged" || command["status"] == "error") return command;
    }
    return command;
  }

  /// The command once `hop` is in its timeline, or as it is after a minute: APNs hears of a push's
  /// arrival on another connection than the server hears of the result.
  json reached(const std::string& uuid, const std::string& hop) {
    json command;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < until) {
      const auto answer = stand_.api().get("/v1/commands/" + uuid);
      if (!answer) return {{"status", "unreachable: " + answer.error().message()}};
      command = json::parse(*answer);
      if (hops(command).contains(hop)) return command;
      std::this_thread::yield();
    }
    return command;
  }

  std::vector<std::string> ids(bool of_users) {
    std::vector<std::string> found;
    const auto list = stand_.api().get("/v1/devices");
    EXPECT_TRUE(list.has_value()) << (list ? "" : list.error().message());
    if (!list) return found;
    const json answer = json::parse(*list);
    for (const json& one : answer["devices"]) {
      const std::string id = one["id"];
      if ((id.find(':') != std::string::npos) == of_users) found.push_back(id);
    }
    return found;
  }

  static std::set<std::string> hops(const json& command) {
    std::set<std::string> names;
    for (const json& hop : command["timeline"]) names.insert(hop["hop"]);
    return names;
  }

  /// Reads the agent's events until it performed `until_uuid`; how often it performed `uuid` on the
  /// way.
  int performed(const std::string& uuid, const std::string& until_uuid) {
    int count = 0;
    for (;;) {
      const auto line = stand_.agent().read_line(std::chrono::seconds(60));
      if (!line) {
        ADD_FAILURE() << "the agent did not perform " << until_uuid << ": "
                      << line.error().message();
        return count;
      }
      const json event = json::parse(*line, nullptr, false);
      if (!event.is_object() || event.value("event", "") != "command") continue;
      if (event.value("command_uuid", "") == uuid) ++count;
      if (event.value("command_uuid", "") == until_uuid) return count;
    }
  }
};

}  // namespace understudy::e2e
