// The main job, as a user runs it; and every message of it before an independent judge.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/e2e/stand_fixture.h"
#include "tests/support/command.h"

namespace understudy::e2e {
namespace {

TEST(Demo, PassesEveryHopOfEveryCommand) {
  const auto demo = support::run({kUnderstudy, "demo", "--json"});
  ASSERT_EQ(demo.status, 0) << demo.out << demo.err;
  std::istringstream lines(demo.out);
  std::vector<std::string> request_types;
  for (std::string line; std::getline(lines, line);) {
    const json command = json::parse(line);
    request_types.push_back(command["request_type"]);
    EXPECT_EQ(command["status"], "acknowledged");
    EXPECT_FALSE(command["command_uuid"].get<std::string>().empty());
    EXPECT_FALSE(command["device_id"].get<std::string>().empty());
    std::set<std::string> names;
    for (const json& hop : command["timeline"]) {
      names.insert(hop["hop"]);
      EXPECT_TRUE(hop["at"].is_string() && hop["detail"].is_string()) << hop.dump();
    }
    for (const char* hop : {"action", "push_queued", "event_queued", "command_stored", "push_sent",
                            "push_delivered", "idle", "command_sent", "result"}) {
      EXPECT_TRUE(names.contains(hop)) << hop << " is missing: " << line;
    }
  }
  const std::vector<std::string> wanted = {"DeviceLock",  "ClearPasscode", "InstallProfile",
                                           "ProfileList", "EraseDevice",   "RemoveProfile"};
  EXPECT_EQ(request_types, wanted);
}

TEST(Demo, PrintsPlainTablesWhereThereIsNoTerminal) {
  const auto demo = support::run({kUnderstudy, "demo"});
  ASSERT_EQ(demo.status, 0) << demo.out << demo.err;
  EXPECT_EQ(demo.out.find('\x1b'), std::string::npos);
  EXPECT_NE(demo.out.find("6 commands, 0 of them incomplete"), std::string::npos) << demo.out;
}

TEST(Demo, SaysOnlyWhatAppleSchemaAllows) {
  if (!std::filesystem::exists(kOracle))
    GTEST_SKIP() << "the schema oracle is not beside the checkout";
  const support::TempDir folder;
  const auto demo =
      support::run({kUnderstudy, "demo", "--json", "--transcripts", folder.path().string()});
  ASSERT_EQ(demo.status, 0) << demo.out << demo.err;
  const auto judged = support::run(
      {"/usr/bin/python3",
       std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/support/judge_transcript.py", kOracle,
       (folder / "agent.jsonl").string(), (folder / "server.jsonl").string()});
  EXPECT_EQ(judged.status, 0) << judged.out << judged.err;
}

TEST(Demo, KeepsSecretsOutOfTranscripts) {
  const support::TempDir folder;
  const auto demo =
      support::run({kUnderstudy, "demo", "--json", "--transcripts", folder.path().string()});
  ASSERT_EQ(demo.status, 0) << demo.out << demo.err;
  for (const char* name : {"agent.jsonl", "server.jsonl"}) {
    const auto magic =
        support::run({"grep", "-c", "<key>PushMagic</key>", (folder / name).string()});
    EXPECT_EQ(magic.status, 0) << name
                               << " has no PushMagic at all: the check below would mean nothing";
    // A PushMagic and an unlock token are long; their stand-ins are short and always the same.
    const auto secret = support::run(
        {"grep", "-cE", "PushMagic</key>[^<]*<string>[0-9A-F]{8}-", (folder / name).string()});
    EXPECT_EQ(secret.status, 1) << name << ": " << secret.out;
  }
}

TEST(Demo, KeepsItsStateInAnEmptyDirectoryOnly) {
  const support::TempDir folder;
  const auto mine = folder / "notes.txt";
  std::ofstream(mine) << "mine";
  const auto demo = support::run({kUnderstudy, "demo", "--keep", folder.path().string()});
  EXPECT_EQ(demo.status, 1);
  EXPECT_NE(demo.err.find("name an empty directory"), std::string::npos) << demo.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()),
                          std::filesystem::directory_iterator()),
            1)
      << "nothing was put there";
}

}  // namespace
}  // namespace understudy::e2e
