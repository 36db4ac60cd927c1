#include "shared/cli/command_line.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace understudy::cli {
namespace {

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() : app_("about", "program") {
    add_common(app_);
    add_config_file(app_, "a file");
    app_.add_option("--port", port_)->envname("UNDERSTUDY_TEST_PORT")->check(CLI::Range(0, 65535));
    app_.add_option("--port-name", name_);
    app_.require_subcommand(0, 1);
    app_.add_subcommand("run", "runs");
    CLI::App* issue = app_.add_subcommand("issue", "issues");
    issue->add_option("--topic", name_)->required();
  }
  ~CommandLineTest() override { ::unsetenv("UNDERSTUDY_TEST_PORT"); }

  /// "" when it can be.
  std::string error(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& wrong) {
      return usage_error(app_, wrong);
    }
    return "";
  }
  std::string error_of_file(const std::string& content) {
    const std::string file = (dir_ / "program.ini").string();
    std::ofstream(file) << content;
    std::string text = error({"--config", file});
    const std::size_t at = text.find(file);
    return at == std::string::npos ? text : text.replace(at, file.size(), "FILE");
  }

  CLI::App app_;
  int port_ = 0;
  std::string name_;
  support::TempDir dir_;
};

TEST_F(CommandLineTest, EndsItsHelpWithTheExitStatuses) {
  EXPECT_NE(app_.help().find("Exit status: 0 all was done; 1 the command line"), std::string::npos)
      << app_.help();
}

TEST_F(CommandLineTest, SaysTheRangeAndWhereTheValueCameFrom) {
  EXPECT_EQ(error({"--port", "99999"}),
            "--port: Value 99999 not in range 0 to 65535; `program --help` tells more");
  ::setenv("UNDERSTUDY_TEST_PORT", "70000", 1);
  EXPECT_EQ(error({}),
            "--port: Value 70000 not in range 0 to 65535; the value is that of "
            "UNDERSTUDY_TEST_PORT; `program --help` tells more");
  EXPECT_EQ(error({"--port", "5"}), "");
}

TEST_F(CommandLineTest, NamesTheSubcommandOrThoseThereAre) {
  EXPECT_EQ(error({"issue"}), "issue: --topic is required; `program issue --help` tells more");
  EXPECT_EQ(error({"frob", "--port", "1"}),
            "'frob' is no subcommand; there are run, issue; `program --help` tells more");
  EXPECT_EQ(error({"run", "--frob", "1"}),
            "run: not expected here: --frob 1; `program run --help` tells more");
  app_.name("program apns");
  app_.require_subcommand(1);
  EXPECT_EQ(
      error({}),
      "apns: A subcommand is required; there are run, issue; `program apns --help` tells more");
}

TEST_F(CommandLineTest, TakesKnownKeysOfAFileOnly) {
  EXPECT_EQ(error_of_file("port = 7\n[issue]\ntopic = t\n"), "");
  EXPECT_EQ(port_, 7);
  EXPECT_EQ(error_of_file("prot = 7\n"),
            "--config FILE: key 'prot' is unknown; a key is an option's name without its dashes; "
            "`program --help` tells more");
  EXPECT_NE(error_of_file("[issue]\ntopci = t\n").find("key 'issue.topci' is unknown"),
            std::string::npos);
  EXPECT_NE(error_of_file("[isue]\ntopic = t\n").find("section [isue] is unknown"),
            std::string::npos);
  EXPECT_EQ(error({"--config", "/nothing/there"}),
            "--config /nothing/there was not readable (missing?); `program --help` tells more");
}

}  // namespace
}  // namespace understudy::cli
