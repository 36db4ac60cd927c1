/// Every reply on every platform, judged by a witness that was written apart from this project.

#include <filesystem>
#include <fstream>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/commands/profile_samples.h"

namespace understudy::agent::test {
namespace {

using ::testing::HasSubstr;

plist::Dict keys_for(const std::string& type, const Device& device) {
  if (type == "DeviceInformation") {
    plist::Array names;
    const auto& queries = mdm::Catalog::builtin().command(type)->request.at(0).subkeys.at(0);
    for (const auto& query : queries.subkeys) names.emplace_back(query.name);
    return {{"Queries", std::move(names)}};
  }
  if (type == "DeviceLock") return {{"PIN", "123456"}, {"Message", "Call home"}};
  if (type == "ClearPasscode") return {{"UnlockToken", device.enrollment->unlock_token}};
  if (type == "InstallProfile") {
    return {{"Payload", sign(profile("org.example.new", {root_certificate()}))}};
  }
  if (type == "RemoveProfile") return {{"Identifier", "org.example.installed"}};
  return {};
}

/// One reply to each command of the table that the device has; their number.
int write_replies(const FactoryOptions& options, const support::TempDir& directory,
                  std::ofstream& list) {
  static int counter = 0;
  int written = 0;
  for (const CommandRow& row : command_table()) {
    const std::string type(row.request_type);
    Enrolled enrolled(options);
    if (!mdm::check_allowed(mdm::Catalog::builtin(), type, enrolled.device.target()).empty()) {
      continue;
    }
    EXPECT_THAT(install(enrolled, sign(profile("org.example.installed", {wifi(), pkcs12()}))),
                Acknowledged());
    const Device before = enrolled.device;
    const Outcome outcome = enrolled.run(type, keys_for(type, before));
    EXPECT_THAT(outcome, Acknowledged()) << type;
    const std::string name = std::to_string(++counter) + ".plist";
    std::ofstream(directory / name) << plist::write_xml(report(before, outcome)).value();
    list << name << '\t' << type << '\t' << mdm::platform_name(before.hardware.platform) << '\t'
         << before.hardware.os_version << '\t' << (before.supervised ? 1 : 0) << '\n';
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
    for (const bool supervised : {false, true}) {
      for (const char* model : {"iphone", "ipad", "iPad13,17", "mac", "Mac14,3", "mac-intel",
                                "appletv", "visionpro", "watch"}) {
        written += write_replies({model, "", supervised}, directory, list);
      }
    }
    written += write_replies({"iphone", "17.0", false}, directory, list);
    written += write_replies({"mac", "13.6", false}, directory, list);
    written += write_replies({"visionpro", "1.1", false}, directory, list);
    written += write_replies({"watch", "10.0", false}, directory, list);
  }
  EXPECT_GT(written, 150);
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
