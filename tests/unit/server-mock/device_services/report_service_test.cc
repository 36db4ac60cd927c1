#include "server-mock/device_services/report_service.h"

#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

class ReportServiceTest : public ServicesTest {
 protected:
  ReportServiceTest() { enroll("D1", ids_.first); }
  net::HttpResponse answer(mdm::Status status, const std::string& uuid) {
    return report("D1", ids_.first, status, uuid);
  }
};

TEST_F(ReportServiceTest, HandsOutCommandsUntilThereAreNoMore) {
  store_command("U1");
  store_command("U2");
  const auto first = idle("D1", ids_.first);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.headers.find("Content-Type"), "application/xml");
  EXPECT_EQ(uuid_in(first), "U1");
  EXPECT_EQ(status("U1"), Status::sent);
  EXPECT_EQ(uuid_in(answer(mdm::Status::acknowledged, "U1")), "U2");
  const auto last = answer(mdm::Status::error, "U2");
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.body, "") << "zero octets end the conversation";
  EXPECT_EQ(status("U1"), Status::acknowledged);
  EXPECT_EQ(status("U2"), Status::error);
  EXPECT_EQ(hops("U1"), (Hops{"idle", "command_sent", "result"}));
  EXPECT_EQ(hops("U2"), (Hops{"idle", "command_sent", "result"}));
}

TEST_F(ReportServiceTest, SendsTheExactOctetsOfTheCommand) {
  CommandRecord record = command("U1");
  record.body = "<plist version=\"1.0\"><dict><!-- mine --></dict></plist>";
  must(store_->put_command(record));
  EXPECT_EQ(idle("D1", ids_.first).body, record.body);
}

TEST_F(ReportServiceTest, TakesARepeatedResultOnce) {
  store_command("U1");
  idle("D1", ids_.first);
  answer(mdm::Status::acknowledged, "U1");
  const auto again = answer(mdm::Status::error, "U1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(status("U1"), Status::acknowledged) << "the first result stands";
  EXPECT_EQ(hops("U1"), (Hops{"idle", "command_sent", "result"}));
  EXPECT_EQ(must(store_->counters()).at("results_repeated"), 1);
}

TEST_F(ReportServiceTest, OffersANotNowAgainAtTheNextIdleOnly) {
  store_command("U1");
  store_command("U2");
  idle("D1", ids_.first);
  EXPECT_EQ(uuid_in(answer(mdm::Status::not_now, "U1")), "U2");
  EXPECT_EQ(status("U1"), Status::not_now);
  EXPECT_EQ(answer(mdm::Status::acknowledged, "U2").body, "");
  EXPECT_EQ(uuid_in(idle("D1", ids_.first)), "U1");
  EXPECT_EQ(answer(mdm::Status::acknowledged, "U1").body, "");
  EXPECT_EQ(hops("U1"),
            (Hops{"idle", "command_sent", "not_now", "idle", "command_sent", "result"}));
}

TEST_F(ReportServiceTest, OffersACommandAgainThatBroughtNoAnswer) {
  store_command("U1");
  EXPECT_EQ(uuid_in(idle("D1", ids_.first)), "U1");
  EXPECT_EQ(uuid_in(idle("D1", ids_.first)), "U1");
  EXPECT_EQ(hops("U1"), (Hops{"idle", "command_sent", "idle", "command_sent"}));
}

TEST_F(ReportServiceTest, WritesDownOnceThatADeviceCameForACommandItDidNotGet) {
  store_command("U1");
  store_command("U2");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(uuid_in(idle("D1", ids_.first)), "U1");
  EXPECT_EQ(hops("U2"), Hops{"idle"});
}

TEST_F(ReportServiceTest, TakesTheResultOfAnErasureAgainWhenItsAnswerGotLost) {
  store_command("U1", "EraseDevice");
  idle("D1", ids_.first);
  ASSERT_EQ(answer(mdm::Status::acknowledged, "U1").status, 200);
  EXPECT_EQ(answer(mdm::Status::acknowledged, "U1").status, 200);
  EXPECT_EQ(device("D1").state, State::erased);
  EXPECT_EQ(must(store_->counters()).at("results_repeated"), 1);
}

TEST_F(ReportServiceTest, RefusesReportsBeforeEnrollment) {
  EXPECT_EQ(idle("D2", ids_.second).status, 403);
  ASSERT_EQ(authenticate("D2", ids_.second).status, 200);
  EXPECT_EQ(idle("D2", ids_.second).status, 403) << "Authenticate alone enrolls nobody";
  EXPECT_EQ(report("D2", ids_.second, mdm::Status::acknowledged, "U1").status, 403);
}

TEST_F(ReportServiceTest, RefusesAReportWithAnothersIdentity) {
  enroll("D2", ids_.second);
  store_command("U1");
  EXPECT_EQ(idle("D1", ids_.second).status, 403);
  EXPECT_EQ(status("U1"), Status::queued);
  EXPECT_EQ(report("D1", ids_.second, mdm::Status::acknowledged, "U1").status, 403);
  EXPECT_TRUE(hops("U1").empty()) << "nothing else is disturbed";
}

TEST_F(ReportServiceTest, CountsAnEmptyWake) {
  const auto id = must(store_->push_enqueue(push("A", clock_->now(), "U1")));
  must(store_->event_append({0, "U1", "D1", "ProfileList", "<plist/>", clock_->now()}));
  EXPECT_EQ(idle("D1", ids_.first).body, "");
  EXPECT_TRUE(must(store_->counters()).empty()) << "nobody was woken";
  must(store_->push_acknowledge(id, PushOutcome::sent, clock_->now(), std::nullopt));
  EXPECT_EQ(idle("D1", ids_.first).body, "");
  EXPECT_EQ(must(store_->counters()).at("empty_wakes"), 1);
  EXPECT_EQ(hops("U1"), Hops{"empty_wake"});
}

TEST_F(ReportServiceTest, KnowsThatAnErasedDeviceIsGone) {
  store_command("U1", "EraseDevice");
  store_command("U2");
  idle("D1", ids_.first);
  const auto last = answer(mdm::Status::acknowledged, "U1");
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.body, "");
  EXPECT_EQ(device("D1").state, State::erased);
  EXPECT_EQ(status("U2"), Status::cancelled);
  EXPECT_EQ(idle("D1", ids_.first).status, 403);
}

TEST_F(ReportServiceTest, KnowsThatTheUsersOfAnErasedDeviceAreGone) {
  ASSERT_EQ(user_token_update("D1", ids_.first).status, 200);
  store_command("U1", "EraseDevice");
  idle("D1", ids_.first);
  answer(mdm::Status::acknowledged, "U1");
  EXPECT_EQ(device("D1:USER").state, State::erased);
}

TEST_F(ReportServiceTest, RefusesAUserWhoseDeviceIsNotEnrolled) {
  ASSERT_EQ(user_token_update("D1", ids_.first).status, 200);
  ASSERT_EQ(user_idle("D1", ids_.first).status, 200);
  DeviceRecord gone = device("D1");
  gone.state = State::checked_out;
  must(store_->put_device(gone));
  EXPECT_EQ(user_idle("D1", ids_.first).status, 403);
}

TEST_F(ReportServiceTest, SaysInTheTimelineWhoCameForHowMuch) {
  DeviceRecord known = device("D1");
  known.product_name = "iPhone15,2";
  known.os_version = "18.1";
  must(store_->put_device(known));
  store_command("U1");
  store_command("U2");
  idle("D1", ids_.first);
  EXPECT_EQ(must(store_->timeline("U2", "D1")).at(0).detail,
            "Idle, 2 commands waiting, iPhone15,2 18.1");
  answer(mdm::Status::acknowledged, "U1");
  idle("D1", ids_.first);
  EXPECT_EQ(must(store_->timeline("U2", "D1")).at(2).detail,
            "Idle, 1 command waiting, iPhone15,2 18.1");
}

TEST_F(ReportServiceTest, KeepsADeviceWhoseEraseFailed) {
  store_command("U1", "EraseDevice");
  idle("D1", ids_.first);
  answer(mdm::Status::error, "U1");
  EXPECT_EQ(device("D1").state, State::enrolled);
}

TEST_F(ReportServiceTest, EndsTheEnrollmentThatItRemoved) {
  store_command("U1", "RemoveProfile", {{"Identifier", kIdentifier}});
  idle("D1", ids_.first);
  answer(mdm::Status::acknowledged, "U1");
  EXPECT_EQ(device("D1").state, State::checked_out);
  EXPECT_EQ(check_out("D1", ids_.first).status, 200) << "it may come after the answer";
  EXPECT_EQ(hops("U1"), (Hops{"idle", "command_sent", "result"}));
}

TEST_F(ReportServiceTest, KeepsADeviceThatRemovedAnotherProfile) {
  store_command("U1", "RemoveProfile", {{"Identifier", "another"}});
  idle("D1", ids_.first);
  answer(mdm::Status::acknowledged, "U1");
  EXPECT_EQ(device("D1").state, State::enrolled);
}

TEST_F(ReportServiceTest, BelievesAnAnswerThatComesAfterACancellation) {
  store_command("U1");
  idle("D1", ids_.first);
  enroll("D1", ids_.second);
  ASSERT_EQ(status("U1"), Status::cancelled);
  report("D1", ids_.second, mdm::Status::acknowledged, "U1");
  EXPECT_EQ(status("U1"), Status::acknowledged);
}

TEST_F(ReportServiceTest, IgnoresNotNowForACommandThatIsOver) {
  store_command("U1");
  store_command("U2");
  idle("D1", ids_.first);
  answer(mdm::Status::acknowledged, "U1");
  EXPECT_EQ(answer(mdm::Status::not_now, "U1").status, 200);
  EXPECT_EQ(status("U1"), Status::acknowledged);
  enroll("D1", ids_.second);
  ASSERT_EQ(status("U2"), Status::cancelled);
  report("D1", ids_.second, mdm::Status::not_now, "U2");
  EXPECT_EQ(status("U2"), Status::cancelled);
  EXPECT_EQ(uuid_in(idle("D1", ids_.second)), "") << "it is not offered again";
}

TEST_F(ReportServiceTest, AcceptsTheResultOfACommandItDoesNotKnow) {
  EXPECT_EQ(answer(mdm::Status::acknowledged, "unknown").status, 200);
  EXPECT_EQ(must(store_->counters()).at("results_of_unknown_commands"), 1);
}

TEST_F(ReportServiceTest, NotesCommandFormatError) {
  store_command("U1");
  idle("D1", ids_.first);
  answer(mdm::Status::command_format_error, "U1");
  EXPECT_EQ(status("U1"), Status::format_error);
}

}  // namespace
}  // namespace understudy::server
