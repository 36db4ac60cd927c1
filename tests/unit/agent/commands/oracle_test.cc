/// Every reply on every platform, judged by a witness that was written apart from this project.

#include <filesystem>
#include <fstream>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/samples.h"

namespace understudy::agent::test {
namespace {

using ::testing::HasSubstr;

/// One reply to each command that the device has; their number.
int write_replies(const Stand& stand, const support::TempDir& directory, std::ofstream& list) {
  static int counter = 0;
  int written = 0;
  for (const mdm::MessageSpec& spec : mdm::Catalog::builtin().commands()) {
    if (spec.is_newer()) continue;  // the oracle does not know it
    Enrolled enrolled(stand.options);
    enrolled.channel = stand.channel;
    const bool allowed =
        mdm::check_allowed(mdm::Catalog::builtin(), spec.name, enrolled.target()).empty();
    if (!allowed || hardware_lacks(spec.name, enrolled.device.hardware)) continue;
    const plist::Dict keys = sample_arguments(spec, enrolled);
    const Device before = enrolled.device;
    const Outcome outcome = enrolled.run(spec.name, keys);
    EXPECT_THAT(outcome, Acknowledged()) << spec.name;
    const std::string name = std::to_string(++counter) + ".plist";
    std::ofstream(directory / name) << plist::write_xml(report(before, outcome)).value();
    list << name << '\t' << spec.name << '\t' << mdm::platform_name(before.hardware.platform)
         << '\t' << before.hardware.os_version << '\t'
         << (stand.channel == mdm::Channel::user ? "user" : "device") << '\t'
         << (before.supervised ? 1 : 0) << '\n';
    ++written;
  }
  return written;
}

TEST(Oracle, FindsNothingWrongWithAnyReplyOnAnyPlatform) {
  const std::filesystem::path shared = std::filesystem::path(UNDERSTUDY_SOURCE_DIR) / "../shared";
  if (!std::filesystem::exists(shared / "oracle/mdm_oracle.py")) {
    GTEST_SKIP() << "the schema oracle is not beside the project";
  }
  const support::TempDir directory;
  int written = 0;
  {
    std::ofstream list(directory / "list");
    for (const Stand& stand : stands()) written += write_replies(stand, directory, list);
    for (const auto& [model, version] :
         {std::pair{"iphone", "17.0"}, std::pair{"mac", "13.6"}, std::pair{"visionpro", "1.1"},
          std::pair{"watch", "10.0"}}) {
      written += write_replies({{model, version, false}}, directory, list);
    }
  }
  EXPECT_GT(written, 600);
  const std::string script =
      std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/unit/agent/commands/oracle_replies.py";
  const auto output =
      support::run({"/usr/bin/python3", script, (shared / "oracle").string(),
                    (shared / "apple-device-management").string(), directory.path().string()});
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  EXPECT_THAT(output.out, HasSubstr("checked " + std::to_string(written)));
}

}  // namespace
}  // namespace understudy::agent::test
