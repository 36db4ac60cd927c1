// understudy-agent commands: for people, for programs, and for the README.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shared/mdm/catalog.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"

namespace understudy::agent {
namespace {

using ::testing::HasSubstr;
using json = nlohmann::json;

support::Output list(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {std::string(UNDERSTUDY_BIN_DIR) + "/understudy-agent", "commands"});
  return support::run(arguments);
}

TEST(CommandsList, HasARowForEveryCommandOfTheCatalog) {
  const auto output = list({"--json"});
  ASSERT_EQ(output.status, 0) << output.err;
  const json rows = json::parse(output.out, nullptr, false);
  const auto& catalog = mdm::Catalog::builtin().commands();
  ASSERT_EQ(rows.size(), catalog.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].value("request_type", ""), catalog[i].name);
    EXPECT_TRUE(rows[i]["performed"].is_boolean());
    EXPECT_FALSE(rows[i]["platforms"].empty()) << catalog[i].name;
  }
}

TEST(CommandsList, ShowsPlatformsToPeople) {
  const auto output = list({});
  EXPECT_EQ(output.status, 0);
  EXPECT_THAT(output.out, ::testing::ContainsRegex("UserList +yes +iOS, macOS\n"));
}

TEST(CommandsList, BringsATableUpToDate) {
  const support::TempDir directory;
  const std::string file = (directory / "README.md").string();
  std::ofstream(file) << "before\n<!-- commands: begin -->\nold\n<!-- commands: end -->\nafter\n";
  ASSERT_EQ(list({"--into", file}).status, 0);
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("| RestartDevice | yes |"));
  EXPECT_THAT(text.str(), ::testing::Not(HasSubstr("old")));
  const auto other = list({"--into", (directory / "none").string()});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("none"));
}

}  // namespace
}  // namespace understudy::agent
