#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "agent/witness/finding.h"

namespace understudy::agent::witness {
namespace {

std::string text_of(const std::string& path) {
  const std::ifstream file(std::filesystem::path(UNDERSTUDY_SOURCE_DIR) / path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string row_of(const Rule& rule) {
  return "| `" + std::string(rule.id) + "` | " + std::string(level_name(rule.level)) + " | " +
         std::string(rule.about) + " | " + std::string(rule.source) + " |\n";
}

TEST(FindingTable, IsTheOneOfTheReadme) {
  std::string rows;
  for (const Rule& rule : rules()) rows += row_of(rule);
  const std::string readme = text_of("agent/witness/README.md");
  EXPECT_NE(readme.find("|---|---|---|---|\n" + rows), std::string::npos)
      << "agent/witness/README.md should have these rows:\n"
      << rows;
}

TEST(FindingTable, HasEachIdOnceWithASource) {
  std::set<std::string_view> seen;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(seen.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.about.empty()) << rule.id;
    EXPECT_TRUE(rule.source.starts_with("docs/protocol/") || rule.source.starts_with("mdm/"))
        << rule.id;
  }
}

TEST(FindingTable, NamesFactsThatAreInTheDocuments) {
  for (const Rule& rule : rules()) {
    const std::string source(rule.source);
    if (!source.starts_with("docs/")) continue;
    const auto space = source.find(' ');
    const std::string page = text_of(source.substr(0, space));
    if (space == std::string::npos) continue;
    const std::string row = "\n| " + source.substr(space + 1) + " | ";
    EXPECT_NE(page.find(row), std::string::npos) << rule.id << ": " << source;
  }
}

TEST(Level, IsReadAsItIsWritten) {
  for (const Level level : {Level::must, Level::should, Level::info}) {
    EXPECT_EQ(level_from_name(level_name(level)), level);
  }
  EXPECT_FALSE(level_from_name("maybe"));
}

TEST(Found, KeepsToOneLineAndCutsBetweenCharacters) {
  std::string text = "a\nb";
  for (int i = 0; i < 500; ++i) text += "ü";
  const Finding finding = found("push/wrong-topic", text, "u\t1");
  EXPECT_TRUE(finding.what.starts_with("a?bü")) << finding.what;
  EXPECT_TRUE(finding.what.ends_with("ü...")) << finding.what;
  EXPECT_EQ(finding.command_uuid, "u?1");
  EXPECT_EQ(finding.source, rule("push/wrong-topic").source);
  EXPECT_EQ(found("push/wrong-topic", "", "", "elsewhere").source, "elsewhere");
}

}  // namespace
}  // namespace understudy::agent::witness
