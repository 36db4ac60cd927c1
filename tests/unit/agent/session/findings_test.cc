// What a device session lets the witness see, and that nothing changes by it.

#include <gmock/gmock.h>

#include "agent/session/runner.h"
#include "tests/unit/agent/fakes/agent_fixture.h"
#include "tests/unit/agent/fakes/fake_courier.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::require;
using testing::ElementsAre;
using testing::IsEmpty;

class FindingsTest : public fakes::AgentFixture {
 protected:
  FindingsTest() : device(enrolled_device()) {}

  static std::string lock(const std::string& uuid, const char* key = "Message") {
    return FakeMdm::command(uuid, {{"RequestType", "DeviceLock"}, {key, "hello"}});
  }
  DeviceSession::WorkEnd hold() {
    auto session = session_of(device.id);
    return work(session);
  }
  std::vector<StoredFinding> found() { return require(store.findings().list()); }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const auto& one : found()) out.push_back(one.finding.id);
    return out;
  }

  Device device;
};

TEST_F(FindingsTest, AreNoneOfARightServer) {
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  server.commands = {lock("A"), FakeMdm::command("B", {{"RequestType", "ProfileList"}})};
  EXPECT_EQ(hold().commands, 2);
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(FindingsTest, OfACommandDoNotKeepItFromBeingPerformed) {
  server.commands = {lock("A", "Mesage")};
  EXPECT_EQ(hold().end, End::done);
  EXPECT_TRUE(stored(device.id).locked);
  EXPECT_EQ(server.kinds(), (std::vector<std::string>{"Idle", "Acknowledged"}));
  ASSERT_THAT(ids(), ElementsAre("command/unknown-key"));
  const auto one = found().at(0);
  EXPECT_EQ(one.device, device.id);
  EXPECT_EQ(one.finding.command_uuid, "A");
  EXPECT_EQ(one.finding.source, "mdm/commands/device.lock.yaml");
}

TEST_F(FindingsTest, OfAnswersThatAreNoCommands) {
  server.script["Idle"] = {net::HttpResponse::of(200, "application/xml", " \n")};
  EXPECT_EQ(hold().end, End::done);
  EXPECT_THAT(ids(), ElementsAre("http/white-space-body"));
}

TEST_F(FindingsTest, OfA401) {
  server.script["Idle"] = {net::HttpResponse::of(401, "text/plain", "")};
  EXPECT_EQ(hold().end, End::unenrolled);
  EXPECT_THAT(ids(), ElementsAre("http/unauthorized"));
}

TEST_F(FindingsTest, OfACheckin) {
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  server.script["TokenUpdate"] = {net::HttpResponse::of(200, "text/plain", "thank you")};
  EXPECT_EQ(hold().end, End::done);
  EXPECT_THAT(ids(), ElementsAre("checkin/body-not-empty"));
}

TEST_F(FindingsTest, OfARedirectThatIsFollowed) {
  device.enrollment->mdm.server_url = server.url("/moved");
  save(device);
  server.other = [this](const net::IncomingRequest&) {
    auto moved = net::HttpResponse::text(307, "moved");
    moved.headers.set("Location", server.url("/mdm"));
    return moved;
  };
  EXPECT_EQ(hold().end, End::done);
  EXPECT_THAT(ids(), ElementsAre("http/redirect"));
}

TEST_F(FindingsTest, OfAConversation) {
  server.commands = {lock("A"), lock("A")};
  EXPECT_EQ(hold().end, End::done);
  EXPECT_EQ(server.count("Acknowledged"), 2U);
  EXPECT_THAT(ids(), ElementsAre("conversation/answered-again"));
}

TEST_F(FindingsTest, AreLoggedOnceForEachIdAndCountedAlways) {
  server.commands = {lock("A", "Mesage"), lock("B", "Mesage"), lock("C", "Mesage")};
  testing::internal::CaptureStderr();
  hold();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_NE(said.find("command/unknown-key"), std::string::npos) << said;
  EXPECT_EQ(found().size(), 3U);
}

TEST_F(FindingsTest, MatterToNobodyWhenTheyCannotBeStored) {
  {
    auto other = require(io::Database::open(directory / "state" / "agent.db"));
    ASSERT_TRUE(other.execute("DROP TABLE findings"));
  }
  server.commands = {lock("A", "Mesage")};
  testing::internal::CaptureStderr();
  EXPECT_EQ(hold().end, End::done);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("finding.not_stored"), std::string::npos);
  EXPECT_TRUE(stored(device.id).locked);
}

TEST_F(FindingsTest, OfAPushThatWakesNobody) {
  fakes::FakeCourier courier(io, pki.server());
  const auto identity = require(crypto::CertificateAuthority::create(
                                    fakes::Pki::named("push id"), crypto::KeyType::rsa_2048,
                                    fakes::Pki::past(), fakes::Pki::future()))
                            .identity();
  device.push.courier = courier.address().text();
  device.push.courier_anchors_der = {pki.root().der()};
  device.push.key_der = identity.key.der();
  device.push.certificate_der = identity.certificate.der();
  device.push.topic_token = Bytes(courier.app.begin(), courier.app.end());
  save(device);
  Runner runner(io.get_executor(), context);
  ASSERT_TRUE(runner.start());
  EXPECT_EQ(support::run_task(io, runner.wait_until_listening(std::chrono::seconds(5))), 1U);
  courier.push(kTopic, "the-magic-of-yesterday", 1);
  std::function<bool()> refused = [this] { return events_named("push_refused") == 1; };
  EXPECT_TRUE(support::run_task(io, courier.until(std::move(refused))));
  EXPECT_THAT(ids(), ElementsAre("push/stale-magic"));
  EXPECT_TRUE(support::run_task(io, runner.stop(std::chrono::seconds(5))));
  EXPECT_TRUE(support::run_task(io, courier.stop()));
}

}  // namespace
}  // namespace understudy::agent
