#include "server-mock/device_services/checkin_service.h"

#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

using CheckinServiceTest = ServicesTest;

TEST_F(CheckinServiceTest, EnrollsInTwoSteps) {
  EXPECT_EQ(authenticate("D1", ids_.first).status, 200);
  EXPECT_EQ(device("D1").state, State::authenticated);
  EXPECT_EQ(device("D1").serial_number, "SERIAL-D1");
  const auto answer = token_update("D1", ids_.first, to_bytes("unlock"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(device("D1").state, State::enrolled);
  EXPECT_EQ(device("D1").push_magic, "magic");
  EXPECT_EQ(device("D1").enrolled_at, clock_->now());
}

TEST_F(CheckinServiceTest, KeepsAllThatAuthenticateSaysOfTheDevice) {
  mdm::Authenticate message;
  message.sender = sender("D1");
  message.topic = kTopic;
  message.model = "MQ0G3LL/A";
  message.model_name = "iPhone";
  message.imei = "35 123456 789012 3";
  message.meid = "A0000012345678";
  ASSERT_EQ(put(mdm::to_plist(message), ids_.first).status, 200);
  EXPECT_EQ(device("D1").model, message.model);
  EXPECT_EQ(device("D1").model_name, message.model_name);
  EXPECT_EQ(device("D1").imei, message.imei);
  EXPECT_EQ(device("D1").meid, message.meid);
}

/// By which a device unenrolls.
bool says_unrecognized(const net::HttpResponse& answer) {
  return answer.status == 403 && answer.headers.find("Content-Type") == "application/json" &&
         answer.body.find(R"("code":"com.apple.unrecognized.device")") != std::string::npos;
}

// fact 6.8
TEST_F(CheckinServiceTest, TellsADeviceThatItDoesNotKnowToUnenroll) {
  EXPECT_TRUE(says_unrecognized(token_update("D1", ids_.first))) << "never came";
  EXPECT_TRUE(says_unrecognized(idle("D1", ids_.first)));
  enroll("D1", ids_.first);
  ASSERT_EQ(check_out("D1", ids_.first).status, 200);
  EXPECT_TRUE(says_unrecognized(idle("D1", ids_.first))) << "left";
  EXPECT_TRUE(says_unrecognized(token_update("D1", ids_.first)));
  EXPECT_TRUE(says_unrecognized(
      put(mdm::to_plist(mdm::OtherCheckin{sender("D1"), "GetBootstrapToken", {}}), ids_.first)));
  EXPECT_EQ(authenticate("D1", ids_.first).status, 200) << "it may come back";
}

TEST_F(CheckinServiceTest, TellsNobodyElseToUnenroll) {
  enroll("D1", ids_.first);
  EXPECT_FALSE(says_unrecognized(idle("D1", ids_.second))) << "a certificate bound to nobody";
  EXPECT_FALSE(says_unrecognized(idle("D2", ids_.first))) << "another device's";
  EXPECT_FALSE(says_unrecognized(idle("D1", ids_.foreign))) << "of another CA";
  EXPECT_FALSE(says_unrecognized(user_idle("D1", ids_.first))) << "one user of an enrolled device";
  ASSERT_EQ(authenticate("D2", ids_.second).status, 200);
  EXPECT_FALSE(says_unrecognized(idle("D2", ids_.second))) << "it is enrolling";
}

TEST_F(CheckinServiceTest, KeepsTheLastUnlockTokenThatWasNotEmpty) {
  enroll("D1", ids_.first);
  EXPECT_EQ(token_update("D1", ids_.first).status, 200);
  EXPECT_EQ(device("D1").unlock_token, to_bytes("unlock"));
  EXPECT_EQ(token_update("D1", ids_.first, Bytes()).status, 200);
  EXPECT_EQ(device("D1").unlock_token, to_bytes("unlock"));
  EXPECT_EQ(token_update("D1", ids_.first, to_bytes("newer")).status, 200);
  EXPECT_EQ(device("D1").unlock_token, to_bytes("newer"));
}

TEST_F(CheckinServiceTest, RefusesTheCertificateOfAnotherDevice) {
  enroll("D1", ids_.first);
  EXPECT_EQ(authenticate("D2", ids_.first).status, 403);
  EXPECT_FALSE(must(store_->device("D2"))) << "nothing is half done";
  enroll("D2", ids_.second);
  EXPECT_EQ(token_update("D2", ids_.first).status, 403);
  EXPECT_EQ(check_out("D2", ids_.first).status, 403);
  EXPECT_EQ(device("D2").state, State::enrolled);
}

TEST_F(CheckinServiceTest, RefusesACertificateThatIsNotBoundYet) {
  EXPECT_EQ(token_update("D1", ids_.first).status, 403);
  EXPECT_FALSE(must(store_->device("D1")));
  EXPECT_EQ(check_out("D1", ids_.first).status, 403);
}

TEST_F(CheckinServiceTest, RenewsWithANewCertificateAndKeepsWhatIsInEscrow) {
  enroll("D1", ids_.first);
  EXPECT_EQ(authenticate("D1", ids_.second).status, 200);
  EXPECT_EQ(device("D1").certificate, ids_.second.certificate.fingerprint());
  EXPECT_EQ(device("D1").unlock_token, to_bytes("unlock"));
  EXPECT_EQ(token_update("D1", ids_.second).status, 200);
  EXPECT_EQ(device("D1").state, State::enrolled);
  EXPECT_EQ(idle("D1", ids_.second).status, 200);
  EXPECT_EQ(idle("D1", ids_.first).status, 200) << "the renewal may fail on the device's side";
}

TEST_F(CheckinServiceTest, KeepsADeviceWhoseRenewalStopsAfterAuthenticate) {
  enroll("D1", ids_.first);
  ASSERT_EQ(user_token_update("D1", ids_.first).status, 200);
  for (const auto* identity : {&ids_.first, &ids_.second}) {
    EXPECT_EQ(authenticate("D1", *identity).status, 200);
    EXPECT_EQ(device("D1").state, State::enrolled);
    EXPECT_EQ(device("D1").topic, kTopic);
    EXPECT_EQ(device("D1").push_magic, "magic");
    EXPECT_EQ(device("D1").push_token, Bytes(32, 1));
    EXPECT_EQ(idle("D1", ids_.first).status, 200) << "the old configuration stays";
    EXPECT_EQ(user_idle("D1", ids_.first).status, 200);
  }
}

TEST_F(CheckinServiceTest, ClearsTheQueueWhenADeviceEnrollsAnew) {
  enroll("D1", ids_.first);
  store_command("U1");
  EXPECT_EQ(authenticate("D1", ids_.first).status, 200);
  EXPECT_EQ(status("U1"), Status::cancelled);
  EXPECT_EQ(hops("U1"), Hops{"cancelled"});
}

TEST_F(CheckinServiceTest, ForgetsEscrowOfADeviceThatLeft) {
  enroll("D1", ids_.first);
  EXPECT_EQ(check_out("D1", ids_.first).status, 200);
  EXPECT_EQ(device("D1").state, State::checked_out);
  EXPECT_EQ(idle("D1", ids_.first).status, 403);
  EXPECT_EQ(token_update("D1", ids_.first).status, 403) << "Authenticate comes first";
  EXPECT_EQ(authenticate("D1", ids_.first).status, 200);
  EXPECT_TRUE(device("D1").unlock_token.empty());
}

TEST_F(CheckinServiceTest, CancelsWhatADeviceLeavesBehind) {
  enroll("D1", ids_.first);
  store_command("U1");
  EXPECT_EQ(check_out("D1", ids_.first).status, 200);
  EXPECT_EQ(status("U1"), Status::cancelled);
}

TEST_F(CheckinServiceTest, EndsUserChannelsWithTheirDevice) {
  enroll("D1", ids_.first);
  ASSERT_EQ(user_token_update("D1", ids_.first).status, 200);
  CommandRecord users = command("U1", "D1:USER");
  must(store_->put_command(users));
  EXPECT_EQ(user_idle("D1", ids_.first).body, users.body);
  EXPECT_EQ(check_out("D1", ids_.first).status, 200);
  EXPECT_EQ(device("D1:USER").state, State::checked_out);
  EXPECT_EQ(must(store_->command("U1", "D1:USER"))->status, Status::cancelled);
  EXPECT_EQ(user_idle("D1", ids_.first).status, 403);
}

TEST_F(CheckinServiceTest, KeepsADeviceWhoseUserLeft) {
  enroll("D1", ids_.first);
  ASSERT_EQ(user_token_update("D1", ids_.first).status, 200);
  mdm::CheckOut message;
  message.sender = user_sender("D1");
  message.topic = kTopic;
  EXPECT_EQ(put(mdm::to_plist(message), ids_.first).status, 200);
  EXPECT_EQ(device("D1:USER").state, State::checked_out);
  EXPECT_EQ(device("D1").state, State::enrolled);
}

TEST_F(CheckinServiceTest, EndsUserChannelsOfADeviceThatComesBack) {
  enroll("D1", ids_.first);
  ASSERT_EQ(user_token_update("D1", ids_.first).status, 200);
  DeviceRecord gone = device("D1");
  gone.state = State::checked_out;  // as versions before this one left it
  must(store_->put_device(gone));
  enroll("D1", ids_.second);
  EXPECT_EQ(device("D1:USER").state, State::checked_out);
}

TEST_F(CheckinServiceTest, PushesForCommandsThatWaitedForANewToken) {
  enroll("D1", ids_.first);
  EXPECT_EQ(must(store_->queue_depths()).outbound_push, 0) << "nothing waits";
  store_command("U1");
  store_command("U2");
  ASSERT_EQ(token_update("D1", ids_.first).status, 200);
  const auto due = must(store_->push_due(clock_->now(), 10, true));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].device_id, "D1");
  EXPECT_EQ(due[0].command_uuid, "U1");
  EXPECT_EQ(hops("U1"), Hops{"push_queued"});
}

TEST_F(CheckinServiceTest, RefusesATopicThatNobodyPushesTo) {
  ASSERT_EQ(authenticate("D1", ids_.first).status, 200);
  const auto refused = token_update("D1", ids_.first, {}, "com.apple.mgmt.External.2");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("com.apple.mgmt.External.2"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find(kTopic), std::string::npos) << refused.body;
  EXPECT_EQ(device("D1").state, State::authenticated);
  must(store_->put_push_certificate({"sandbox", "PEM", "com.apple.mgmt.External.2", ids_.now}));
  EXPECT_EQ(token_update("D1", ids_.first, {}, "com.apple.mgmt.External.2").status, 200);
}

TEST_F(CheckinServiceTest, BeginsNoEnrollmentThatNobodyCouldWake) {
  must(store_->put_push_certificate({"production", "PEM", "com.apple.mgmt.other", ids_.now}));
  const auto refused = authenticate("D1", ids_.first);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find(kTopic), std::string::npos) << refused.body;
  EXPECT_FALSE(must(store_->device("D1"))) << "it is not half enrolled";
}

TEST_F(CheckinServiceTest, KeepsATopicWhoseCertificateWasReplaced) {
  enroll("D1", ids_.first);
  must(store_->put_push_certificate({"production", "PEM", "com.apple.mgmt.new", ids_.now}));
  EXPECT_EQ(token_update("D1", ids_.first).status, 200);
}

TEST_F(CheckinServiceTest, TakesTheCheckOutAsTheAnswerToBreakMdm) {
  enroll("D1", ids_.first);
  store_command("U1", "RemoveProfile", {{"Identifier", kIdentifier}});
  store_command("U2");
  EXPECT_EQ(uuid_in(idle("D1", ids_.first)), "U1");
  EXPECT_EQ(check_out("D1", ids_.first).status, 200);
  EXPECT_EQ(status("U1"), Status::acknowledged);
  EXPECT_EQ(status("U2"), Status::cancelled);
  const auto late = report("D1", ids_.first, mdm::Status::acknowledged, "U1");
  EXPECT_EQ(late.status, 200);
  EXPECT_EQ(late.body, "");
  EXPECT_EQ(hops("U1"), (Hops{"idle", "command_sent", "result"})) << "one result";
  EXPECT_FALSE(must(store_->command("U1", "D1"))->result.empty());
}

TEST_F(CheckinServiceTest, EscrowsTheBootstrapToken) {
  enroll("D1", ids_.first);
  mdm::OtherCheckin get{sender("D1"), "GetBootstrapToken", {}};
  const auto none = put(mdm::to_plist(get), ids_.first);
  EXPECT_EQ(none.status, 200);
  EXPECT_FALSE(must(plist::read(as_bytes(none.body))).find("BootstrapToken"));
  mdm::OtherCheckin set{sender("D1"), "SetBootstrapToken", {{"BootstrapToken", to_bytes("boot")}}};
  EXPECT_EQ(put(mdm::to_plist(set), ids_.first).status, 200);
  const auto some = put(mdm::to_plist(get), ids_.first);
  EXPECT_EQ(must(plist::read(as_bytes(some.body))).data_at("BootstrapToken"), to_bytes("boot"));
  set.body = {};
  EXPECT_EQ(put(mdm::to_plist(set), ids_.first).status, 200);
  EXPECT_TRUE(device("D1").bootstrap_token.empty()) << "no token deletes the escrow";
}

TEST_F(CheckinServiceTest, RefusesWhatItDoesNotOffer) {
  enroll("D1", ids_.first);
  const mdm::OtherCheckin declarative{sender("D1"), "DeclarativeManagement", {{"Endpoint", "x"}}};
  const auto refused = put(mdm::to_plist(declarative), ids_.first);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("DeclarativeManagement"), std::string::npos);
  EXPECT_EQ(std::count(refused.body.begin(), refused.body.end(), '\n'), 1);
  mdm::OtherCheckin user{sender("D1"), "UserAuthenticate", {}};
  user.sender.user_id = "U";
  EXPECT_EQ(put(mdm::to_plist(user), ids_.first).status, 410);
}

TEST_F(CheckinServiceTest, KeepsTheUserChannelApart) {
  enroll("D1", ids_.first);
  mdm::TokenUpdate message;
  message.sender = sender("D1");
  message.sender.user_id = "USER";
  message.topic = kTopic;
  message.token = Bytes(32, 2);
  message.push_magic = "user magic";
  message.sender.user_long_name = "Kim Example";
  message.not_on_console = true;
  EXPECT_EQ(put(mdm::to_plist(message), ids_.first).status, 200);
  EXPECT_EQ(device("D1").push_magic, "magic");
  EXPECT_EQ(device("D1:USER").push_magic, "user magic");
  EXPECT_EQ(device("D1:USER").state, State::enrolled);
  EXPECT_EQ(device("D1:USER").user_long_name, "Kim Example");
  EXPECT_TRUE(device("D1:USER").not_on_console);
  EXPECT_TRUE(device("D1:USER").unlock_token.empty());
  message.sender.user_id = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";
  message.sender.user_short_name = "kim@example.org";
  EXPECT_EQ(put(mdm::to_plist(message), ids_.first).status, 200);
  EXPECT_TRUE(must(store_->device("D1:kim@example.org")));
}

}  // namespace
}  // namespace understudy::server
