#include "server-mock/workflow/console_commands.h"

#include <gtest/gtest.h>

#include "shared/core/errc.h"
#include "shared/plist/plist.h"
#include "tests/support/command.h"

namespace understudy::server {
namespace {

DeviceRecord device_with_token() {
  DeviceRecord device;
  device.id = "D1";
  device.unlock_token = to_bytes("unlock");
  return device;
}

TEST(ConsoleCommands, LocksWithMessageAndPin) {
  ActionParameters parameters;
  parameters.message = "Lost";
  parameters.pin = "123456";
  const auto command = command_for(Action::lock, parameters, {}, "e");
  ASSERT_TRUE(command);
  EXPECT_EQ(*command,
            (plist::Dict{{"RequestType", "DeviceLock"}, {"Message", "Lost"}, {"PIN", "123456"}}));
}

TEST(ConsoleCommands, LocksAMacWithAPinAndNothingElseWithOne) {
  const auto code = [](const char* product, const char* pin) {
    DeviceRecord device;
    device.product_name = product;
    ActionParameters parameters;
    parameters.pin = pin;
    const auto command = command_for(Action::lock, parameters, device, "e");
    return command ? std::error_code() : command.error().code;
  };
  EXPECT_EQ(code("Mac15,3", "123456"), std::error_code());
  EXPECT_EQ(code("MacBookPro18,3", "12"), errc::invalid_argument);
  EXPECT_EQ(code("iMac21,1", ""), errc::invalid_argument);
  EXPECT_EQ(code("iPhone15,2", ""), std::error_code());
  EXPECT_EQ(code("iPhone15,2", "123456"), errc::invalid_argument);
}

TEST(ConsoleCommands, ClearsAPasscodeWithTheEscrowedToken) {
  const auto command = command_for(Action::clear_passcode, {}, device_with_token(), "e");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->at("UnlockToken"), plist::Value(to_bytes("unlock")));
  const auto without = command_for(Action::clear_passcode, {}, {}, "e");
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, errc::unsupported);
}

TEST(ConsoleCommands, BreaksMdmByRemovingTheEnrollmentProfile) {
  const auto command = command_for(Action::break_mdm, {}, {}, "org.example.enrollment");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->at("RequestType"), plist::Value("RemoveProfile"));
  EXPECT_EQ(command->at("Identifier"), plist::Value("org.example.enrollment"));
}

TEST(ConsoleCommands, RefusesACommandWithoutRequestType) {
  EXPECT_FALSE(command_for(Action::command, {}, {}, "e"));
  EXPECT_FALSE(action_from_name("explode"));
  EXPECT_EQ(action_from_name("wipe"), Action::wipe);
}

TEST(ConsoleCommands, WritesWhatPlistutilAndWeRead) {
  const auto text = write_command("U1", {{"RequestType", "ProfileList"}});
  ASSERT_TRUE(text);
  EXPECT_EQ(text->request_type, "ProfileList");
  const auto read = read_command(text->body);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->command_uuid, "U1");
  EXPECT_EQ(read->body, text->body);
  if (!support::have_program("plistutil")) GTEST_SKIP() << "plistutil is not installed";
  const auto output = support::run({"plistutil", "-i", "-", "-f", "xml"}, text->body);
  EXPECT_NE(output.out.find("<string>U1</string>"), std::string::npos) << output.out;
}

TEST(ConsoleCommands, SaysWhatIsMissingInACallersCommand) {
  EXPECT_FALSE(read_command("hello"));
  const auto no_uuid = read_command(
      "<plist version=\"1.0\"><dict><key>Command</key><dict><key>RequestType</key>"
      "<string>ProfileList</string></dict></dict></plist>");
  ASSERT_FALSE(no_uuid);
  EXPECT_NE(no_uuid.error().message().find("CommandUUID"), std::string::npos);
}

}  // namespace
}  // namespace understudy::server
