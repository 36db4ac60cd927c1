#include "shared/mdm/messages.h"

#include <gmock/gmock.h>

#include "shared/plist/plist.h"
#include "tests/support/command.h"

namespace understudy::mdm {
namespace {

using plist::Array;
using plist::Dict;
using ::testing::HasSubstr;

Sender iphone() {
  return {.udid = "UDID-1"};
}

template <class T>
T reparsed(const T& message) {
  const auto checkin = parse_checkin(to_plist(Checkin(message)));
  EXPECT_TRUE(checkin) << checkin.error().message();
  return std::get<T>(*checkin);
}

TEST(Checkin, KeepsAnAuthenticate) {
  Authenticate in{.sender = iphone(),
                  .topic = "com.apple.mgmt.x",
                  .device_name = "Phone",
                  .model_name = "iPhone",
                  .model = "MPXV3LL/A",
                  .product_name = "iPhone15,2",
                  .os_version = "18.1",
                  .build_version = "22B83",
                  .serial_number = "S1",
                  .imei = "49",
                  .meid = "A1"};
  const Authenticate out = reparsed(in);
  EXPECT_EQ(out.sender, in.sender);
  EXPECT_EQ(out.topic, in.topic);
  EXPECT_EQ(out.device_name, in.device_name);
  EXPECT_EQ(out.model_name, in.model_name);
  EXPECT_EQ(out.model, in.model);
  EXPECT_EQ(out.product_name, in.product_name);
  EXPECT_EQ(out.os_version, in.os_version);
  EXPECT_EQ(out.build_version, in.build_version);
  EXPECT_EQ(out.serial_number, in.serial_number);
  EXPECT_EQ(out.imei, in.imei);
  EXPECT_EQ(out.meid, in.meid);
}

TEST(Checkin, LeavesOutWhatIsEmpty) {
  const plist::Value value = to_plist(Checkin(Authenticate{.sender = iphone(), .topic = "t"}));
  EXPECT_EQ(value, plist::Value(
                       Dict{{"MessageType", "Authenticate"}, {"Topic", "t"}, {"UDID", "UDID-1"}}));
}

TEST(Checkin, KeepsATokenUpdateOfBothChannels) {
  TokenUpdate in{.sender = iphone(), .topic = "t", .token = {1, 2, 0}, .push_magic = "magic"};
  in.unlock_token = Bytes{9};
  in.awaiting_configuration = false;
  TokenUpdate out = reparsed(in);
  EXPECT_EQ(out.token, in.token);
  EXPECT_EQ(out.push_magic, "magic");
  EXPECT_EQ(out.unlock_token, in.unlock_token);
  EXPECT_EQ(out.awaiting_configuration, false);
  EXPECT_EQ(out.not_on_console, std::nullopt);
  EXPECT_FALSE(out.sender.user_channel());

  in.sender = {.udid = "U", .user_id = "1", .user_short_name = "s", .user_long_name = "l"};
  in.not_on_console = true;
  out = reparsed(in);
  EXPECT_EQ(out.sender, in.sender);
  EXPECT_TRUE(out.sender.user_channel());
  EXPECT_EQ(out.not_on_console, true);
}

TEST(Checkin, KnowsTheSenderOfAUserEnrollment) {
  TokenUpdate in{.sender = {.enrollment_id = "E", .enrollment_user_id = "EU"}, .topic = "t"};
  const TokenUpdate out = reparsed(in);
  EXPECT_EQ(out.sender.device_id(), "E");
  EXPECT_TRUE(out.sender.user_channel());
  EXPECT_EQ(out.sender, in.sender);
}

TEST(Checkin, KeepsACheckOutAndEveryOtherMessage) {
  EXPECT_EQ(reparsed(CheckOut{iphone(), "t"}).topic, "t");
  OtherCheckin in{iphone(), "DeclarativeManagement", {{"Endpoint", "tokens"}}};
  const OtherCheckin out = reparsed(in);
  EXPECT_EQ(out.message_type, "DeclarativeManagement");
  EXPECT_EQ(out.sender, in.sender);
  EXPECT_EQ(plist::Value(out.body), plist::Value(in.body));
  EXPECT_EQ(message_type(Checkin(out)), "DeclarativeManagement");
  EXPECT_EQ(message_type(Checkin(CheckOut{})), "CheckOut");
}

TEST(Checkin, IsReadByPlistutil) {
  TokenUpdate message{.sender = iphone(), .topic = "t", .token = {0, 255}, .push_magic = "m&<"};
  const auto xml = plist::write_xml(to_plist(Checkin(message)));
  ASSERT_TRUE(xml);
  const auto binary = support::run({"plistutil", "-i", "-", "-f", "bin"}, *xml);
  ASSERT_EQ(binary.status, 0) << binary.err;
  const auto value = plist::read_binary(as_bytes(binary.out));
  ASSERT_TRUE(value) << value.error().message();
  EXPECT_EQ(*value, to_plist(Checkin(message)));
}

void expect_refused(const plist::Value& message, errc code, const char* what) {
  const auto checkin = parse_checkin(message);
  ASSERT_FALSE(checkin) << what;
  EXPECT_EQ(checkin.error().code, code);
  EXPECT_THAT(checkin.error().message(), HasSubstr(what));
}

TEST(Checkin, RefusesWhatIsIncompleteAndNamesIt) {
  expect_refused("text", errc::wrong_type, "check-in: the message is <string>");
  expect_refused(Dict{}, errc::missing_key, "MessageType is missing");
  expect_refused(Dict{{"MessageType", 5}}, errc::wrong_type, "MessageType is <integer>");
  expect_refused(Dict{{"MessageType", "Hello"}}, errc::unknown_message, "\"Hello\"");
  expect_refused(Dict{{"MessageType", "CheckOut"}, {"Topic", "t"}}, errc::missing_key,
                 "UDID and EnrollmentID are both missing");
  expect_refused(Dict{{"MessageType", "CheckOut"}, {"UDID", "u"}}, errc::missing_key,
                 "CheckOut: Topic is missing");
  Dict token{{"MessageType", "TokenUpdate"}, {"UDID", "u"}, {"Topic", "t"}, {"PushMagic", "m"}};
  expect_refused(token, errc::missing_key, "TokenUpdate: Token is missing");
  token["Token"] = "text";
  expect_refused(token, errc::wrong_type, "TokenUpdate: Token is <string>, should be <data>");
  token["Token"] = Bytes{1};
  token.erase("PushMagic");
  expect_refused(token, errc::missing_key, "tokenupdate.yaml");
  token["PushMagic"] = "m";
  token["UnlockToken"] = 1;
  expect_refused(token, errc::wrong_type, "UnlockToken");
  expect_refused(Dict{{"MessageType", "Authenticate"}, {"UDID", "u"}, {"Topic", "t"}, {"IMEI", 4}},
                 errc::wrong_type, "IMEI is <integer>");
  expect_refused(Dict{{"MessageType", "Authenticate"}, {"UDID", Bytes{}}, {"Topic", "t"}},
                 errc::wrong_type, "UDID is <data>");
}

TEST(Checkin, IsToldFromAResult) {
  EXPECT_TRUE(is_checkin(Dict{{"MessageType", "CheckOut"}}));
  EXPECT_FALSE(is_checkin(Dict{{"Status", "Idle"}}));
  EXPECT_FALSE(is_checkin("text"));
}

TEST(Command, SurvivesTheWay) {
  const Command in{"c-1", "DeviceLock", {{"RequestType", "DeviceLock"}, {"Message", "x"}}};
  const auto out = parse_command(to_plist(in));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->uuid, "c-1");
  EXPECT_EQ(out->request_type, "DeviceLock");
  EXPECT_EQ(plist::Value(out->body), plist::Value(in.body));
  EXPECT_FALSE(out->needs_tether());
}

TEST(Command, GetsItsRequestTypeIntoTheBody) {
  EXPECT_EQ(
      to_plist(Command{"1", "ProfileList", {}}),
      plist::Value(Dict{{"CommandUUID", "1"}, {"Command", Dict{{"RequestType", "ProfileList"}}}}));
}

TEST(Command, SaysWhetherItNeedsATether) {
  Command command{"1", "ProfileList", {{"RequestRequiresNetworkTether", true}}};
  EXPECT_TRUE(command.needs_tether());
  command.body["RequestRequiresNetworkTether"] = 1;
  EXPECT_FALSE(command.needs_tether());
}

TEST(Command, RefusesWhatIsIncomplete) {
  const auto refused = [](const plist::Value& message, errc code, const char* what) {
    const auto command = parse_command(message);
    ASSERT_FALSE(command);
    EXPECT_EQ(command.error().code, code);
    EXPECT_THAT(command.error().message(), HasSubstr(what));
  };
  refused(Array{}, errc::wrong_type, "command: the message is <array>");
  refused(Dict{{"Command", Dict{}}}, errc::missing_key, "CommandUUID is missing");
  refused(Dict{{"CommandUUID", "1"}}, errc::missing_key, "Command is missing");
  refused(Dict{{"CommandUUID", "1"}, {"Command", "x"}}, errc::wrong_type, "Command is <string>");
  refused(Dict{{"CommandUUID", "1"}, {"Command", Dict{}}}, errc::missing_key, "RequestType");
}

TEST(Report, KeepsAnErrorWithItsChain) {
  Report in{.sender = {.udid = "U", .user_id = "1", .user_short_name = "s"},
            .status = Status::error,
            .command_uuid = "c-1",
            .error_chain = {{kMdmErrorDomain, 12021, "Unknown command."}, {"Cause", -3, "Why."}},
            .body = {{"RequestType", "X"}}};
  in.not_on_console = false;
  const auto out = parse_report(to_plist(in));
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_EQ(out->sender, in.sender);
  EXPECT_EQ(out->status, Status::error);
  EXPECT_EQ(out->command_uuid, "c-1");
  EXPECT_EQ(out->error_chain, in.error_chain);
  EXPECT_EQ(out->not_on_console, false);
  EXPECT_EQ(plist::Value(out->body), plist::Value(in.body));
}

TEST(Report, OfIdleHasNoCommand) {
  const plist::Value idle = to_plist(Report{.sender = iphone()});
  EXPECT_EQ(idle, plist::Value(Dict{{"Status", "Idle"}, {"UDID", "UDID-1"}}));
  const auto out = parse_report(idle);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->status, Status::idle);
  EXPECT_EQ(out->command_uuid, "");
}

TEST(Report, RefusesWhatIsIncomplete) {
  const auto refused = [](const plist::Value& message, errc code, const char* what) {
    const auto report = parse_report(message);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, code);
    EXPECT_THAT(report.error().message(), HasSubstr(what));
  };
  refused(5, errc::wrong_type, "result: the message is <integer>");
  refused(Dict{{"UDID", "u"}}, errc::missing_key, "Status is missing");
  refused(Dict{{"UDID", "u"}, {"Status", "Fine"}}, errc::unknown_message, "\"Fine\"");
  refused(Dict{{"UDID", "u"}, {"Status", "NotNow"}}, errc::missing_key, "CommandUUID is missing");
  refused(Dict{{"Status", "Idle"}}, errc::missing_key, "UDID and EnrollmentID");
  refused(Dict{{"UDID", "u"}, {"Status", "Error"}, {"CommandUUID", "1"}, {"ErrorChain", 4}},
          errc::wrong_type, "ErrorChain");
}

TEST(Status, HasApplesNames) {
  for (const Status status : {Status::idle, Status::acknowledged, Status::error,
                              Status::command_format_error, Status::not_now}) {
    EXPECT_EQ(status_from_name(status_name(status)), status);
  }
  EXPECT_EQ(status_name(Status::not_now), "NotNow");
  EXPECT_EQ(status_name(Status::command_format_error), "CommandFormatError");
  EXPECT_EQ(status_from_name("notnow"), std::nullopt);
}

TEST(ErrorChain, PassesOverWhatIsNoEntry) {
  EXPECT_EQ(error_chain_from_plist(Array{"text", Dict{{"ErrorCode", 5}}}),
            (ErrorChain{{"", 5, ""}}));
  EXPECT_EQ(error_chain_from_plist("text"), ErrorChain{});
  const auto local = error_chain_from_plist(
      Array{Dict{{"LocalizedDescription", "Nein"}},
            Dict{{"LocalizedDescription", "Nein"}, {"USEnglishDescription", "No"}}});
  ASSERT_EQ(local.size(), 2U);
  EXPECT_EQ(local[0].description, "Nein");
  EXPECT_EQ(local[1].description, "No");
}

TEST(Redacted, HidesSecretsAndKeepsTypes) {
  const plist::Value in =
      Dict{{"Token", Bytes(32, 7)},
           {"UnlockToken", Bytes(900, 7)},
           {"PushMagic", "secret-1"},
           {"BootstrapToken", Bytes{1}},
           {"Topic", "com.apple.mgmt.x"},
           {"Command", Dict{{"RequestType", "EraseDevice"},
                            {"PIN", "123456"},
                            {"NewPassword", "secret-2"},
                            {"Payload", to_bytes("secret-3")}}},
           {"PasswordChanged", true},
           {"FirmwarePasswordStatus", Dict{{"PasswordExists", true}, {"Mode", "command"}}},
           {"PayloadContent",
            Array{Dict{{"PayloadType", "com.apple.security.scep"},
                       {"PayloadContent", Dict{{"Challenge", "secret-4"}, {"URL", "http://x"}}}},
                  Dict{{"PayloadContent", to_bytes("secret-5")}, {"Password", "secret-6"}}}},
           {"passwordHash", to_bytes("secret-7")},
           {"UnlockTokens", Array{"fine"}},
           {"AuthToken", Array{"secret-8"}}};
  const plist::Value out = redacted(in);
  const auto xml = plist::write_xml(out);
  ASSERT_TRUE(xml);
  EXPECT_THAT(*xml, ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(*xml, ::testing::Not(HasSubstr(base64_encode(as_bytes("secret-3")))));
  EXPECT_EQ(out.data_at("Token"), to_bytes("redacted"));
  EXPECT_EQ(out.string_at("PushMagic"), "redacted");
  EXPECT_EQ(out.find("Command")->string_at("PIN"), "redacted");
  EXPECT_EQ(out.find("Command")->string_at("RequestType"), "EraseDevice");
  EXPECT_EQ(out.string_at("Topic"), "com.apple.mgmt.x");
  EXPECT_EQ(out.bool_at("PasswordChanged"), true);
  EXPECT_EQ(out.find("FirmwarePasswordStatus")->string_at("Mode"), "command");
  const auto& payloads = *out.find("PayloadContent")->if_array();
  EXPECT_EQ(payloads.at(0).find("PayloadContent")->string_at("URL"), "http://x");
  EXPECT_EQ(payloads.at(1).data_at("PayloadContent"), to_bytes("redacted"));
}

}  // namespace
}  // namespace understudy::mdm
