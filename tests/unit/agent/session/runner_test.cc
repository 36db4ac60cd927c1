#include "agent/session/runner.h"

#include <gtest/gtest.h>

#include "agent/commands/progress.h"
#include "tests/unit/agent/fakes/agent_fixture.h"
#include "tests/unit/agent/fakes/fake_courier.h"

namespace understudy::agent {
namespace {

using fakes::FakeCourier;
using fakes::FakeMdm;
using fakes::require;

class RunnerTest : public fakes::AgentFixture {
 protected:
  static std::string certificates(const std::string& uuid) {
    return FakeMdm::command(uuid, {{"RequestType", "CertificateList"}});
  }
  Device device_with_channel(const std::string& model = "iphone") {
    static const auto identity =
        require(crypto::CertificateAuthority::create(fakes::Pki::named("push id"),
                                                     crypto::KeyType::rsa_2048, fakes::Pki::past(),
                                                     fakes::Pki::future()))
            .identity();
    auto device = enrolled_device(model);
    device.push.courier = courier.address().text();
    device.push.courier_anchors_der = {pki.root().der()};
    device.push.key_der = identity.key.der();
    device.push.certificate_der = identity.certificate.der();
    device.push.base_token = Bytes(courier.base.begin(), courier.base.end());
    device.push.topic_token = Bytes(courier.app.begin(), courier.app.end());
    save(device);
    return device;
  }
  bool until(std::function<bool()> condition) {
    return support::run_task(io, courier.until(std::move(condition)));
  }
  void stop() {
    EXPECT_TRUE(support::run_task(io, runner.stop(std::chrono::seconds(5))));
    EXPECT_TRUE(support::run_task(io, courier.stop()));
  }
  std::size_t listening() {
    return support::run_task(io, runner.wait_until_listening(std::chrono::seconds(5)));
  }

  FakeCourier courier{io, pki.server()};
  Runner runner{io.get_executor(), context};
};

TEST_F(RunnerTest, ListensAndHoldsAConversationWhenAPushComes) {
  const auto device = device_with_channel();
  ASSERT_EQ(require(runner.start()), 1U);
  EXPECT_EQ(listening(), 1U);
  EXPECT_TRUE(server.seen.empty()) << "nothing was owed";
  server.commands = {FakeMdm::command("A", {{"RequestType", "DeviceLock"}})};
  courier.push(kTopic, kMagic, 1);
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  EXPECT_EQ(server.kinds(), (std::vector<std::string>{"Idle", "Acknowledged"}));
  EXPECT_EQ(courier.acks.size(), 1U);
  EXPECT_FALSE(stored(device.id).wake_pending);
  stop();
}

TEST_F(RunnerTest, SaysOnceWhyACourierCannotBeReached) {
  device_with_channel();
  device_with_channel();
  const std::string address = courier.address().text();
  ASSERT_TRUE(support::run_task(io, courier.stop()));
  testing::internal::CaptureStderr();
  ASSERT_EQ(require(runner.start()), 2U);
  EXPECT_EQ(support::run_task(io, runner.wait_until_listening(std::chrono::seconds(1))), 0U);
  EXPECT_TRUE(support::run_task(io, runner.stop(std::chrono::seconds(5))));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_NE(said.find("courier.unreachable"), std::string::npos) << said;
  EXPECT_NE(said.find(address), std::string::npos) << said;
}

TEST_F(RunnerTest, StartsWithWhatTheLastProcessOwed) {
  auto awake = device_with_channel(), owing = device_with_channel(), idle = device_with_channel();
  awake.wake_pending = true;
  save(awake);
  owing.enrollment->stage = Enrollment::Stage::token_pending;
  save(owing);
  ASSERT_EQ(require(runner.start()), 3U);
  ASSERT_TRUE(until([&] { return events_named("conversation") == 2; }));
  EXPECT_EQ(server.count("TokenUpdate"), 1U);
  EXPECT_EQ(server.count("Idle"), 2U);
  EXPECT_EQ(listening(), 3U);
  stop();
}

TEST_F(RunnerTest, TriesAgainWhenTheServerFails) {
  auto device = device_with_channel();
  device.wake_pending = true;
  save(device);
  server.failing = {0, 1};
  ASSERT_TRUE(runner.start());
  ASSERT_TRUE(until([&] { return events_named("conversation") == 3; }));
  EXPECT_EQ(server.count("Idle"), 3U);
  EXPECT_FALSE(stored(device.id).wake_pending);
  stop();
}

TEST_F(RunnerTest, ClosesTheChannelWhenTheDeviceIsUnenrolled) {
  auto device = device_with_channel();
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  server.script["Idle"] = {net::HttpResponse::text(401, "gone")};
  courier.push(kTopic, kMagic, 1);
  ASSERT_TRUE(until([&] { return courier.closed == 1; }));
  EXPECT_EQ(runner.channels(), 0U);
  EXPECT_FALSE(stored(device.id).enrollment);
  stop();
}

TEST_F(RunnerTest, SendsATokenUpdateWhenTheCourierMintsAnotherToken) {
  auto device = device_with_channel();
  device.push.base_token.clear();
  device.push.topic_token = Bytes(32, 1);
  save(device);
  ASSERT_TRUE(runner.start());
  ASSERT_TRUE(until([&] { return server.count("TokenUpdate") == 1; }));
  EXPECT_EQ(server.seen[0].body.data_at("Token"), Bytes(courier.app.begin(), courier.app.end()));
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  stop();
}

TEST_F(RunnerTest, SaysHowManyListenWhenTheCourierIsSilent) {
  device_with_channel();
  courier.mute = true;
  ASSERT_TRUE(runner.start());
  EXPECT_EQ(support::run_task(io, runner.wait_until_listening(std::chrono::milliseconds(50))), 0U);
  stop();
}

TEST_F(RunnerTest, ComesBackByItselfWhenItIsUnlocked) {
  auto device = device_with_channel();
  device.locked = device.wake_pending = true;
  save(device);
  server.commands = {certificates("A")};
  ASSERT_TRUE(runner.start());
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  EXPECT_EQ(server.count("NotNow"), 1U);
  server.commands = {certificates("A")};
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"unlock", device.passcode}));
  ASSERT_TRUE(until([&] { return events_named("conversation") == 2; }));
  EXPECT_EQ(server.count("Acknowledged"), 1U);
  stop();
}

TEST_F(RunnerTest, TriesAtOnceWhenAPushComesAfterNotNow) {
  auto device = device_with_channel();
  device.locked = true;
  save(device);
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  for (int i = 1; i <= 2; ++i) {
    server.commands = {certificates("A")};
    courier.push(kTopic, kMagic, static_cast<std::uint32_t>(i));
    ASSERT_TRUE(until([&] { return events_named("conversation") == i; }));
  }
  EXPECT_EQ(server.count("NotNow"), 2U);
  stop();
}

TEST_F(RunnerTest, HasNoChannelAndNoConversationWhileItIsOffline) {
  auto device = device_with_channel();
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"go-offline", ""}));
  ASSERT_TRUE(until([&] { return courier.closed == 1 && events_named("disconnected") == 1; }));
  EXPECT_EQ(runner.channels(), 0U);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"come-online", ""}));
  ASSERT_TRUE(until([&] { return events_named("listening") == 2; }));
  courier.push(kTopic, kMagic, 7);
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  stop();
}

TEST_F(RunnerTest, ListensAgainWhenItGoesOfflineAndComesBackAtOnce) {
  auto device = device_with_channel();
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"go-offline", ""}));
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"come-online", ""}));
  ASSERT_TRUE(until([&] { return events_named("listening") == 2; }));
  stop();
}

TEST_F(RunnerTest, StartsSilentWhenItWasOfflineAndKeepsWhatItOwes) {
  auto device = device_with_channel();
  device.offline = device.wake_pending = true;
  save(device);
  ASSERT_EQ(require(runner.start()), 1U);
  EXPECT_EQ(runner.channels(), 0U);
  EXPECT_EQ(runner.without_courier(), 0U);
  EXPECT_EQ(listening(), 0U);
  EXPECT_TRUE(server.seen.empty());
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"come-online", ""}));
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  EXPECT_EQ(server.count("Idle"), 1U);
  stop();
}

TEST_F(RunnerTest, IsSilentWhenAMacWasLockedWithAPin) {
  const auto device = device_with_channel("mac");
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  server.commands = {FakeMdm::command("A", {{"RequestType", "DeviceLock"}, {"PIN", "246810"}})};
  courier.push(kTopic, kMagic, 1);
  ASSERT_TRUE(until([&] { return courier.closed == 1; }));
  EXPECT_EQ(runner.channels(), 0U);
  EXPECT_EQ(server.count("Acknowledged"), 1U);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"unlock", "246810"}));
  ASSERT_TRUE(until([&] { return events_named("listening") == 2; }));
  EXPECT_EQ(server.count("Idle"), 1U) << "nobody pushed meanwhile";
  stop();
}

TEST_F(RunnerTest, ConnectsToTheCourierAnewWhenItIsRestarted) {
  auto device = device_with_channel();
  device.supervised = true;
  save(device);
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"restart", ""}));
  ASSERT_TRUE(until([&] { return courier.closed == 1 && events_named("listening") == 2; }));
  server.commands = {FakeMdm::command("A", {{"RequestType", "RestartDevice"}}), certificates("B")};
  courier.push(kTopic, kMagic, 1);
  ASSERT_TRUE(until([&] { return courier.closed == 2 && events_named("listening") == 3; }));
  EXPECT_EQ(server.kinds(), (std::vector<std::string>{"Idle", "Acknowledged"}));
  stop();
}

TEST_F(RunnerTest, SaysGoodbyeWhenTheUserRemovesTheEnrollmentProfile) {
  const auto device = device_with_channel();
  ASSERT_TRUE(runner.start());
  ASSERT_EQ(listening(), 1U);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"remove-profile", "org.example.enroll"}));
  ASSERT_TRUE(until([&] { return courier.closed == 1; }));
  EXPECT_EQ(server.count("CheckOut"), 1U);
  EXPECT_FALSE(stored(device.id).enrollment);
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"lock", ""})) << "it is still a device";
  EXPECT_TRUE(stored(device.id).locked);
  stop();
}

// 2.3
TEST_F(RunnerTest, RemovesAProfileInTimeThoughNobodyTalksToTheDevice) {
  auto device = device_with_channel();
  InstalledProfile due;
  due.identifier = "org.example.due";
  due.uuid = "DUE";
  due.remove_at =
      std::chrono::ceil<std::chrono::seconds>(clock.now()).time_since_epoch().count() + 1;
  device.profiles.push_back(due);
  save(device);
  ASSERT_TRUE(runner.start());
  ASSERT_TRUE(until([&] { return events_named("profiles_removed") == 1; }));
  EXPECT_EQ(stored(device.id).profiles.size(), 1U);
  EXPECT_TRUE(server.seen.empty());
  stop();
}

TEST_F(RunnerTest, LaysHandsOnDevicesThatAreNotEnrolledAndOnNoOthers) {
  auto device = device_with_channel();
  remove_management(device);
  save(device);
  ASSERT_TRUE(runner.start());
  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"lock", ""}));
  EXPECT_TRUE(stored(device.id).locked);
  const auto nobody = runner.lay_hands("d999", Hand{"lock", ""});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, errc::not_found);
  stop();
}

TEST_F(RunnerTest, LeavesDevicesAloneThatAreNotEnrolled) {
  auto device = device_with_channel();
  remove_management(device);
  save(device);
  EXPECT_EQ(require(runner.start()), 0U);
  stop();
}

TEST_F(RunnerTest, RunsDevicesWithoutAPushChannel) {
  auto device = enrolled_device();
  device.wake_pending = true;
  save(device);
  ASSERT_EQ(require(runner.start()), 1U);
  EXPECT_EQ(listening(), 0U);
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  stop();
}

// fact 9.2, 9.3
TEST_F(RunnerTest, HearsTheUsersPushesWhileTheyAreLoggedIn) {
  auto device = device_with_channel("mac");
  device.enrollment->mdm.server_capabilities = {"com.apple.mdm.per-user-connections"};
  device.users.front().logged_in = false;
  const std::string owner = device.users.front().name;
  open_user_channel(device, owner, Rng(7));
  const std::string magic = device.enrollment->user_channel->push_magic;
  save(device);
  ASSERT_EQ(require(runner.start()), 1U);
  ASSERT_EQ(listening(), 1U);
  EXPECT_EQ(courier.connects.size(), 1U) << "nobody is logged in";

  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"log-in", owner}));
  ASSERT_TRUE(until([&] { return server.count("TokenUpdate") == 1; }));
  EXPECT_EQ(courier.connects.size(), 3U) << "the device again, and its user";
  const plist::Value& update = server.seen.back().body;
  EXPECT_EQ(update.string_at("UserShortName"), owner);
  EXPECT_EQ(update.string_at("PushMagic"), magic);
  EXPECT_EQ(update.data_at("Token"), Bytes(courier.user_app.begin(), courier.user_app.end()));
  ASSERT_TRUE(until([&] { return !stored(device.id).enrollment->user_channel->token_owed; }));

  ASSERT_EQ(listening(), 1U);
  courier.push_to(courier.user_app, kTopic, magic, 1);
  ASSERT_TRUE(until([&] { return server.count("Idle") == 1; }));
  EXPECT_EQ(server.seen.back().body.string_at("UserShortName"), owner);
  ASSERT_TRUE(until([&] { return !stored(device.id).enrollment->user_channel->wake_pending; }));

  ASSERT_TRUE(runner.lay_hands(device.id, Hand{"log-out", ""}));
  ASSERT_TRUE(until([&] { return courier.connects.size() == 4; })) << "the device alone";
  EXPECT_EQ(listening(), 1U);
  stop();
}

// fact 8.16, 8.11
TEST_F(RunnerTest, ComesBackByTheClockWhenItsAppsAreThere) {
  auto device = device_with_channel();
  device.setup.returned_to_service = device.setup.awaiting_configuration = true;
  ManagedApp app;
  app.identifier = "org.example.kiosk";
  app.status = "Installing";
  app.changed_at =
      std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count();
  device.managed_apps = {app};
  device.wake_pending = true;
  save(device);
  server.commands = {certificates("A")};
  ASSERT_TRUE(runner.start());
  ASSERT_TRUE(until([&] { return server.count("NotNow") == 1; }));
  time->advance(std::chrono::seconds(kAppInstallSeconds));
  ASSERT_TRUE(until([&] { return server.count("Idle") == 2; })) << "nobody pushed it";
  EXPECT_EQ(stored(device.id).managed_apps.front().status, "Managed");
  stop();
}

// fact 11.4
TEST_F(RunnerTest, EnrollsADeviceThatReturnsToServiceAndListensAgain) {
  auto device = device_with_channel();
  const Device before = device;
  device.return_to_service = return_with({1}, device);
  erase(device, context.seed, device.number);
  save(device);
  context.enroll_again = [&](std::string id) -> Task<Result<void>> {
    auto back = stored(id);
    back.return_to_service.reset();
    back.enrollment = before.enrollment;
    back.enrollment->stage = Enrollment::Stage::token_pending;
    back.keychain = before.keychain;
    save(back);
    co_return Result<void>();
  };
  ASSERT_EQ(require(runner.start()), 1U);
  ASSERT_TRUE(until([&] { return server.count("TokenUpdate") == 1; }));
  ASSERT_TRUE(until([&] { return events_named("conversation") == 1; }));
  EXPECT_EQ(listening(), 1U);
  courier.push(kTopic, kMagic, 1);
  ASSERT_TRUE(until([&] { return server.count("Idle") == 2; }));
  stop();
}

}  // namespace
}  // namespace understudy::agent
