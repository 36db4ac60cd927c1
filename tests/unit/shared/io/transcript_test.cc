#include "shared/io/transcript.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "shared/core/errc.h"
#include "shared/io/file.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"

namespace understudy::io {
namespace {

Transcript::Entry entry() {
  Transcript::Entry entry;
  entry.time = TimePoint(std::chrono::seconds(1'700'000'000));
  entry.lane = "agent";
  entry.device = "d1";
  entry.kind = "result";
  entry.request = "<a>\n\"\x01\xff</a>";
  entry.status = 200;
  entry.ids = {{"command_uuid", "A"}};
  return entry;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  const auto content = read_file(path);
  EXPECT_TRUE(content);
  std::vector<std::string> lines;
  std::istringstream in(to_text(*content));
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Transcript, WritesOneJsonObjectALine) {
  const support::TempDir directory;
  const auto path = directory / "t.jsonl";
  const auto transcript = Transcript::open(path);
  ASSERT_TRUE(transcript);
  transcript->write(entry());
  transcript->write(entry());
  const auto lines = lines_of(path);
  ASSERT_EQ(lines.size(), 2U);
  const auto json = nlohmann::json::parse(lines[1]);
  EXPECT_EQ(json["time"], format_time(entry().time));
  EXPECT_EQ(json["lane"], "agent");
  EXPECT_EQ(json["device"], "d1");
  EXPECT_EQ(json["kind"], "result");
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["response"], "");
  EXPECT_EQ(json["ids"]["command_uuid"], "A");
  EXPECT_EQ(json["request"], "<a>\n\"\x01\xef\xbf\xbd</a>") << "what is no UTF-8 is replaced";
}

TEST(Transcript, IsReadableByAnotherProgram) {
  if (!support::have_program("python3")) GTEST_SKIP() << "python3 is not installed";
  const support::TempDir directory;
  const auto transcript = Transcript::open(directory / "t.jsonl");
  ASSERT_TRUE(transcript);
  transcript->write(entry());
  const auto seen = support::run({"python3", "-c",
                                  "import json,sys\nfor l in open(sys.argv[1], encoding='utf-8'):"
                                  " print(json.loads(l)['kind'])",
                                  (directory / "t.jsonl").string()});
  EXPECT_EQ(seen.out, "result\n") << seen.err;
}

TEST(Transcript, AppendsToWhatIsThere) {
  const support::TempDir directory;
  const auto path = directory / "t.jsonl";
  for (int i = 0; i < 2; ++i) {
    const auto transcript = Transcript::open(path);
    ASSERT_TRUE(transcript);
    transcript->write(entry());
  }
  EXPECT_EQ(lines_of(path).size(), 2U);
}

TEST(Transcript, KeepsLinesWholeWhenSeveralWrite) {
  const support::TempDir directory;
  const auto path = directory / "t.jsonl";
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&path] {
      const auto transcript = Transcript::open(path);
      for (int n = 0; n < 50; ++n) transcript->write(entry());
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = lines_of(path);
  EXPECT_EQ(lines.size(), 200U);
  for (const auto& line : lines) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(Transcript, DoesNothingWhenDisabled) {
  const Transcript transcript;
  EXPECT_FALSE(transcript.enabled());
  transcript.write(entry());
}

TEST(Transcript, NamesTheFileThatCannotBeOpened) {
  const support::TempDir directory;
  const auto transcript = Transcript::open(directory / "nowhere" / "t.jsonl");
  ASSERT_FALSE(transcript);
  EXPECT_EQ(transcript.error().code, errc::io);
  EXPECT_NE(transcript.error().message().find("nowhere/t.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace understudy::io
