// What a device says at check-in besides TokenUpdate: bootstrap tokens, tokens for services, the
// way back to service.

#include <gtest/gtest.h>

#include "agent/device/bootstrap_token.h"
#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;
using Kinds = std::vector<std::string>;

net::HttpResponse plist_answer(plist::Dict reply) {
  return net::HttpResponse::of(200, "application/xml", require(plist::write_xml(reply)));
}

class DutiesTest : public fakes::AgentFixture {
 protected:
  Device able(const std::string& model) {
    auto device = enrolled_device(model);
    device.supervised = true;
    device.enrollment->mdm.server_capabilities = {"com.apple.mdm.bootstraptoken",
                                                  "com.apple.mdm.token"};
    make_bootstrap_token(device, Rng(3));
    save(device);
    return device;
  }
  const plist::Value& body(std::size_t index) const { return server.seen.at(index).body; }
  static std::string restart(bool rebuild) {
    return FakeMdm::command("A",
                            {{"RequestType", "RestartDevice"}, {"RebuildKernelCache", rebuild}});
  }
};

// fact 7.7
TEST_F(DutiesTest, EscrowsItsBootstrapTokenUntilTheServerTakesIt) {
  const auto device = able("mac");
  ASSERT_FALSE(device.enrollment->bootstrap_token.empty()) << "its owner is logged in";
  server.failing = {0};
  auto session = session_of(device.id);
  EXPECT_TRUE(session.owes());
  EXPECT_EQ(work(session).end, End::retry);
  auto restarted = session_of(device.id);  // the process may have died meanwhile
  EXPECT_TRUE(restarted.owes());
  EXPECT_EQ(work(restarted).end, End::done);
  EXPECT_FALSE(session_of(device.id).owes());
  ASSERT_EQ(server.kinds(), (Kinds{"SetBootstrapToken", "SetBootstrapToken"}));
  EXPECT_EQ(server.seen[1].path, "/checkin");
  EXPECT_EQ(body(1).data_at("BootstrapToken"), device.enrollment->bootstrap_token);
  EXPECT_EQ(body(1).string_at("UDID"), device.hardware.udid);
  EXPECT_EQ(events_named("bootstrap_token"), 1);
}

TEST_F(DutiesTest, TalksToAServerThatRefusesItsBootstrapToken) {
  const auto device = able("mac");
  server.script["SetBootstrapToken"] = {net::HttpResponse::text(400, "not here")};
  server.commands = {FakeMdm::command("A", {{"RequestType", "ProfileList"}})};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  const auto end = work(session);
  EXPECT_EQ(end.end, End::retry);
  EXPECT_NE(end.why.find("SetBootstrapToken: HTTP 400: not here"), std::string::npos) << end.why;
  EXPECT_EQ(server.kinds(), (Kinds{"SetBootstrapToken", "Idle", "Acknowledged"}));
}

// fact 7.7, 1.10: what the token depends on
TEST_F(DutiesTest, MakesABootstrapTokenOnlyWhereOneIsEscrowed) {
  const auto token_of = [](Device device) {
    device.enrollment->bootstrap_token.clear();
    make_bootstrap_token(device, Rng(3));
    return device.enrollment->bootstrap_token;
  };
  auto mac = able("mac");
  EXPECT_FALSE(token_of(mac).empty());
  mac.supervised = false;
  EXPECT_TRUE(token_of(mac).empty());
  mac.supervised = true;
  mac.users.front().logged_in = false;
  EXPECT_TRUE(token_of(mac).empty()) << "before the first log-in";
  mac.users.front().logged_in = true;
  mac.users.front().secure_token = false;
  EXPECT_TRUE(token_of(mac).empty());
  mac.users.front().secure_token = true;
  mac.enrollment->mdm.server_capabilities.clear();
  EXPECT_TRUE(token_of(mac).empty());

  auto phone = able("iphone");
  phone.automated = true;
  EXPECT_TRUE(token_of(phone).empty());
  phone.hardware.os_version = "26.0";
  EXPECT_FALSE(token_of(phone).empty());
  phone.automated = false;
  EXPECT_TRUE(token_of(phone).empty());
}

TEST_F(DutiesTest, EscrowsANewOneWhenItChanges) {
  const auto device = able("mac");
  auto session = session_of(device.id);
  work(session);
  ASSERT_TRUE(session.lay_hands(Hand{"renew-bootstrap-token", ""}));
  EXPECT_TRUE(session.ready());
  work(session);
  ASSERT_EQ(server.kinds(), (Kinds{"SetBootstrapToken", "SetBootstrapToken"}));
  EXPECT_NE(body(0).data_at("BootstrapToken"), body(1).data_at("BootstrapToken"));
}

// fact 11.7, 7.8
TEST_F(DutiesTest, AsksForTheBootstrapTokenBeforeItRebuildsTheKernelCache) {
  const auto device = able("mac");
  auto session = session_of(device.id);
  work(session);
  server.seen.clear();
  server.script["GetBootstrapToken"] = {
      plist_answer({{"BootstrapToken", device.enrollment->bootstrap_token}})};
  server.commands = {restart(true)};
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "GetBootstrapToken", "Acknowledged"}));
  EXPECT_EQ(server.seen[1].path, "/checkin");
}

TEST_F(DutiesTest, TakesNoTokenFromAnErrorAndLeavesWhenItIsDisownedThere) {
  for (const int status : {500, 401}) {
    server.seen.clear();
    events.clear();
    auto device = able("mac");
    device.enrollment->bootstrap_owed = false;
    save(device);
    auto answer = plist_answer({{"BootstrapToken", device.enrollment->bootstrap_token}});
    answer.status = status;
    server.script["GetBootstrapToken"] = {answer};
    server.commands = {restart(true)};
    auto session = session_of(device.id);
    const auto end = work(session);
    EXPECT_EQ(events_named("bootstrap_token"), 0);
    EXPECT_EQ(end.end, status == 401 ? End::unenrolled : End::done);
    EXPECT_EQ(end.why.find("401") != std::string::npos, status == 401) << end.why;
    EXPECT_EQ(server.count("Acknowledged"), status == 401 ? 0U : 1U);
    EXPECT_EQ(session.enrolled(), status != 401);
  }
}

TEST_F(DutiesTest, AsksForNoTokenThatAuthorizesNothing) {
  auto device = able("mac-intel");
  device.enrollment->bootstrap_owed = false;
  save(device);
  server.commands = {restart(true)};
  auto session = session_of(device.id);
  work(session);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged"}));

  server.seen.clear();
  auto silicon = able("mac");
  silicon.enrollment->bootstrap_owed = false;
  save(silicon);
  server.commands = {restart(false)};
  auto other = session_of(silicon.id);
  work(other);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged"}));
}

// fact 7.9
TEST_F(DutiesTest, GetsATokenForAccounts) {
  const auto device = able("iphone");
  server.script["GetToken"] = {plist_answer({{"TokenData", to_bytes("a.b.c")}})};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"get-token", "maid"}));
  EXPECT_TRUE(session_of(device.id).ready());
  EXPECT_EQ(work(session).end, End::done);
  ASSERT_EQ(server.kinds(), Kinds{"GetToken"});
  EXPECT_EQ(body(0).string_at("TokenServiceType"), "com.apple.maid");
  EXPECT_FALSE(body(0).find("TokenParameters"));
  EXPECT_FALSE(session.owes());
  ASSERT_EQ(events_named("service_token"), 1);
}

// fact 7.9
TEST_F(DutiesTest, GetsATokenToPairAWatch) {
  const auto device = able("iphone");
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"pair-watch", ""}));
  work(session);
  ASSERT_EQ(server.kinds(), Kinds{"GetToken"});
  EXPECT_EQ(body(0).string_at("TokenServiceType"), "com.apple.watch.pairing");
  const plist::Value* parameters = body(0).find("TokenParameters");
  ASSERT_NE(parameters, nullptr);
  EXPECT_EQ(parameters->string_at("PhoneUDID"), device.hardware.udid);
  EXPECT_FALSE(parameters->string_at("SecurityToken").value_or("").empty());
  EXPECT_FALSE(parameters->string_at("WatchUDID").value_or("").empty());
}

TEST_F(DutiesTest, AsksOnceForATokenThatIsRefusedAndAgainForOneThatIsNot) {
  const auto device = able("iphone");
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"get-token", "org.example.unknown"}));
  server.failing = {0};
  EXPECT_EQ(work(session).end, End::retry);
  EXPECT_TRUE(session.owes());
  server.script["GetToken"] = {net::HttpResponse::text(400, "no such service")};
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_FALSE(session.owes());
  EXPECT_EQ(server.count("GetToken"), 2U);
}

// fact 1.10
TEST_F(DutiesTest, NeverAsksForATokenWithoutTheCapability) {
  const auto device = enrolled_device("iphone");
  auto session = session_of(device.id);
  const auto refused = session.lay_hands(Hand{"get-token", "maid"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("com.apple.mdm.token"), std::string::npos);
}

class ReturnTest : public DutiesTest {
 protected:
  /// In return to service, of a system that has the check-in message.
  Device returned() {
    auto device = able("iphone");
    device.automated = true;
    device.hardware.os_version = "26.0";
    device.setup.returned_to_service = true;
    make_bootstrap_token(device, Rng(3));
    device.enrollment->bootstrap_owed = false;
    save(device);
    return device;
  }
  std::string profile() {
    mdm::EnrollmentProfileSpec spec;
    spec.identifier = "org.example.back";
    spec.mdm.server_url = server.url("/mdm");
    spec.mdm.topic = kTopic;
    mdm::ScepPayload scep;
    scep.url = server.url("/scep");
    spec.identity = scep;
    spec.profile_uuid = "P";
    spec.mdm_uuid = "M";
    spec.identity_uuid = "I";
    return require(plist::write_xml(require(mdm::make_enrollment_profile(spec))));
  }
};

// fact 7.12
TEST_F(ReturnTest, ErasesItselfAsTheServerSaysAndKeepsItsAppsWithTheToken) {
  auto device = returned();
  device.apps.push_back({"org.example.kiosk", "Kiosk", "1", "1.0", 1, 1, true});
  save(device);
  plist::Dict settings = {{"Enabled", true},
                          {"MDMProfileData", to_bytes(profile())},
                          {"BootstrapToken", device.enrollment->bootstrap_token}};
  server.script["ReturnToService"] = {plist_answer({{"ReturnToService", settings}})};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"return-to-service", ""}));
  EXPECT_TRUE(session_of(device.id).ready());
  EXPECT_EQ(work(session).end, End::erased);
  ASSERT_EQ(server.kinds(), Kinds{"ReturnToService"});
  EXPECT_EQ(body(0).string_at("UDID"), device.hardware.udid);
  const auto after = stored(device.id);
  EXPECT_FALSE(after.enrollment);
  EXPECT_EQ(after.erased_times, 1U);
  ASSERT_TRUE(after.return_to_service);
  EXPECT_EQ(as_text(after.return_to_service->mdm_profile), profile());
  const auto kiosk = [](const Device& one) {
    return std::ranges::any_of(one.apps, [](const auto& app) { return app.name == "Kiosk"; });
  };
  EXPECT_TRUE(kiosk(after));
}

TEST_F(ReturnTest, LosesItsAppsWithoutTheToken) {
  auto device = returned();
  device.apps.push_back({"org.example.kiosk", "Kiosk", "1", "1.0", 1, 1, true});
  save(device);
  plist::Dict settings = {{"Enabled", true}, {"MDMProfileData", to_bytes(profile())}};
  server.script["ReturnToService"] = {plist_answer({{"ReturnToService", settings}})};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.lay_hands(Hand{"return-to-service", ""}));
  EXPECT_EQ(work(session).end, End::erased);
  const auto after = stored(device.id);
  EXPECT_TRUE(
      std::ranges::none_of(after.apps, [](const auto& app) { return app.name == "Kiosk"; }));
}

TEST_F(ReturnTest, StaysAsItIsWhenTheServerDoesNotWantItOrKnowsNothingOfIt) {
  const auto device = returned();
  auto session = session_of(device.id);
  for (auto answer : {plist_answer({{"ReturnToService", plist::Dict{{"Enabled", false}}}}),
                      net::HttpResponse::text(400, "unknown message")}) {
    server.script["ReturnToService"] = {answer};
    ASSERT_TRUE(session.lay_hands(Hand{"return-to-service", ""}));
    EXPECT_EQ(work(session).end, End::done);
    EXPECT_TRUE(stored(device.id).enrollment);
    EXPECT_FALSE(session.owes());
  }
}

TEST_F(ReturnTest, ExistsOnlyInReturnToServiceAndSinceVersion26) {
  auto device = returned();
  device.setup.returned_to_service = false;
  save(device);
  EXPECT_FALSE(session_of(device.id).lay_hands(Hand{"return-to-service", ""}));
  device.setup.returned_to_service = true;
  device.hardware.os_version = "18.1";
  save(device);
  EXPECT_FALSE(session_of(device.id).lay_hands(Hand{"return-to-service", ""}));
}

// fact 11.4
TEST_F(ReturnTest, EnrollsAgainAfterAnErasureThatReturnsToService) {
  auto device = able("iphone");
  save(device);
  plist::Dict settings = {{"Enabled", true}, {"MDMProfileData", to_bytes(profile())}};
  server.commands = {FakeMdm::command(
      "A", {{"RequestType", "EraseDevice"}, {"ReturnToService", std::move(settings)}})};
  auto session = session_of(device.id);
  ASSERT_TRUE(session.wake());
  EXPECT_EQ(work(session).end, End::erased);
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged"}));
  EXPECT_FALSE(session.enrolled());
  EXPECT_FALSE(session.owes()) << "nobody here can enroll it";
  EXPECT_FALSE(require(store.answer_to(device.id, "A"))) << "its memory went too";

  std::vector<std::string> asked;
  std::string refused;
  bool works = false;
  context.enroll_again = [&](std::string id) -> Task<Result<void>> {
    asked.push_back(id);
    const auto laid = session.lay_hands(Hand{"go-offline", ""});
    if (!laid) refused = laid.error().message();
    if (!works) co_return fail(errc::io, "the network is down");
    auto back = stored(id);
    back.return_to_service.reset();
    back.enrollment = device.enrollment;
    back.keychain = device.keychain;
    back.enrollment->stage = Enrollment::Stage::token_pending;
    back.setup.awaiting_configuration = back.setup.returned_to_service = true;
    save(back);
    co_return Result<void>();
  };
  EXPECT_TRUE(session.ready());
  EXPECT_EQ(work(session).end, End::retry);
  ASSERT_FALSE(refused.empty()) << "what would be lost is not said to be done";
  EXPECT_NE(refused.find("enrolls again"), std::string::npos) << refused;
  EXPECT_FALSE(stored(device.id).offline);
  EXPECT_TRUE(session_of(device.id).ready()) << "also in the next process";
  works = true;
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(asked, (std::vector<std::string>{device.id, device.id}));
  ASSERT_EQ(server.kinds(), (Kinds{"Idle", "Acknowledged", "TokenUpdate", "Idle"}));
  EXPECT_EQ(body(2).bool_at("AwaitingConfiguration"), true);
}

}  // namespace
}  // namespace understudy::agent
