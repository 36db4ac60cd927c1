/// What the README says about policies and faults is what there is.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "server-mock/apns/fault_points.h"
#include "server-mock/apns/policies.h"

namespace understudy::apns_mock {
namespace {

std::vector<std::string> readme_lines() {
  std::ifstream file(std::string(UNDERSTUDY_SOURCE_DIR) + "/server-mock/apns/README.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The one line of a table that begins with this cell.
std::string row(const std::string& first_cell) {
  std::string found;
  for (const std::string& line : readme_lines()) {
    if (line.starts_with("| `" + first_cell + "` |")) {
      EXPECT_EQ(found, "") << first_cell << " stands there twice";
      found = line;
    }
  }
  return found;
}

TEST(ApnsReadme, NamesEveryPolicyWithItsDefault) {
  for (const PolicyText& policy : policy_table(Policies())) {
    EXPECT_NE(row(policy.name).find("| `" + policy.value + "` |"), std::string::npos)
        << policy.name << "=" << policy.value;
  }
}

TEST(ApnsReadme, NamesEveryFault) {
  for (const faults::Hop& hop : fault_points()) {
    for (const faults::Action& action : hop.actions) {
      EXPECT_NE(row(hop.name).find("`" + action.name + "`"), std::string::npos)
          << hop.name << ":" << action.name;
    }
  }
}

}  // namespace
}  // namespace understudy::apns_mock
