// Many devices in one state directory: --total, --keys, --workers, --rate, the summary, and kill -9
// in the middle of it.

#include <set>

#include "shared/io/sqlite.h"
#include "tests/integration/agent/agent_fixture.h"
#include "tools/harness/process.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;

constexpr int kKilled = 128 + 9;

class ManyTest : public AgentProgramTest {
 protected:
  static json summary_of(const support::Output& output) {
    const auto found = events(output.out, "summary");
    EXPECT_EQ(found.size(), 1U) << output.out << output.err;
    return found.empty() ? json() : found.front();
  }
};

TEST_F(ManyTest, AreEnrolledToTheLastAfterEachKill) {
  constexpr std::size_t kTotal = 120;
  const std::string total = std::to_string(kTotal);
  std::set<std::string> told;
  for (int kill = 0; kill < 3; ++kill) {
    harness::ProcessOptions options;
    options.arguments = {std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent",
                         "enroll",
                         "--profile",
                         path("enroll.mobileconfig"),
                         "--json",
                         "--state",
                         state(),
                         "--total",
                         total,
                         "--workers",
                         "8",
                         "--rate",
                         "50"};
    options.error_log = path("enroll.log");
    auto process = require(harness::Process::start(options));
    for (int enrolled = 0; enrolled < 8;) {
      const json event = json::parse(require(process.read_line(std::chrono::seconds(20))));
      if (event["event"] != "enrolled") continue;
      told.insert(event["device"].get<std::string>());
      ++enrolled;
    }
    process.kill();
    // No device is half there: each is enrolled, or owes the TokenUpdate that a device repeats.
    const json devices = list();
    EXPECT_LT(devices.size(), kTotal) << "it was killed in the middle";
    std::set<std::string> missing = told;
    for (const auto& device : devices) {
      const bool pending = device["state"] == "token pending";
      EXPECT_TRUE(pending || device["state"] == "enrolled") << device;
      EXPECT_FALSE(pending && told.contains(device["device"].get<std::string>())) << device;
      missing.erase(device["device"].get<std::string>());
    }
    EXPECT_TRUE(missing.empty()) << "what was said is stored";
  }
  const auto rest = enroll({"--total", total});
  ASSERT_EQ(rest.status, 0) << rest.err;
  const json devices = list();
  ASSERT_EQ(devices.size(), kTotal);
  std::set<std::string> udids;
  for (const auto& device : devices) {
    EXPECT_EQ(device["state"], "enrolled") << device;
    udids.insert(device["udid"].get<std::string>());
  }
  EXPECT_EQ(udids.size(), kTotal);
  EXPECT_EQ(agent({"connect"}).status, 0);

  const auto nothing = enroll({"--total", total});
  EXPECT_EQ(nothing.status, 0) << nothing.err;
  EXPECT_EQ(summary_of(nothing)["of"], 0);
}

TEST_F(ManyTest, AreFinishedWhereTheyOweATokenUpdate) {
  ASSERT_EQ(
      agent({"enroll", "--profile", path("enroll.mobileconfig")}, "agent.authenticated").status,
      kKilled);
  ASSERT_EQ(list()[0]["state"], "token pending");
  const auto rest = enroll({"--total", "2"});
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(summary_of(rest)["enrolled"], 2) << "one finished, one new";
  ASSERT_EQ(list().size(), 2U);
  EXPECT_EQ(list()[0]["state"], "enrolled");
  EXPECT_EQ(count("Authenticate"), 2U);
}

TEST_F(ManyTest, AreMixedExactly) {
  const auto output = enroll({"--count", "10", "--model", "mix:iphone=7,mac=3", "--seed", "4"});
  ASSERT_EQ(output.status, 0) << output.err;
  int macs = 0;
  for (const auto& device : list()) macs += device["platform"] == "macOS" ? 1 : 0;
  EXPECT_EQ(macs, 3);
  const auto bad = enroll({"--model", "mix:iphone=7,newton=3"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(std::count(bad.err.begin(), bad.err.end(), '\n'), 1) << bad.err;
  EXPECT_NE(bad.err.find("newton"), std::string::npos) << bad.err;
  EXPECT_NE(bad.err.find("shared-ipad"), std::string::npos) << bad.err;
}

TEST_F(ManyTest, EndWithASummaryThatProgramsRead) {
  const auto output = enroll({"--count", "5", "--workers", "2", "--rate", "50"});
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.err, "") << "no progress where there is no terminal";
  const json summary = summary_of(output);
  EXPECT_EQ(summary["enrolled"], 5);
  EXPECT_EQ(summary["of"], 5);
  EXPECT_EQ(summary["failed"], 0);
  EXPECT_EQ(summary["errors"], json::array());
  EXPECT_EQ(summary["keys"], (json{{"unique", 5}}));
  EXPECT_GE(summary["elapsed_s"], 0.08) << "four intervals of a fiftieth of a second";
  double last = 0;
  for (const char* one : {"min", "median", "p95", "p99", "max"}) {
    EXPECT_GE(summary["seconds"][one], last) << one;
    last = summary["seconds"][one];
  }
  EXPECT_EQ(summary["findings_by_level"], (json{{"must", 0}, {"should", 0}, {"info", 0}}));

  const auto connected = agent({"connect", "--json", "--workers", "3"});
  ASSERT_EQ(connected.status, 0) << connected.err;
  const json whole = json::parse(connected.out, nullptr, false);
  EXPECT_EQ(whole["connected"], 5) << connected.out;
}

TEST_F(ManyTest, AreCountedByWhatWentWrong) {
  at_server([](FakeMdm& server) {
    for (int i = 0; i < 8; ++i) {
      server.script["Authenticate"].push_back(net::HttpResponse::text(503, "busy"));
    }
    server.script["Authenticate"].push_back(net::HttpResponse::text(403, "not you"));
  });
  const auto output = enroll({"--count", "10", "--workers", "1"});
  EXPECT_EQ(output.status, 2);
  const json summary = summary_of(output);
  EXPECT_EQ(summary["enrolled"], 1);
  EXPECT_EQ(summary["failed"], 9);
  ASSERT_EQ(summary["errors"].size(), 2U) << summary;
  EXPECT_EQ(summary["errors"][0]["step"], "Authenticate");
  EXPECT_EQ(summary["errors"][0]["kind"], "HTTP 503");
  EXPECT_EQ(summary["errors"][0]["count"], 8);
  EXPECT_EQ(summary["errors"][1]["kind"], "HTTP 403");
  EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 7)
      << "five of a kind, a word that the rest is counted, and the other kind: " << output.err;
}

TEST_F(ManyTest, AreListedFromADirectoryOfAnOlderVersion) {
  std::filesystem::create_directory(state());
  {
    auto database = require(io::Database::open(state() + "/agent.db"));
    const auto made =
        database.migrate({"CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
                          "CREATE TABLE devices (place INTEGER PRIMARY KEY AUTOINCREMENT,"
                          " id TEXT NOT NULL UNIQUE, data BLOB NOT NULL);"
                          "CREATE TABLE results (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                          " device_id TEXT NOT NULL REFERENCES devices (id), command_uuid TEXT,"
                          " request_type TEXT, body TEXT, send_once INTEGER,"
                          " pending INTEGER NOT NULL DEFAULT 1);"});
    ASSERT_TRUE(made) << made.error().message();
  }
  const auto output = agent({"list", "--json"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "[]\n");
  EXPECT_EQ(agent({"findings"}).status, 0);
}

TEST_F(ManyTest, RefuseOptionsThatCannotBe) {
  const std::vector<std::pair<Arguments, std::string>> lines = {
      {{"--keys", "pool:0"}, "pool:N"},
      {{"--workers", "0"}, "--workers"},
      {{"--rate", "-1"}, "--rate"},
      {{"--total", "2", "--count", "2"}, "--total"},
      {{"--model", "mix:iphone=x"}, "weight"},
  };
  for (const auto& [arguments, words] : lines) {
    const auto output = enroll(arguments);
    EXPECT_EQ(output.status, 1) << words;
    EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
    EXPECT_NE(output.err.find(words), std::string::npos) << output.err;
  }
}

}  // namespace
}  // namespace understudy::agent
