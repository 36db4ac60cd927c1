#pragma once

/// Fault rules set through the API of `understudy-server apns`, and what becomes of them at the far
/// end: a provider and a device that share no code with the server.

#include <map>

#include "server-mock/apns/fault_points.h"
#include "tests/integration/apns_program_fixture.h"

namespace understudy::server {

class FarEndTest : public ApnsProgramTest {
 protected:
  void start(const Arguments& more = {}) {
    Arguments arguments = {"--virtual-clock", "--seed", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ApnsProgramTest::start(arguments);
    issue("push", kPushTopic);
    make_foreign("device", kPushTopic);
  }

  /// The far end's courier client: `steps` as it describes them, and more options.
  json device(const Arguments& steps, const Arguments& more = {}) const {
    Arguments arguments = device_arguments(more);
    for (const std::string& step : steps) arguments.insert(arguments.end(), {"--step", step});
    const auto output = support::run(arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  /// A step that runs another device beside this one.
  std::string beside(const Arguments& steps, const Arguments& more = {}) const {
    std::string command = "run:";
    Arguments arguments = device_arguments(more);
    for (const std::string& step : steps) arguments.insert(arguments.end(), {"--step", step});
    for (const std::string& argument : arguments) command += "'" + argument + "' ";
    return command;
  }
  Arguments device_arguments(const Arguments& more, const char* listener = "courier") const {
    Arguments arguments = {"/usr/bin/python3",
                           std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/courier_client.py",
                           "--port",
                           std::to_string(port(listener)),
                           "--ca",
                           ready("ca"),
                           "--cert",
                           file("device.crt"),
                           "--key",
                           file("device.key"),
                           "--topic",
                           kPushTopic};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // Steps of a device, carried out with curl.
  /// Pushes this magic to it.
  std::string push_step(const std::string& magic, const std::string& header = "x-none: 1") const {
    return "run:curl --http2 -sS --fail --cacert '" + ready("ca") + "' --cert '" +
           file("push.pem") + "' -H '" + header + "' -d '{\"mdm\":\"" + magic + "\"}' " +
           ready("apns") + "/3/device/{token}";
  }
  /// Lets time pass.
  std::string pass_step(int seconds) const {
    return api_step("/v1/clock", "{\"advance_seconds\":" + std::to_string(seconds) + "}");
  }
  std::string fault_step(const json& rule) const { return api_step("/v1/faults", rule.dump()); }
  std::string api_step(const std::string& path, const std::string& body) const {
    return "run:curl -sS --fail -u nanomdm:" + ready("api_key") + " -d '" + body + "' " +
           ready("api") + path;
  }

  /// Sets a rule, and returns its id.
  std::string fault(const json& rule) const {
    const json set = api("/v1/faults", {"-d", rule.dump()});
    EXPECT_TRUE(set.contains("ids")) << set;
    return set.contains("ids") ? set["ids"][0].get<std::string>() : "";
  }
  /// How often the rules fired, all together.
  int fired() const {
    int sum = 0;
    const json rules = api("/v1/faults");
    for (const json& rule : rules["faults"]) sum += rule["fired"].get<int>();
    return sum;
  }

  /// The function of `Test` that sees what an action of the vocabulary leads to.
  template <class Test>
  using Effects = std::map<std::string, void (Test::*)()>;
  /// Starts the server and calls the function for that action; each action must have one.
  template <class Test>
  void see_effect(const Effects<Test>& all, const std::string& action) {
    const auto effect = all.find(action);
    ASSERT_NE(effect, all.end()) << "no test sees the effect of " << action;
    ASSERT_NO_FATAL_FAILURE(start());
    (static_cast<Test&>(*this).*effect->second)();
  }

  static std::string magic(const std::string& text) { return "{\"mdm\":\"" + text + "\"}"; }
};

/// Each action of the vocabulary, "hop action", whose hop begins with `side`; all others with
/// `is_it` false.
inline std::vector<std::string> actions_of(const std::string& side, bool is_it = true) {
  std::vector<std::string> names;
  for (const faults::Hop& hop : apns_mock::fault_points()) {
    if (hop.name.starts_with(side) != is_it) continue;
    for (const faults::Action& action : hop.actions) names.push_back(hop.name + " " + action.name);
  }
  return names;
}

/// A test's name: letters, digits and '_'.
inline std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (c == '.' || c == ' ') c = '_';
  }
  return name;
}

/// The rule of one action, at most once unless `more` says otherwise.
inline json rule_for(const std::string& name, const json& more = json::object()) {
  const std::size_t blank = name.find(' ');
  json rule = {{"hop", name.substr(0, blank)}, {"action", name.substr(blank + 1)}, {"first_n", 1}};
  rule.update(more);
  return rule;
}

}  // namespace understudy::server
