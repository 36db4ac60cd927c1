#include "agent/commands/coverage.h"

#include <fstream>
#include <sstream>

#include "tests/unit/agent/commands/enrolled.h"

namespace understudy::agent::test {
namespace {

using ::testing::HasSubstr;

std::string readme() {
  std::ifstream file(std::string(UNDERSTUDY_SOURCE_DIR) + "/agent/README.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Coverage, IsWhatTheReadmeSays) {
  const std::string text = readme();
  const auto fresh = put_coverage(text);
  ASSERT_TRUE(fresh) << fresh.error().message();
  EXPECT_TRUE(*fresh == text) << "run: understudy-agent commands --into agent/README.md";
}

TEST(Coverage, TellsEveryCommandOfTheCatalog) {
  const auto rows = command_coverage();
  EXPECT_EQ(rows.size(), mdm::Catalog::builtin().commands().size());
  for (const Coverage& row : rows) {
    const bool performed = std::ranges::any_of(command_table(), [&](const CommandRow& candidate) {
      return candidate.request_type == row.spec->name;
    });
    EXPECT_EQ(row.performed, performed) << row.spec->name;
  }
}

TEST(Coverage, TellsWhereACommandExistsAndWhatItNeeds) {
  EXPECT_THAT(coverage_table(), HasSubstr("\n| DeviceLock | yes | 4.0 | 10.7 |  | 2.0 | 10.0 |\n"));
  EXPECT_THAT(coverage_table(), HasSubstr("\n| LogOutUser | yes | 9.3 i |  |  |  |  |\n"));
  EXPECT_THAT(coverage_table(),
              HasSubstr("\n| NSExtensionMappings | yes |  | 10.13 u |  |  |  |\n"));
}

TEST(Coverage, WantsItsTwoLines) {
  EXPECT_FALSE(put_coverage("text"));
  EXPECT_FALSE(put_coverage(std::string(kCoverageEnd) + std::string(kCoverageBegin)));
  const auto put = put_coverage("a\n" + std::string(kCoverageBegin) + "old\n" +
                                std::string(kCoverageEnd) + "z\n");
  ASSERT_TRUE(put);
  EXPECT_THAT(*put, ::testing::StartsWith("a\n<!-- commands: begin -->\n| command |"));
  EXPECT_THAT(*put, ::testing::EndsWith("|\n<!-- commands: end -->\nz\n"));
}

}  // namespace
}  // namespace understudy::agent::test
