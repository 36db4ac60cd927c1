#include "shared/mdm/validate.h"

#include <gmock/gmock.h>

#include "tests/unit/shared/mdm/sample_messages.h"

namespace understudy::mdm {
namespace {

using plist::Array;
using plist::Dict;
using samples::text_of;
using samples::willing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> command(Dict body, const Target& target = willing(Platform::ios)) {
  return text_of(validate_command(
      Catalog::builtin(), Dict{{"CommandUUID", "1"}, {"Command", std::move(body)}}, target));
}

std::vector<std::string> response(const char* type, Dict message,
                                  const Target& target = willing(Platform::ios)) {
  message.insert({{"Status", "Acknowledged"}, {"CommandUUID", "1"}, {"UDID", "u"}});
  return text_of(validate_response(Catalog::builtin(), type, message, target));
}

std::vector<std::string> checkin(Dict message, const Target& target = willing(Platform::ios)) {
  return text_of(validate_checkin(Catalog::builtin(), std::move(message), target));
}

TEST(ValidateCommand, AcceptsWhatTheSchemaDescribes) {
  EXPECT_THAT(command({{"RequestType", "DeviceLock"}, {"Message", "Lost"}}), IsEmpty());
  EXPECT_THAT(command({{"RequestType", "ProfileList"}, {"RequestRequiresNetworkTether", true}}),
              IsEmpty());
}

TEST(ValidateCommand, RefusesWhatIsNoCommandAtAll) {
  const auto check = [](const plist::Value& message) {
    return text_of(validate_command(Catalog::builtin(), message, willing(Platform::ios)));
  };
  EXPECT_THAT(check("text"), ElementsAre("wrong-type "));
  EXPECT_THAT(check(Dict{}), ElementsAre("missing-key CommandUUID", "missing-key Command"));
  EXPECT_THAT(check(Dict{{"CommandUUID", 5}, {"Command", Array{}}}),
              ElementsAre("wrong-type CommandUUID", "wrong-type Command"));
  EXPECT_THAT(command({}), ElementsAre("missing-key Command.RequestType"));
  EXPECT_THAT(command({{"RequestType", true}}), ElementsAre("wrong-type Command.RequestType"));
  EXPECT_THAT(command({{"RequestType", "SelfDestruct"}}), ElementsAre("unknown-request "));
}

TEST(ValidateCommand, KnowsTheQueriesOfDeviceInformation) {
  const auto ask = [](const char* query) {
    return command({{"RequestType", "DeviceInformation"}, {"Queries", Array{"UDID", query}}});
  };
  EXPECT_THAT(ask("SerialNumber"), IsEmpty());
  EXPECT_THAT(ask("Zork"), ElementsAre("unknown-key Command.Queries[1]"));
  EXPECT_THAT(ask("IsAppleSilicon"), ElementsAre("key-not-here Command.Queries[1]"));
}

/// In the words of its file, not in its fields.
TEST(ValidateCommand, GivesUserConfiguredToSharedIpadsOnly) {
  Target ipad = willing(Platform::ios);
  EXPECT_THAT(command({{"RequestType", "UserConfigured"}}, ipad), ElementsAre("not-on-platform "));
  ipad.shared_ipad = true;
  ipad.channel = Channel::user;
  EXPECT_THAT(command({{"RequestType", "UserConfigured"}}, ipad), IsEmpty());
}

TEST(ValidateCommand, NamesKeysThatAreMissingUnknownOrOfAnotherType) {
  EXPECT_THAT(command({{"RequestType", "ClearPasscode"}}),
              ElementsAre("missing-key Command.UnlockToken"));
  EXPECT_THAT(command({{"RequestType", "ClearPasscode"}, {"UnlockToken", "text"}}),
              ElementsAre("wrong-type Command.UnlockToken"));
  EXPECT_THAT(command({{"RequestType", "DeviceLock"}, {"Massage", "x"}, {"Message", 5}}),
              UnorderedElementsAre("unknown-key Command.Massage", "wrong-type Command.Message"));
  EXPECT_THAT(command({{"RequestType", "ProfileList"}, {"RequestRequiresNetworkTether", 1}}),
              ElementsAre("wrong-type Command.RequestRequiresNetworkTether"));
}

TEST(ValidateCommand, KnowsKeysOfOtherPlatformsAndVersions) {
  const Dict lock{{"RequestType", "DeviceLock"}, {"PIN", "123456"}};
  EXPECT_THAT(command(lock), ElementsAre("key-not-here Command.PIN"));
  Target mac = willing(Platform::macos);
  EXPECT_THAT(command(lock, mac), IsEmpty());
  mac.os = {{10, 7}};
  EXPECT_THAT(command(lock, mac), ElementsAre("key-not-here Command.PIN"));
}

TEST(ValidateCommand, SaysNothingOfKeysWhereTheCommandDoesNotExist) {
  EXPECT_THAT(command({{"RequestType", "DeviceLock"}, {"Massage", "x"}}, willing(Platform::tvos)),
              ElementsAre("not-on-platform "));
}

Dict settings(Dict item) {
  return {{"RequestType", "Settings"}, {"Settings", Array{std::move(item)}}};
}

TEST(ValidateCommand, JudgesASettingByTheOneItNames) {
  EXPECT_THAT(command(settings({{"Item", "Bluetooth"}, {"Enabled", true}})), IsEmpty());
  EXPECT_THAT(command(settings({{"Item", "Bluetooth"}, {"Enabled", "yes"}})),
              ElementsAre("wrong-type Command.Settings[0].Enabled"));
  EXPECT_THAT(command(settings({{"Item", "Bluetooth"}})),
              ElementsAre("missing-key Command.Settings[0].Enabled"));
  EXPECT_THAT(command(settings({{"Item", "Coffee"}})),
              ElementsAre("bad-value Command.Settings[0].Item"));
  EXPECT_THAT(command(settings({{"Enabled", true}})),
              ElementsAre("missing-key Command.Settings[0].Item"));
  Target plain = willing(Platform::ios);
  plain.supervised = false;
  EXPECT_THAT(command(settings({{"Item", "Bluetooth"}, {"Enabled", true}}), plain),
              ElementsAre("needs-supervision Command.Settings[0]"));
  EXPECT_THAT(command(settings({{"Item", "Wallpaper"}, {"Image", to_bytes("x")}, {"Where", 4}})),
              ElementsAre("bad-value Command.Settings[0].Where"));
  EXPECT_THAT(command(settings({{"Item", "Wallpaper"}, {"Image", to_bytes("x")}, {"Where", 1}}),
                      willing(Platform::macos)),
              ElementsAre("key-not-here Command.Settings[0]"));
}

TEST(ValidateCommand, LetsWildcardsHoldAnything) {
  EXPECT_THAT(command({{"RequestType", "InstallApplication"},
                       {"Identifier", "com.example.app"},
                       {"ManagementFlags", 1},
                       {"Configuration", Dict{{"server", "x"}, {"ports", Array{1, "two"}}}}}),
              IsEmpty());
}

TEST(ValidateCommand, StopsListingAfterAHundredProblems) {
  Dict body{{"RequestType", "DeviceLock"}};
  for (int i = 0; i < 1000; ++i) body["Unknown" + std::to_string(i)] = i;
  EXPECT_EQ(command(body).size(), kMaxProblems);
}

TEST(ValidateResponse, ChecksTheEnvelopeOfEveryStatus) {
  const auto check = [](const Dict& message) {
    return text_of(
        validate_response(Catalog::builtin(), "DeviceLock", message, willing(Platform::ios)));
  };
  EXPECT_THAT(check({{"Status", "Idle"}, {"UDID", "u"}}), IsEmpty());
  EXPECT_THAT(check({{"Status", "NotNow"}, {"EnrollmentID", "e"}, {"CommandUUID", "1"}}),
              IsEmpty());
  EXPECT_THAT(check({}),
              ElementsAre("missing-key Status", "missing-key CommandUUID", "missing-key UDID"));
  EXPECT_THAT(check({{"Status", "Done"}, {"UDID", "u"}, {"CommandUUID", "1"}}),
              ElementsAre("bad-value Status"));
  EXPECT_THAT(check({{"Status", "Error"}, {"UDID", "u"}, {"CommandUUID", "1"}}),
              ElementsAre("missing-key ErrorChain"));
  EXPECT_THAT(check({{"Status", "Error"},
                     {"UDID", "u"},
                     {"CommandUUID", "1"},
                     {"ErrorChain", Array{Dict{{"ErrorCode", "12"}, {"ErrorDomain", "d"}}}}}),
              ElementsAre("wrong-type ErrorChain[0].ErrorCode",
                          "missing-key ErrorChain[0].LocalizedDescription"));
  EXPECT_THAT(
      check({{"Status", "Error"}, {"UDID", "u"}, {"CommandUUID", "1"}, {"ErrorChain", "reasons"}}),
      ElementsAre("wrong-type ErrorChain"));
}

TEST(ValidateResponse, ChecksTheKeysOfAnAcknowledgedResult) {
  EXPECT_THAT(response("DeviceLock", {{"MessageResult", "Success"}}), IsEmpty());
  EXPECT_THAT(response("DeviceLock", {{"MessageResult", 1}}),
              ElementsAre("wrong-type MessageResult"));
  EXPECT_THAT(response("DeviceLock", {{"Color", "red"}}), ElementsAre("unknown-key Color"));
  EXPECT_THAT(response("CertificateList", {}), ElementsAre("missing-key CertificateList"));
  EXPECT_THAT(response("CertificateList",
                       {{"CertificateList", Array{Dict{{"CommonName", "x"}, {"IsIdentity", 1}}}}}),
              UnorderedElementsAre("wrong-type CertificateList[0].IsIdentity",
                                   "missing-key CertificateList[0].Data"));
  EXPECT_THAT(response("SelfDestruct", {}), ElementsAre("unknown-request "));
}

TEST(ValidateResponse, TakesOneSettingOrSeveral) {
  const Dict one{{"Status", "Acknowledged"}};
  EXPECT_THAT(response("Settings", {{"Settings", one}}), IsEmpty());
  EXPECT_THAT(response("Settings", {{"Settings", Array{one, one}}}), IsEmpty());
  EXPECT_THAT(response("Settings", {{"Settings", Array{one, Dict{}}}}),
              ElementsAre("missing-key Settings[1].Status"));
}

TEST(ValidateResponse, ForgivesWhatRealDevicesDo) {
  // captured: a Mac repeats the RequestType, an app list leaves a required key out
  EXPECT_THAT(response("DeviceLock", {{"RequestType", "DeviceLock"}}, willing(Platform::macos)),
              IsEmpty());
  EXPECT_THAT(response("DeviceLock", {{"RequestType", "DeviceLock"}}),
              ElementsAre("unknown-key RequestType"));
}

Dict token_update() {
  return {{"MessageType", "TokenUpdate"},
          {"Topic", "com.apple.mgmt.x"},
          {"Token", to_bytes("t")},
          {"PushMagic", "m"},
          {"UDID", "u"}};
}

TEST(ValidateCheckin, AcceptsATokenUpdateOfEachPlatform) {
  for (const Platform platform : samples::kAllPlatforms) {
    EXPECT_THAT(checkin(token_update(), willing(platform)), IsEmpty()) << platform_name(platform);
  }
}

TEST(ValidateCheckin, WantsNotOnConsoleOnTheUserChannelOfAMacOnly) {
  Target mac = willing(Platform::macos);
  Dict message = token_update();
  message["NotOnConsole"] = false;
  EXPECT_THAT(checkin(message, mac), ElementsAre("key-not-here NotOnConsole"));
  mac.channel = Channel::user;
  message["UserID"] = "id";
  message["UserShortName"] = "short";
  message["UserLongName"] = "long";
  EXPECT_THAT(checkin(message, mac), IsEmpty());
  message["AuthToken"] = "token of UserAuthenticate";
  EXPECT_THAT(checkin(message, mac), IsEmpty());
  message.erase("NotOnConsole");
  EXPECT_THAT(checkin(message, mac), ElementsAre("missing-key NotOnConsole"));
}

TEST(ValidateCheckin, TellsTheKindsOfEnrollmentApart) {
  Target target = willing(Platform::ios);
  Dict message = token_update();
  message["EnrollmentID"] = "e";
  EXPECT_THAT(checkin(message, target), ElementsAre("key-not-here EnrollmentID"));
  target.enrollment = EnrollmentKind::user;
  EXPECT_THAT(checkin(message, target), ElementsAre("key-not-here UDID"));
  message.erase("UDID");
  EXPECT_THAT(checkin(message, target), IsEmpty());
  message.erase("EnrollmentID");
  EXPECT_THAT(checkin(message, target), ElementsAre("missing-key EnrollmentID"));
}

TEST(ValidateCheckin, LetsAUserEnrolledMacCheckOutWithoutUdid) {
  Target mac = willing(Platform::macos);
  mac.enrollment = EnrollmentKind::user;
  EXPECT_THAT(checkin({{"MessageType", "CheckOut"}, {"Topic", "t"}, {"EnrollmentID", "e"}}, mac),
              IsEmpty());
}

TEST(ValidateCheckin, WantsEveryMessageToNameItsSender) {
  const Target mac = willing(Platform::macos);
  EXPECT_THAT(checkin({{"MessageType", "GetBootstrapToken"}, {"UDID", "u"}}, mac), IsEmpty());
  EXPECT_THAT(checkin({{"MessageType", "GetBootstrapToken"}}, mac),
              ElementsAre("missing-key UDID"));
}

TEST(ValidateCheckin, LetsTheFirstUserAuthenticateGoWithoutDigest) {
  Target mac = willing(Platform::macos);
  mac.channel = Channel::user;
  EXPECT_THAT(checkin({{"MessageType", "UserAuthenticate"}, {"UDID", "u"}, {"UserID", "i"}}, mac),
              IsEmpty());
}

TEST(ValidateCheckin, KeepsTheSerialNumberBehindItsRight) {
  Target target = willing(Platform::ios);
  const Dict message{
      {"MessageType", "Authenticate"}, {"Topic", "t"}, {"UDID", "u"}, {"SerialNumber", "S"}};
  EXPECT_THAT(checkin(message, target), IsEmpty());
  target.access_rights = rights::kAll & ~rights::kDeviceInformation;
  EXPECT_THAT(checkin(message, target), ElementsAre("needs-right SerialNumber"));
}

TEST(ValidateCheckin, RefusesWhatIsNoCheckin) {
  EXPECT_THAT(checkin({}), ElementsAre("missing-key MessageType"));
  EXPECT_THAT(checkin({{"MessageType", "Hello"}}), ElementsAre("unknown-request MessageType"));
  EXPECT_THAT(checkin({{"MessageType", "SetBootstrapToken"}, {"UDID", "u"}}),
              ElementsAre("not-on-platform MessageType"));
}

}  // namespace
}  // namespace understudy::mdm
