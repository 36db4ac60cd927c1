/// What has to be fetched in the middle of a conversation: identities for a profile, and a check-in
/// when the enrollment profile is replaced (facts 1.23 to 1.25, 3.3).

#include <gmock/gmock.h>

#include "agent/session/device_session.h"
#include "shared/scep/responder.h"
#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::Pki;
using fakes::require;
using Kinds = std::vector<std::string>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RenewalTest : public fakes::AgentFixture {
 protected:
  RenewalTest() {
    scep::ResponderOptions options;
    options.decide = [](const crypto::CertificateRequest&, const std::string&) {
      return scep::Decision{};
    };
    responder.emplace(scep_ca().authority(), clock, options);
    server.other = [this](const net::IncomingRequest& request) {
      if (on_scep) on_scep();
      if (scep_fails) return net::HttpResponse::text(503, "not now");
      const auto target = net::Target::parse(request.target);
      const auto reply =
          responder->handle(target.parameter("operation").value_or(""), as_bytes(request.body));
      return net::HttpResponse::of(reply.http_status, reply.content_type, to_text(reply.body));
    };
  }
  static const Pki& scep_ca() {
    static const Pki ca("SCEP CA", crypto::KeyType::rsa_2048);
    return ca;
  }

  /// The enrollment profile of `device`, with an identity by SCEP.
  mdm::EnrollmentProfileSpec next_profile(const Device& device) const {
    mdm::ScepPayload scep;
    scep.url = server.url("/scep");
    scep.key_size = 2048;
    scep.subject.rdns = {{{"CN", "%SerialNumber%"}}};
    mdm::EnrollmentProfileSpec spec;
    spec.identifier = device.enrollment->profile_identifier;
    spec.display_name = "Enrollment";
    spec.organization = "Example";
    spec.profile_uuid = "11111111-0000-4000-8000-000000000001";
    spec.mdm_uuid = "11111111-0000-4000-8000-000000000002";
    spec.identity_uuid = "11111111-0000-4000-8000-000000000003";
    spec.mdm = device.enrollment->mdm;
    spec.identity = scep;
    spec.anchors = {pki.root()};
    return spec;
  }
  void offer(const plist::Value& profile) {
    const auto xml = require(plist::write_xml(profile));
    server.commands.push_back(
        FakeMdm::command("RENEW", {{"RequestType", "InstallProfile"}, {"Payload", to_bytes(xml)}}));
  }
  void offer_next(const Device& device) {
    offer(require(mdm::make_enrollment_profile(next_profile(device))));
  }
  Device enrolled_iphone() {
    Device device = enrolled_device();
    device.profiles[0].raw = to_bytes("<plist/>");  // the fixture's has no content
    save(device);
    return device;
  }

  /// While the device waits for its CA.
  void lay_hands_at_scep(DeviceSession& session, const std::string& action) {
    on_scep = [this, &session, action] {
      ASSERT_TRUE(session.lay_hands(Hand{action, ""}));
      on_scep = nullptr;
    };
  }

  std::optional<scep::Responder> responder;
  bool scep_fails = false;
  std::function<void()> on_scep;
};

TEST_F(RenewalTest, ChecksInWithTheNewIdentityAndAnswersWithIt) {
  const Device before = enrolled_iphone();
  offer_next(before);
  auto session = session_of(before.id);
  const auto end = work(session);
  EXPECT_EQ(end.end, End::done) << end.why;
  EXPECT_EQ(server.kinds(), (Kinds{"Idle", "/scep", "/scep", "/scep", "Authenticate", "TokenUpdate",
                                   "Acknowledged"}));
  const Device after = stored(before.id);
  const auto* identity = after.find_identity("11111111-0000-4000-8000-000000000003");
  ASSERT_NE(identity, nullptr);
  EXPECT_EQ(before.find_identity("11111111-0000-4000-8000-000000000003"), nullptr);
  const auto certificate = require(crypto::Certificate::from_der(identity->certificate_der));
  EXPECT_EQ(certificate.subject().find("CN"), before.hardware.serial_number);
  for (std::size_t i = 4; i < 7; ++i) {
    ASSERT_TRUE(server.seen[i].request.peer_certificate);
    EXPECT_EQ(*server.seen[i].request.peer_certificate, certificate) << server.seen[i].kind;
  }
  EXPECT_EQ(after.enrollment->stage, Enrollment::Stage::enrolled);
  EXPECT_EQ(server.seen[5].body.string_at("PushMagic"), kMagic);
}

TEST_F(RenewalTest, KeepsTheOldProfileWhenTheServerRefusesTheCheckIn) {
  for (const char* refused : {"Authenticate", "TokenUpdate"}) {
    const Device before = enrolled_iphone();
    offer_next(before);
    server.seen.clear();
    server.script[refused].push_back(net::HttpResponse::text(503, "busy"));
    auto session = session_of(before.id);
    EXPECT_EQ(work(session).end, End::done);
    const auto& report = server.seen.back().body;
    EXPECT_EQ(report.string_at("Status"), "Error");
    const auto& chain = *report.find("ErrorChain")->if_array();
    EXPECT_EQ(chain[0].int_at("ErrorCode"), 12002);
    EXPECT_THAT(*chain[0].string_at("LocalizedDescription"), HasSubstr(refused));
    EXPECT_EQ(serialize(stored(before.id)), serialize(before)) << refused;
  }
}

TEST_F(RenewalTest, MakesItsKeyByTheShortcutThatTheDeviceIsSaidToHave) {
  Device before = enrolled_iphone();
  before.enrollment->keys = "p256";
  save(before);
  offer_next(before);
  auto session = session_of(before.id);
  EXPECT_EQ(work(session).end, End::done);
  const Device after = stored(before.id);
  const auto* identity = after.find_identity("11111111-0000-4000-8000-000000000003");
  ASSERT_NE(identity, nullptr);
  EXPECT_FALSE(require(crypto::PrivateKey::from_der(identity->private_key_der)).is_rsa());
  EXPECT_EQ(after.enrollment->keys, "p256");
}

TEST_F(RenewalTest, KeepsTheOldProfileWithoutACa) {
  const Device before = enrolled_iphone();
  offer_next(before);
  scep_fails = true;
  auto session = session_of(before.id);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.count("Authenticate"), 0U);
  const auto& chain = *server.seen.back().body.find("ErrorChain")->if_array();
  EXPECT_EQ(chain[1].string_at("ErrorDomain"), "MCSCEPErrorDomain");
  EXPECT_EQ(chain[1].int_at("ErrorCode"), 22005);
  EXPECT_EQ(serialize(stored(before.id)), serialize(before));
}

TEST_F(RenewalTest, KeepsWhatHappensToTheDeviceMeanwhile) {
  const Device before = enrolled_iphone();
  offer_next(before);
  auto session = session_of(before.id);
  lay_hands_at_scep(session, "lock");
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_TRUE(stored(before.id).locked);
  EXPECT_NE(stored(before.id).find_identity("11111111-0000-4000-8000-000000000003"), nullptr);
}

TEST_F(RenewalTest, EndsWhenTheDeviceIsErasedMeanwhile) {
  const Device before = enrolled_iphone();
  offer_next(before);
  auto session = session_of(before.id);
  lay_hands_at_scep(session, "wipe-by-user");
  EXPECT_EQ(work(session).end, End::erased);
  EXPECT_FALSE(stored(before.id).enrollment);
}

TEST_F(RenewalTest, FetchesTheIdentityOfAnotherProfile) {
  const Device before = enrolled_device();
  plist::Dict scep = {{"PayloadType", "com.apple.security.scep"},
                      {"PayloadIdentifier", "org.example.wifi.identity"},
                      {"PayloadUUID", "WIFI-IDENTITY"},
                      {"PayloadVersion", 1},
                      {"PayloadContent", plist::Dict{{"URL", server.url("/scep")}}}};
  offer(plist::Dict{{"PayloadType", "Configuration"},
                    {"PayloadIdentifier", "org.example.wifi"},
                    {"PayloadUUID", "WIFI"},
                    {"PayloadVersion", 1},
                    {"PayloadContent", plist::Array{std::move(scep)}}});
  auto session = session_of(before.id);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_THAT(server.kinds(), ElementsAre("Idle", "/scep", "/scep", "/scep", "Acknowledged"));
  const Device after = stored(before.id);
  ASSERT_NE(after.find_identity("WIFI-IDENTITY"), nullptr);
  EXPECT_EQ(after.find_identity("WIFI-IDENTITY")->profile_identifier, "org.example.wifi");
}

}  // namespace
}  // namespace understudy::agent
