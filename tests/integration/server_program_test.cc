// understudy-server as a program: its ready line, its end, its exit codes.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tools/harness/process.h"

namespace understudy::server {
namespace {

using std::chrono::seconds;

class ServerProgram : public testing::Test {
 protected:
  const std::string program_ = std::string(UNDERSTUDY_BIN_DIR) + "/understudy-server";
  support::TempDir dir_;
  std::string folder() const { return (dir_ / "server").string(); }
};

TEST_F(ServerProgram, PrintsOneReadyLineAndEndsCleanly) {
  harness::ProcessOptions options;
  options.arguments = {program_, "--data-dir", (dir_ / "." / "x" / ".." / "server").string()};
  std::filesystem::create_directory(dir_ / "x");
  options.environment = {{"UNDERSTUDY_API_KEY", "from the environment"}};
  auto process = harness::Process::start(options);
  ASSERT_TRUE(process) << process.error().message();
  const auto line = process->read_line(seconds(30));
  ASSERT_TRUE(line) << line.error().message();
  const auto ready = nlohmann::json::parse(*line);
  EXPECT_EQ(ready["event"], "ready");
  EXPECT_EQ(ready["api_key"], "from the environment");
  for (const char* key : {"device_services", "enroll", "apns"}) {
    EXPECT_TRUE(ready[key].get<std::string>().starts_with("https://127.0.0.1:")) << key;
  }
  EXPECT_EQ(ready["ca"], (std::filesystem::canonical(folder()) / "ca.pem").string());
  EXPECT_TRUE(std::filesystem::exists(ready["ca"].get<std::string>()));
  process->terminate(std::chrono::minutes(1));
  const auto status = process->wait(seconds(10));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 0);
}

TEST_F(ServerProgram, LetsOneServerServeFromAFolder) {
  harness::ProcessOptions options;
  options.arguments = {program_, "--data-dir", folder()};
  auto process = harness::Process::start(options);
  ASSERT_TRUE(process) << process.error().message();
  const auto line = process->read_line(seconds(30));
  ASSERT_TRUE(line) << line.error().message();
  for (const std::vector<std::string>& second :
       {std::vector<std::string>{program_}, {program_, "apns"}}) {
    std::vector<std::string> arguments = second;
    arguments.insert(arguments.end(), {"--data-dir", folder()});
    const auto refused = support::run(arguments);
    EXPECT_EQ(refused.status, 2) << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    EXPECT_NE(refused.err.find("in use by process " + std::to_string(process->pid())),
              std::string::npos)
        << refused.err;
  }
  const auto issued =
      support::run({program_, "apns", "issue-cert", "--data-dir", folder(), "--topic",
                    "com.apple.mgmt.External.1", "--out", (dir_ / "push.pem").string()});
  EXPECT_EQ(issued.status, 0) << issued.err;
  const auto hint = support::run({program_, "apns", "hint", "hosts", "--data-dir", folder()});
  EXPECT_EQ(hint.status, 0) << hint.err;
  process->terminate(std::chrono::minutes(1));
  ASSERT_TRUE(process->wait(seconds(10)));
  auto next = harness::Process::start(options);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->read_line(seconds(30))) << "who has ended holds nothing";
}

TEST_F(ServerProgram, ReadsAConfigurationFileThatFlagsOverrule) {
  const std::string file = (dir_ / "server.ini").string();
  const auto written = support::run({"sh", "-c", "printf 'workflow=wrong\\n' > " + file});
  ASSERT_EQ(written.status, 0);
  const auto refused = support::run({program_, "--data-dir", folder(), "--config", file});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("workflow"), std::string::npos) << refused.err;
}

TEST_F(ServerProgram, SaysInOneLineWhatIsWrongWithTheCommandLine) {
  const std::string file = (dir_ / "server.ini").string();
  std::ofstream(file) << "prot = 1\n";
  using Arguments = std::vector<std::string>;
  const std::vector<std::pair<Arguments, std::string>> wrong = {
      {{"--port", "99999"}, "--port: Value 99999 not in range 0 to 65535"},
      {{"run", "--port", "99999"}, "run: --port: Value 99999 not in range"},
      {{"frob"}, "'frob' is no subcommand; there are run, apns"},
      {{"--config", file}, "server.ini: key 'prot' is unknown"},
      {{"apns", "--config", file}, "server.ini: key 'prot' is unknown"},
      {{"apns", "frob"}, "'frob' is no subcommand; there are issue-cert, hint"},
      {{"apns", "issue-cert", "--out", file}, "apns issue-cert: --topic is required"},
      {{"apns", "--port", "1"}, "apns: "},
      {{"--port", "1", "apns"}, "apns: it stands in front of all options"},
  };
  for (const auto& [arguments, words] : wrong) {
    Arguments whole = arguments;
    whole.insert(whole.begin(), program_);
    const auto output = support::run(whole);
    EXPECT_EQ(output.status, 1) << output.err;
    EXPECT_EQ(output.err.find("understudy-server: "), 0U) << output.err;
    EXPECT_NE(output.err.find(words), std::string::npos) << output.err;
    EXPECT_NE(output.err.find(" --help` tells more"), std::string::npos) << output.err;
    EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
  }
  const auto environment = support::run({"env", "UNDERSTUDY_API_PORT=here", program_});
  EXPECT_EQ(environment.status, 1);
  EXPECT_NE(environment.err.find("the value is that of UNDERSTUDY_API_PORT"), std::string::npos)
      << environment.err;
}

TEST_F(ServerProgram, LeavesNothingBehindAStartThatCannotBe) {
  using Arguments = std::vector<std::string>;
  const std::filesystem::path folder = dir_ / "fresh";
  const std::vector<std::pair<Arguments, std::string>> wrong = {
      {{"--listen", "1.2.3.4.5"}, "--listen: cannot listen on 1.2.3.4.5"},
      {{"--host", "a b"}, "--host 'a b'"},
      {{"--policy", "courier.identity=maybe"}, "policy courier.identity: 'maybe'"},
      {{"--transcript", (dir_ / "no" / "file").string()}, "open transcript"}};
  for (auto [arguments, words] : wrong) {
    arguments.insert(arguments.begin(), {program_, "run", "--data-dir", folder.string()});
    const auto output = support::run(arguments);
    EXPECT_NE(output.status, 0) << words;
    EXPECT_NE(output.err.find(words), std::string::npos) << output.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "server-root.pem")) << words;
  }
}

TEST_F(ServerProgram, ShowsEveryOptionInTheHelpOfRun) {
  const auto plain = support::run({program_, "--help"});
  const auto run = support::run({program_, "run", "--help"});
  EXPECT_NE(plain.out.find("Usage: understudy-server [OPTIONS]"), std::string::npos) << plain.out;
  EXPECT_NE(run.out.find("Usage: understudy-server run [OPTIONS]"), std::string::npos) << run.out;
  for (const char* option : {"--data-dir", "--port", "--push-host", "--workflow", "--policy"}) {
    EXPECT_NE(run.out.find(option), std::string::npos) << option;
  }
  EXPECT_NE(plain.out.find("apns"), std::string::npos);
}

TEST_F(ServerProgram, ExitsAsDocumented) {
  EXPECT_EQ(support::run({program_, "--help"}).status, 0);
  EXPECT_EQ(support::run({program_, "--version"}).status, 0);
  EXPECT_EQ(support::run({program_, "--no-such-option"}).status, 1);
  EXPECT_EQ(support::run({program_, "--log-level", "loud", "--data-dir", folder()}).status, 1);
  EXPECT_EQ(support::run({program_, "--workflow", "reckless"}).status, 1);
  const auto address = support::run({program_, "--data-dir", folder(), "--listen", "192.0.2.1"});
  EXPECT_EQ(address.status, 2);
  EXPECT_EQ(std::count(address.err.begin(), address.err.end(), '\n'), 1) << address.err;
  EXPECT_NE(address.err.find("192.0.2.1"), std::string::npos) << address.err;
  EXPECT_EQ(support::run({program_, "--data-dir", "/dev/null/server"}).status, 2);
  const auto nameless = support::run({program_, "--data-dir", folder(), "--host", ""});
  EXPECT_EQ(nameless.status, 1);
  EXPECT_NE(nameless.err.find("--host"), std::string::npos) << nameless.err;
  EXPECT_FALSE(std::filesystem::exists(folder() + "/settings.json"));
}

}  // namespace
}  // namespace understudy::server
