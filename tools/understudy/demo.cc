#include "tools/understudy/demo.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "shared/core/errc.h"
#include "shared/core/rng.h"
#include "shared/plist/plist.h"
#include "tools/harness/stand.h"
#include "tools/understudy/timeline_table.h"

namespace understudy::harness {
namespace {

using nlohmann::json;

/// What the demo installs and lists: a profile with one restriction, as a server would push it.
Result<std::string> install_profile_command(const std::string& uuid) {
  const plist::Dict restrictions = {
      {"PayloadType", "com.apple.applicationaccess"},
      {"PayloadIdentifier", "org.understudy.demo.restrictions"},
      {"PayloadUUID", "7B0A0B52-5B0B-4A0C-9C36-1E9D8D1B8D01"},
      {"PayloadVersion", 1},
      {"allowCamera", false},
  };
  const plist::Dict profile = {
      {"PayloadType", "Configuration"},
      {"PayloadIdentifier", "org.understudy.demo"},
      {"PayloadUUID", "7B0A0B52-5B0B-4A0C-9C36-1E9D8D1B8D02"},
      {"PayloadVersion", 1},
      {"PayloadDisplayName", "Understudy demo"},
      {"PayloadContent", plist::Array{restrictions}},
  };
  UNDERSTUDY_TRY(const std::string payload, plist::write_xml(profile));
  return plist::write_xml(plist::Dict{
      {"CommandUUID", uuid},
      {"Command", plist::Dict{{"RequestType", "InstallProfile"}, {"Payload", to_bytes(payload)}}}});
}

Result<std::string> plain_command(const std::string& uuid, const std::string& request_type) {
  return plist::write_xml(
      plist::Dict{{"CommandUUID", uuid}, {"Command", plist::Dict{{"RequestType", request_type}}}});
}

/// A temporary directory, or the one the user wants to keep.
class Workplace {
 public:
  explicit Workplace(const std::filesystem::path& keep) : path_(keep), keep_(!keep.empty()) {
    if (keep_) return;
    std::string name = (std::filesystem::temp_directory_path() / "understudy-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool keep_;
};

class Demo {
 public:
  Demo(const DemoOptions& options, const std::filesystem::path& directory)
      : options_(options), stand_(own_directory(), directory) {}

  Result<void> set_up();
  Result<void> act();
  int failures() const { return failures_; }
  int commands() const { return commands_; }

 private:
  void say(const std::string& line) const {
    if (!options_.json) std::cout << line << "\n" << std::flush;
  }
  /// What did not happen: beside the table, or apart from the JSON.
  void complain(const std::string& what) {
    (options_.json ? std::cerr : std::cout) << "  !! " << what << "\n" << std::flush;
  }
  Result<void> console(const std::string& title, const std::string& device, const json& action);
  Result<void> enqueue(const std::string& title, const std::string& device,
                       Result<std::string> command);
  Result<std::string> finished(const std::string& uuid);
  Result<void> follow(const std::string& title, const std::string& uuid);
  Result<void> expect_state(const std::string& device, const std::string& state);
  std::string new_uuid() { return rng_.uuid(); }

  const DemoOptions& options_;
  Stand stand_;
  Rng rng_ = Rng::from_system();
  std::vector<std::string> devices_;
  int commands_ = 0;
  int failures_ = 0;
};

Result<void> Demo::set_up() {
  std::vector<std::string> server_options;
  std::vector<std::string> agent_options;
  if (!options_.transcripts.empty()) {
    server_options = {"--transcript", (options_.transcripts / "server.jsonl").string()};
    agent_options = {"--transcript", (options_.transcripts / "agent.jsonl").string()};
  }
  UNDERSTUDY_CHECK(stand_.start_server(server_options));
  const ServerAddress& at = stand_.address();
  say("understudy-server  device services " + at.device_services + "  APNs " + at.apns +
      "  courier " + at.courier);
  EnrollOptions enroll;
  enroll.count = 2;
  enroll.seed = options_.seed;
  enroll.extra = agent_options;
  UNDERSTUDY_CHECK(stand_.enroll(enroll));
  UNDERSTUDY_CHECK(stand_.start_agent(agent_options));
  UNDERSTUDY_TRY(const std::string list, stand_.api().get("/v1/devices"));
  const json devices = json::parse(list, nullptr, false);
  for (const json& device : devices.value("devices", json::array())) {
    devices_.push_back(device.value("id", ""));
    say("enrolled           " + device.value("serial_number", "") + "  " +
        device.value("product_name", "") + "  " + device.value("os_version", "") + "  " +
        devices_.back());
  }
  if (devices_.size() != 2)
    return fail(errc::not_found, "the server lists " + std::to_string(devices_.size()) +
                                     " devices, not the two that were enrolled");
  say("understudy-agent   holds 2 push channels\n");
  return {};
}

Result<void> Demo::act() {
  const std::string first = devices_[0];
  const std::string second = devices_[1];
  UNDERSTUDY_CHECK(console("Lock", first, {{"action", "lock"}, {"message", "Please return me"}}));
  UNDERSTUDY_CHECK(console("Clear passcode", first, {{"action", "clear_passcode"}}));
  UNDERSTUDY_CHECK(enqueue("Install a profile", first, install_profile_command(new_uuid())));
  UNDERSTUDY_CHECK(enqueue("List profiles", first, plain_command(new_uuid(), "ProfileList")));
  UNDERSTUDY_CHECK(console("Wipe", first, {{"action", "wipe"}}));
  UNDERSTUDY_CHECK(expect_state(first, "erased"));
  UNDERSTUDY_CHECK(console("Break MDM", second, {{"action", "break_mdm"}}));
  return expect_state(second, "checked_out");
}

Result<void> Demo::console(const std::string& title, const std::string& device,
                           const json& action) {
  UNDERSTUDY_TRY(const std::string answer,
                 stand_.api().post("/v1/devices/" + device + "/actions", action.dump()));
  return follow(title, json::parse(answer, nullptr, false).value("command_uuid", ""));
}

Result<void> Demo::enqueue(const std::string& title, const std::string& device,
                           Result<std::string> command) {
  if (!command) return tl::unexpected(std::move(command).error());
  UNDERSTUDY_TRY(const std::string answer,
                 stand_.api().put("/v1/enqueue/" + device, std::move(*command), "application/xml"));
  return follow(title, json::parse(answer, nullptr, false).value("command_uuid", ""));
}

/// The command when it is finished. APNs hears of the push's arrival on another connection than the
/// server hears of the result, so the last hop may be a moment behind: five seconds.
Result<std::string> Demo::finished(const std::string& uuid) {
  const std::string path = "/v1/commands/" + uuid + "?wait=30";
  UNDERSTUDY_TRY(std::string text, stand_.api().get(path));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (;;) {
    UNDERSTUDY_TRY(const CommandStory story, CommandStory::parse(text));
    const bool may_become_whole = story.status == "acknowledged" && !shortcomings(story).empty();
    if (!may_become_whole || std::chrono::steady_clock::now() >= until) return text;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    UNDERSTUDY_TRY(text, stand_.api().get(path));
  }
}

Result<void> Demo::follow(const std::string& title, const std::string& uuid) {
  UNDERSTUDY_TRY(const std::string text, finished(uuid));
  UNDERSTUDY_TRY(const CommandStory story, CommandStory::parse(text));
  const std::vector<std::string> wrong = shortcomings(story);
  ++commands_;
  failures_ += wrong.empty() ? 0 : 1;
  if (options_.json) {
    std::cout << json::parse(text).dump() << "\n" << std::flush;
  } else {
    std::cout << render(title, story, options_.color);
  }
  for (const std::string& line : wrong) complain(std::string(title).append(": ").append(line));
  say("");
  return {};
}

/// CheckOut comes after the result, so the state may be a moment behind: asks until it is there,
/// half a minute.
Result<void> Demo::expect_state(const std::string& device, const std::string& state) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string seen;
  while (std::chrono::steady_clock::now() < until) {
    UNDERSTUDY_TRY(const std::string answer, stand_.api().get("/v1/devices/" + device));
    seen = json::parse(answer, nullptr, false).value("state", "");
    if (seen == state) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ++failures_;
  complain("device " + device + " is " + seen + ", not " + state);
  return {};
}

}  // namespace

ExitCode run_demo(const DemoOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  std::error_code none;
  if (!options.keep.empty() && !std::filesystem::is_empty(options.keep, none) && !none) {
    std::cerr << "understudy demo: --keep " << options.keep.string()
              << ": something is in it; name an empty directory, or one that does not exist\n";
    return ExitCode::usage;
  }
  const Workplace workplace(options.keep);
  Demo demo(options, workplace.path());
  auto done = demo.set_up();
  if (done) done = demo.act();
  if (!done) {
    std::cerr << "understudy demo: " << done.error().message() << "\n";
    return ExitCode::unreachable;
  }
  if (!options.json) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%d commands, %d of them incomplete, in %.1f s",
                  demo.commands(), demo.failures(), took.count());
    std::cout << line.data() << "\n";
  }
  return demo.failures() == 0 ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace understudy::harness
