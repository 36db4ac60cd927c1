// What the findings say, and the limits of the witness.

#include <gmock/gmock.h>

#include "shared/mdm/validate.h"
#include "tests/unit/agent/witness/messages.h"

namespace understudy::agent::witness {
namespace {

using namespace samples;
using plist::Dict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CheckCommand, NamesPlaceCommandAndSchemaFile) {
  const Findings findings = about(Dict{{"RequestType", "DeviceLock"}, {"Mesage", "hello"}});
  ASSERT_THAT(ids(findings), ElementsAre("command/unknown-key"));
  EXPECT_EQ(findings[0].level, Level::should);
  EXPECT_THAT(findings[0].what, HasSubstr("Command.Mesage"));
  EXPECT_EQ(findings[0].command_uuid, kUuid);
  EXPECT_EQ(findings[0].source, "mdm/commands/device.lock.yaml");
}

TEST(CheckCommand, FindsAKeyBesideCommand) {
  const auto findings = about(xml(Dict{
      {"CommandUUID", kUuid}, {"PIN", "1"}, {"Command", Dict{{"RequestType", "ProfileList"}}}}));
  ASSERT_THAT(ids(findings), ElementsAre("command/unknown-key"));
  EXPECT_THAT(findings[0].what, HasSubstr("PIN"));
}

TEST(CheckCommand, FindsSeveralFaultsOfOneMessage) {
  const auto findings = check_command_answer(
      answer(xml(Dict{{"Command", Dict{{"RequestType", "ClearPasscode"}}}}) + "more", 200,
             "text/html"),
      iphone());
  EXPECT_THAT(ids(findings), ElementsAre("http/command-content-type", "command/trailing-octets",
                                         "command/missing-uuid", "command/missing-key"));
}

TEST(CheckCommand, SaysOfWhichMessageEachFindingIs) {
  auto lenient = command("ProfileList");
  lenient += "more";
  for (const auto& one : check_command_answer(answer(lenient, 200, "text/html"), iphone())) {
    EXPECT_EQ(one.command_uuid, kUuid) << one.id;
  }
  for (const char* body : {" ", "<html>", "hello", "bplist"}) {
    for (const auto& one : check_command_answer(answer(body), iphone())) {
      EXPECT_THAT(one.what, HasSubstr("in the answer to Idle")) << one.id;
      EXPECT_EQ(one.command_uuid, "");
    }
    for (const auto& one : check_command_answer(answer(body), iphone(), "AN-EARLIER-ONE")) {
      EXPECT_THAT(one.what, HasSubstr("in the answer to the result of AN-EARLIER-ONE")) << one.id;
    }
  }
  const auto at_checkin = check_checkin_answer("TokenUpdate", answer("<html>"), iphone());
  ASSERT_THAT(ids(at_checkin), ElementsAre("http/html"));
  EXPECT_THAT(at_checkin[0].what, HasSubstr("in the answer to TokenUpdate"));
}

TEST(CheckCommand, AsksNothingOfAnswersThatAreNoSuccess) {
  for (const int status : {400, 403, 404, 500, 503}) {
    EXPECT_THAT(check_command_answer(answer("<html>", status, "text/html"), iphone()), IsEmpty())
        << status;
  }
  EXPECT_THAT(check_command_answer(answer("", 204, ""), iphone()), IsEmpty());
}

TEST(CheckCommand, StaysShortWhateverTheMessage) {
  Dict body = {{"RequestType", "DeviceLock"}};
  for (int i = 0; i < 1000; ++i) body["Key" + std::to_string(i)] = i;
  EXPECT_EQ(about(body).size(), kMaxPerMessage);

  const std::string endless(1'000'000, 'x');
  plist::Dict message = {{"CommandUUID", endless},
                         {endless, 1},
                         {"Command", Dict{{"RequestType", endless}, {endless, 1}}}};
  for (const Finding& finding : about(xml(message))) {
    EXPECT_LT(finding.what.size(), 500U) << finding.id;
    EXPECT_LT(finding.command_uuid.size(), 200U) << finding.id;
  }
}

TEST(CheckCommand, TellsNoValueOfAKey) {
  const auto findings = about(Dict{{"RequestType", "DeviceLock"},
                                   {"PIN", "sesame"},
                                   {"Passwort", "sesame"},
                                   {"Message", Bytes{115, 101}}});
  EXPECT_EQ(findings.size(), 3U);
  for (const Finding& finding : findings) EXPECT_THAT(finding.what, Not(HasSubstr("sesame")));
}

/// Whatever validation may find has a line in the table: problem_name ends with "unknown".
TEST(CheckCommand, KnowsEveryProblemOfValidation) {
  int kinds = 0;
  for (;; ++kinds) {
    const auto name = mdm::problem_name(static_cast<mdm::Problem::Kind>(kinds));
    if (name == "unknown") break;
    EXPECT_NO_THROW(rule("command/" + std::string(name))) << name;
  }
  EXPECT_GE(kinds, 12);
}

TEST(CheckCheckin, TakesEachRightAnswerToGetBootstrapToken) {
  for (const std::string& body :
       {std::string(), xml(Dict{}), xml(Dict{{"BootstrapToken", Bytes{1}}})}) {
    EXPECT_THAT(check_checkin_answer("GetBootstrapToken", answer(body), mac()), IsEmpty()) << body;
  }
  for (const std::string& body : {std::string("hello"), xml(plist::Array{})}) {
    EXPECT_THAT(ids(check_checkin_answer("GetBootstrapToken", answer(body), mac())),
                ElementsAre("checkin/malformed-answer"));
  }
}

TEST(CheckCheckin, WantsATokenInTheAnswerToGetToken) {
  const auto findings = check_checkin_answer("GetToken", answer(""), iphone());
  ASSERT_THAT(ids(findings), ElementsAre("checkin/malformed-answer"));
  EXPECT_THAT(findings[0].what, HasSubstr("TokenData"));
  EXPECT_EQ(findings[0].source, "mdm/checkin/gettoken.yaml");
}

TEST(CheckCheckin, WantsSettingsInTheAnswerToReturnToService) {  // 7.12
  const auto findings = check_checkin_answer("ReturnToService", answer(""), iphone());
  ASSERT_THAT(ids(findings), ElementsAre("checkin/malformed-answer"));
  EXPECT_THAT(findings[0].what, HasSubstr("ReturnToService is missing"));
  const std::string right = xml(Dict{{"ReturnToService", Dict{{"Enabled", false}}}});
  EXPECT_THAT(check_checkin_answer("ReturnToService", answer(right), iphone()), IsEmpty());
}

TEST(CheckCheckin, LeavesAloneWhatHasItsOwnForm) {
  for (const char* type : {"DeclarativeManagement", "UserAuthenticate"}) {
    EXPECT_THAT(check_checkin_answer(type, answer("{}", 200, "application/json"), mac()),
                IsEmpty());
  }
}

TEST(CheckCheckin, TellsACommandAfterCheckOutFromAnyOtherBody) {
  EXPECT_THAT(ids(check_checkin_answer("CheckOut", answer(command("ProfileList")), iphone())),
              ElementsAre("conversation/command-after-goodbye"));
  EXPECT_THAT(ids(check_checkin_answer("CheckOut", answer("bye"), iphone())),
              ElementsAre("checkin/body-not-empty"));
}

TEST(CheckCheckin, LetsAuthenticateBeRefused) {
  EXPECT_THAT(check_checkin_answer("Authenticate", answer("", 401), iphone()), IsEmpty());
  EXPECT_THAT(ids(check_checkin_answer("TokenUpdate", answer("", 401), iphone())),
              ElementsAre("http/unauthorized"));
}

TEST(CheckProfile, NamesAnEmptyTopicAsAMissingPushCertificate) {
  const auto findings = about_profile(profile({{"Topic", ""}}));
  ASSERT_THAT(ids(findings), ElementsAre("profile/topic"));
  EXPECT_THAT(findings[0].what, HasSubstr("push certificate"));
  EXPECT_THAT(ids(about_profile(profile({{"Topic", "com.apple.mgmt."}}))),
              ElementsAre("profile/topic"));
}

TEST(CheckProfile, ShowsNoQueryOfAnAddress) {
  const auto findings = about_profile(profile({{"ServerURL", "http://a.example/mdm?key=sesame"}}));
  ASSERT_THAT(ids(findings), ElementsAre("profile/insecure-url"));
  EXPECT_THAT(findings[0].what, HasSubstr("http://a.example/mdm"));
  EXPECT_THAT(findings[0].what, Not(HasSubstr("sesame")));
}

TEST(CheckProfile, FindsAccessRightsInAUserEnrollment) {
  const auto findings = about_profile(profile({{"EnrollmentMode", "BYOD"}}));
  ASSERT_THAT(ids(findings), ElementsAre("profile/access-rights"));
  EXPECT_EQ(findings[0].source, "docs/protocol/answers.md 1.7");
  EXPECT_THAT(about_profile(profile({{"EnrollmentMode", "BYOD"}, {"AccessRights", Dict{}}})),
              IsEmpty());
}

TEST(CheckProfile, FindsAnIdentityThatIsNone) {
  EXPECT_THAT(ids(about_profile(profile({{"IdentityCertificateUUID", "MDM"}}))),
              ElementsAre("profile/identity"));
}

}  // namespace
}  // namespace understudy::agent::witness
