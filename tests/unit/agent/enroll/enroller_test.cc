#include "agent/enroll/enroller.h"

#include <gtest/gtest.h>

#include "shared/crypto/cms.h"
#include "shared/crypto/pkcs12.h"
#include "shared/scep/responder.h"
#include "tests/support/enrollment.h"
#include "tests/unit/agent/fakes/agent_fixture.h"
#include "tests/unit/agent/fakes/fake_courier.h"

namespace understudy::agent {
namespace {

using fakes::FakeCourier;
using fakes::FakeMdm;
using fakes::Pki;
using fakes::require;
using Kinds = std::vector<std::string>;

constexpr const char* kChallenge = "open-sesame";

class EnrollerTest : public fakes::AgentFixture {
 protected:
  EnrollerTest() {
    server.other = [this](const net::IncomingRequest& request) { return answer(request); };
    scep::ResponderOptions options;
    options.decide = [](const crypto::CertificateRequest& request, const std::string&) {
      scep::Decision decision;
      if (request.challenge() == kChallenge) return decision;
      decision.kind = scep::Decision::Kind::refuse;
      decision.why = "wrong challenge";
      return decision;
    };
    responder.emplace(scep_ca().authority(), clock, options);
  }

  static const Pki& scep_ca() {
    static const Pki ca("SCEP CA", crypto::KeyType::rsa_2048);
    return ca;
  }

  mdm::ScepPayload scep_payload() const {
    mdm::ScepPayload payload;
    payload.url = server.url("/scep");
    payload.challenge = kChallenge;
    payload.key_size = 2048;
    payload.subject.rdns = {{{"CN", "%HardwareUUID%"}}, {{"2.5.4.5", "%SerialNumber%"}}};
    return payload;
  }
  mdm::Pkcs12Payload pkcs12_payload(TimePoint not_after = Pki::future()) const {
    mdm::Pkcs12Payload payload;
    payload.password = "secret";
    payload.file =
        require(crypto::write_pkcs12(pki.device("from the file", not_after), "secret", "id"));
    return payload;
  }
  mdm::EnrollmentProfileSpec spec(mdm::IdentityPayload identity) const {
    auto spec = support::enrollment_spec(server.url(""), std::move(identity), {pki.root()});
    spec.mdm.sign_message = true;
    return spec;
  }
  static Bytes xml(const mdm::EnrollmentProfileSpec& spec) {
    return to_bytes(require(plist::write_xml(require(mdm::make_enrollment_profile(spec)))));
  }
  Bytes pkcs12_profile() const { return xml(spec(pkcs12_payload())); }

  Result<Device> enroll(EnrollOptions options) {
    Enroller enroller(context, keys, std::move(options));
    return support::run_task(io, enroller.enroll());
  }
  Result<Device> enroll(Bytes profile) {
    EnrollOptions options;
    options.profile = std::move(profile);
    return enroll(std::move(options));
  }
  std::size_t devices() { return require(store.ids()).size(); }
  void expect_failure(const Result<Device>& result, const std::string& words) {
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message().find(words), std::string::npos) << result.error().message();
    EXPECT_EQ(devices(), 0U) << words;
  }

  net::HttpResponse answer(const net::IncomingRequest& request) {
    const auto target = net::Target::parse(request.target);
    if (target.path == "/enroll") {
      return net::HttpResponse::of(200, std::string(mdm::kProfileContentType), to_text(offered));
    }
    if (target.path != "/scep" || scep_fails) return net::HttpResponse::text(503, "not now");
    const auto reply =
        responder->handle(target.parameter("operation").value_or(""), as_bytes(request.body));
    return net::HttpResponse::of(reply.http_status, reply.content_type, to_text(reply.body));
  }

  std::optional<scep::Responder> responder;
  Bytes offered;  ///< at /enroll
  bool scep_fails = false;
};

TEST_F(EnrollerTest, EnrollsByScepWithATokenOfTheCourier) {
  FakeCourier courier(io, pki.server({"courier.push.apple.com"}));
  EnrollOptions options;
  options.profile = xml(spec(scep_payload()));
  options.anchors = {pki.root()};
  options.courier = require(
      Courier::make(io.get_executor(), clock, CourierAddress{courier.address()}, {pki.root()}));
  const auto enrolled = enroll(options);
  ASSERT_TRUE(enrolled) << enrolled.error().message();

  const Device device = stored(enrolled->id);
  EXPECT_EQ(device.enrollment->stage, Enrollment::Stage::enrolled);
  EXPECT_EQ(device.push.courier, courier.address().text());
  EXPECT_EQ(device.push.topic_token, Bytes(courier.app.begin(), courier.app.end()));
  const auto* identity = device.find_identity(device.enrollment->identity_payload_uuid);
  ASSERT_TRUE(identity);
  const auto certificate = require(crypto::Certificate::from_der(identity->certificate_der));
  EXPECT_TRUE(certificate.issued_by(scep_ca().root()));
  EXPECT_EQ(certificate.subject().find("CN"), device.hardware.udid);
  EXPECT_EQ(certificate.subject().find("2.5.4.5"), device.hardware.serial_number);

  EXPECT_EQ(server.kinds(), (Kinds{"/scep", "/scep", "/scep", "Authenticate", "TokenUpdate"}));
  const auto& authenticate = server.seen[3];
  ASSERT_TRUE(authenticate.request.peer_certificate);
  EXPECT_EQ(*authenticate.request.peer_certificate, certificate);
  EXPECT_EQ(authenticate.body.string_at("SerialNumber"), device.hardware.serial_number);
  const auto& update = server.seen[4].body;
  EXPECT_EQ(update.data_at("Token"), device.push.topic_token);
  EXPECT_EQ(update.string_at("PushMagic"), device.enrollment->push_magic);
  EXPECT_EQ(update.data_at("UnlockToken"), device.enrollment->unlock_token);
  EXPECT_FALSE(device.enrollment->unlock_token.empty());
  EXPECT_TRUE(support::run_task(io, courier.stop()));
}

TEST_F(EnrollerTest, EnrollsByScepWithKeysOfAPool) {
  KeyMaker pool(require(KeyChoice::parse("pool:1")));
  EnrollOptions options;
  options.profile = xml(spec(scep_payload()));
  Enroller enroller(context, pool, options);
  const auto first = support::run_task(io, enroller.enroll());
  const auto second = support::run_task(io, enroller.enroll());
  ASSERT_TRUE(first && second);
  const auto* one = first->find_identity(first->enrollment->identity_payload_uuid);
  const auto* other = second->find_identity(second->enrollment->identity_payload_uuid);
  EXPECT_EQ(one->private_key_der, other->private_key_der);
  EXPECT_NE(one->certificate_der, other->certificate_der);
  EXPECT_EQ(stored(first->id).enrollment->keys, "pool:1");
}

TEST_F(EnrollerTest, EnrollsByScepWithACurveKey) {
  KeyMaker curve(require(KeyChoice::parse("p256")));
  EnrollOptions options;
  options.profile = xml(spec(scep_payload()));
  Enroller enroller(context, curve, options);
  const auto enrolled = support::run_task(io, enroller.enroll());
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  const Device device = stored(enrolled->id);
  EXPECT_EQ(device.enrollment->keys, "p256");
  const auto* identity = device.find_identity(device.enrollment->identity_payload_uuid);
  ASSERT_TRUE(identity);
  const auto certificate = require(crypto::Certificate::from_der(identity->certificate_der));
  EXPECT_FALSE(certificate.public_key().is_rsa());
  EXPECT_TRUE(certificate.issued_by(scep_ca().root()));
  EXPECT_EQ(*server.seen.back().request.peer_certificate, certificate) << "it serves for TLS";
}

TEST_F(EnrollerTest, FinishesWhatWasCutOffAfterAuthenticate) {
  const auto enrolled = enroll(pkcs12_profile());
  ASSERT_TRUE(enrolled);
  EXPECT_EQ(enrolled->enrollment->keys, "") << "the file brought the key";
  Device device = *enrolled;
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  Enroller enroller(context, keys, {});
  const auto finished = support::run_task(io, enroller.finish(device.id));
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_EQ(stored(device.id).enrollment->stage, Enrollment::Stage::enrolled);
  EXPECT_EQ(server.count("Authenticate"), 1U);
  EXPECT_EQ(server.count("TokenUpdate"), 2U);
}

TEST_F(EnrollerTest, EnrollsByPkcs12WithoutACourier) {
  const auto enrolled = enroll(pkcs12_profile());
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  const Device device = stored(enrolled->id);
  EXPECT_EQ(server.kinds(), (Kinds{"Authenticate", "TokenUpdate"}));
  EXPECT_EQ(device.push.topic_token.size(), 32U);
  EXPECT_TRUE(device.push.courier.empty());
  EXPECT_EQ(device.passcode.size(), 6U);
  ASSERT_EQ(device.profiles.size(), 1U);
  EXPECT_EQ(device.profiles[0].identifier, "org.example.enroll");
  EXPECT_EQ(device.keychain.size(), 2U) << "the identity and the root";
}

TEST_F(EnrollerTest, GivesEachDeviceSecretsOfItsOwn) {
  const auto first = enroll(pkcs12_profile()), second = enroll(pkcs12_profile());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->hardware.udid, second->hardware.udid);
  EXPECT_NE(first->enrollment->push_magic, second->enrollment->push_magic);
  EXPECT_NE(first->enrollment->unlock_token, second->enrollment->unlock_token);
  EXPECT_NE(first->push.topic_token, second->push.topic_token);
}

TEST_F(EnrollerTest, SetsThePasscodeThatIsAskedFor) {
  EnrollOptions options;
  options.profile = pkcs12_profile();
  options.passcode = "";
  const auto enrolled = enroll(options);
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_TRUE(stored(enrolled->id).passcode.empty());
}

TEST_F(EnrollerTest, FetchesASignedProfileForEachDevice) {
  offered = require(crypto::cms::sign(pkcs12_profile(), pki.device("profile signer")));
  EnrollOptions options;
  options.profile_url = server.url("/enroll");
  options.anchors = {pki.root()};
  ASSERT_TRUE(enroll(options));
  ASSERT_TRUE(enroll(options));
  EXPECT_EQ(server.count("/enroll"), 2U);
  EXPECT_EQ(stored("d1").profiles[0].raw, offered);
}

TEST_F(EnrollerTest, EnrollsOverPlainHttpOnlyWhenAllowed) {
  FakeMdm plain(io, std::nullopt);
  auto plain_spec = spec(pkcs12_payload());
  plain_spec.mdm.server_url = plain_spec.mdm.checkin_url = plain.url("/mdm");
  EnrollOptions options;
  options.profile = xml(plain_spec);
  const auto refused = enroll(options);
  expect_failure(refused, "https");
  EXPECT_EQ(refused.error().code, mdm::errc::insecure_url);
  options.rules.allow_http = true;
  const auto allowed = enroll(options);
  EXPECT_TRUE(allowed) << allowed.error().message();
  EXPECT_EQ(plain.kinds(), (Kinds{"Authenticate", "TokenUpdate"}));
  plain.stop();
  io.restart();
  io.run_for(std::chrono::milliseconds(10));
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenTheProfileIsBad) {
  struct Case {
    std::string name;
    Bytes profile;
    std::error_code code;
  };
  const auto edited = [this](auto edit) {
    auto value = require(mdm::make_enrollment_profile(spec(pkcs12_payload())));
    edit(*value.if_dict());
    return to_bytes(require(plist::write_xml(value)));
  };
  const auto payloads = [](plist::Dict& top) -> plist::Array& {
    return *top["PayloadContent"].if_array();
  };
  const auto is_mdm = [](const plist::Value& payload) {
    return payload.string_at("PayloadType") == "com.apple.mdm";
  };
  const auto with_mdm_key = [&](const std::string& key, plist::Value value) {
    return edited([&](plist::Dict& top) {
      for (auto& payload : payloads(top)) {
        if (is_mdm(payload)) (*payload.if_dict())[key] = value;
      }
    });
  };
  const Bytes no_mdm = edited([&](plist::Dict& top) { std::erase_if(payloads(top), is_mdm); });
  const Bytes two_mdm = edited([&](plist::Dict& top) {
    plist::Value copy = *std::find_if(payloads(top).begin(), payloads(top).end(), is_mdm);
    (*copy.if_dict())["PayloadUUID"] = "22222222-0000-4000-8000-000000000002";
    (*copy.if_dict())["PayloadIdentifier"] = "another";
    payloads(top).push_back(copy);
  });
  auto tampered = require(crypto::cms::sign(pkcs12_profile(), pki.device("signer")));
  const std::string_view text = as_text(tampered);
  tampered[text.find("Example")] = 'X';

  const std::vector<Case> cases = {
      {"no plist", to_bytes("<html>not found</html>"), mdm::errc::not_a_plist},
      {"empty", {}, mdm::errc::not_a_plist},
      {"no MDM payload", no_mdm, mdm::errc::no_mdm_payload},
      {"two MDM payloads", two_mdm, mdm::errc::two_mdm_payloads},
      {"http ServerURL", with_mdm_key("ServerURL", "http://example.org/mdm"),
       mdm::errc::insecure_url},
      {"no identity", with_mdm_key("IdentityCertificateUUID", "NOWHERE"), mdm::errc::no_identity},
      {"topic", with_mdm_key("Topic", "org.example.topic"), mdm::errc::bad_topic},
      {"empty topic", with_mdm_key("Topic", ""), mdm::errc::bad_topic},
      {"rights", with_mdm_key("AccessRights", 0), mdm::errc::bad_rights},
      {"signature", tampered, mdm::errc::bad_signature},
  };
  for (const auto& one : cases) {
    const auto result = enroll(one.profile);
    ASSERT_FALSE(result) << one.name;
    EXPECT_EQ(result.error().code, one.code) << one.name << ": " << result.error().message();
    EXPECT_EQ(result.error().message().find('\n'), std::string::npos) << "one line";
    EXPECT_EQ(devices(), 0U) << one.name;
  }
  EXPECT_TRUE(server.seen.empty()) << "the server heard nothing";
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenTheIdentityFails) {
  auto wrong_password = pkcs12_payload();
  wrong_password.password = "another";
  expect_failure(enroll(xml(spec(wrong_password))), "PKCS#12");
  expect_failure(enroll(xml(spec(pkcs12_payload(Pki::past())))), "valid from");
  auto wrong_challenge = scep_payload();
  wrong_challenge.challenge = "wrong";
  expect_failure(enroll(xml(spec(wrong_challenge))), "SCEP");
  EXPECT_EQ(server.count("Authenticate"), 0U);
  scep_fails = true;
  expect_failure(enroll(xml(spec(scep_payload()))), "SCEP");
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenTheProfileCannotBeFetched) {
  EnrollOptions options;
  options.anchors = {pki.root()};
  options.profile_url = server.url("/nowhere");
  expect_failure(enroll(options), "HTTP 503");
  const Pki foreign("Another Root");
  options.anchors = {foreign.root()};
  expect_failure(enroll(options), "enrollment profile");
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenTheCourierFails) {
  EnrollOptions options;
  options.profile = pkcs12_profile();
  options.anchors = {pki.root()};
  FakeCourier courier(io, pki.server());
  courier.status = 7;
  options.courier = require(
      Courier::make(io.get_executor(), clock, CourierAddress{courier.address()}, {pki.root()}));
  expect_failure(enroll(options), "push token");
  EXPECT_TRUE(support::run_task(io, courier.stop()));
  expect_failure(enroll(options), "cannot connect");
  EXPECT_TRUE(server.seen.empty());
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenAuthenticateFails) {
  for (const int status : {201, 400, 401, 403, 500}) {
    server.script["Authenticate"] = {net::HttpResponse::text(status, "no device today")};
    expect_failure(enroll(pkcs12_profile()),
                   "HTTP " + std::to_string(status) + ": no device today");
  }
  EXPECT_EQ(server.count("TokenUpdate"), 0U);
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenTheServersCertificateIsBad) {
  const Pki foreign("Another Root");
  for (const auto& identity : {foreign.server(), pki.server({"localhost"}, true, Pki::past()),
                               pki.server({"elsewhere.example.org"}, false)}) {
    FakeMdm other_server(io, identity);
    auto bad = spec(pkcs12_payload());
    bad.mdm.server_url = bad.mdm.checkin_url = other_server.url("/mdm");
    expect_failure(enroll(xml(bad)), "Authenticate");
    EXPECT_TRUE(other_server.seen.empty());
    other_server.stop();
    io.restart();
    io.run_for(std::chrono::milliseconds(10));
  }
}

TEST_F(EnrollerTest, RepeatsTheTokenUpdateUntilItIsTaken) {
  server.script["TokenUpdate"] = {net::HttpResponse::text(503, "busy")};
  const auto enrolled = enroll(pkcs12_profile());
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_EQ(server.count("TokenUpdate"), 2U);
  EXPECT_EQ(stored(enrolled->id).enrollment->stage, Enrollment::Stage::enrolled);
}

TEST_F(EnrollerTest, KeepsTheDeviceWhenOnlyTheTokenUpdateIsMissing) {
  const auto flowing = VirtualClock::flowing();
  AgentContext quick{store, http, keys, *flowing, Rng(1), {}, [](const AgentEvent&) {}};
  for (int i = 0; i < 5; ++i) {
    server.script["TokenUpdate"].push_back(net::HttpResponse::text(503, "busy"));
  }
  EnrollOptions options;
  options.profile = pkcs12_profile();
  Enroller enroller(quick, keys, options);
  bool ended = false;
  const auto hurry = [](VirtualClock& virtual_clock, const bool& over,
                        asio::io_context& loop) -> Task<void> {
    net::Event tick(loop.get_executor());
    while (!over) {
      co_await tick.wait_for(std::chrono::milliseconds(2));
      virtual_clock.advance(std::chrono::milliseconds(500));
    }
  };
  net::spawn(io.get_executor(), "hurry", hurry(*flowing, ended, io));
  const auto result = support::run_task(io, enroller.enroll());
  ended = true;
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("use run or connect"), std::string::npos)
      << result.error().message();
  ASSERT_EQ(devices(), 1U);
  EXPECT_EQ(stored("d1").enrollment->stage, Enrollment::Stage::token_pending);
  auto session = session_of("d1");
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(stored("d1").enrollment->stage, Enrollment::Stage::enrolled);
}

TEST_F(EnrollerTest, LeavesNothingBehindWhenTheTokenUpdateIsDisowned) {
  server.script["TokenUpdate"] = {net::HttpResponse::text(401, "who?")};
  expect_failure(enroll(pkcs12_profile()), "TokenUpdate");
}

// fact 7.3, 7.7, 1.19: what a Mac says when it is enrolled, in this order
TEST_F(EnrollerTest, EnrollsAMacWithItsUserAndItsBootstrapToken) {
  FakeCourier courier(io, pki.server({"courier.push.apple.com"}));
  auto asking = spec(pkcs12_payload());
  asking.mdm.server_capabilities = {"com.apple.mdm.per-user-connections",
                                    "com.apple.mdm.bootstraptoken"};
  EnrollOptions options;
  options.profile = xml(asking);
  options.factory.model = "mac";
  options.factory.supervised = true;
  options.anchors = {pki.root()};
  options.courier = require(
      Courier::make(io.get_executor(), clock, CourierAddress{courier.address()}, {pki.root()}));
  const auto enrolled = enroll(options);
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  ASSERT_EQ(server.kinds(),
            (Kinds{"Authenticate", "TokenUpdate", "SetBootstrapToken", "TokenUpdate"}));
  const plist::Value& user = server.seen[3].body;
  EXPECT_EQ(user.string_at("UserShortName"), enrolled->users.front().name);
  EXPECT_EQ(user.data_at("Token"), Bytes(courier.user_app.begin(), courier.user_app.end()));
  EXPECT_NE(user.string_at("PushMagic"), server.seen[1].body.string_at("PushMagic"));
  EXPECT_EQ(server.seen[2].body.data_at("BootstrapToken"), enrolled->enrollment->bootstrap_token);
  const auto stored_device = stored(enrolled->id);
  EXPECT_FALSE(stored_device.enrollment->user_channel->token_owed);
  EXPECT_FALSE(stored_device.enrollment->bootstrap_owed);
  EXPECT_TRUE(support::run_task(io, courier.stop()));
}

TEST_F(EnrollerTest, EnrollsWithAServerThatKnowsNoBootstrapTokens) {
  auto asking = spec(pkcs12_payload());
  asking.mdm.server_capabilities = {"com.apple.mdm.bootstraptoken"};
  EnrollOptions options;
  options.profile = xml(asking);
  options.factory.model = "mac";
  options.factory.supervised = true;
  server.script["SetBootstrapToken"] = {net::HttpResponse::text(400, "what?")};
  const auto enrolled = enroll(options);
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_TRUE(enrolled->enrollment->bootstrap_owed) << "and tries it again later";
}

// fact 11.4
TEST_F(EnrollerTest, EnrollsAnErasedDeviceAgainWithTheProfileItTookAlong) {
  FakeCourier courier(io, pki.server({"courier.push.apple.com"}));
  EnrollOptions options;
  options.profile = pkcs12_profile();
  options.factory.automated = options.factory.supervised = true;
  options.anchors = {pki.root()};
  options.courier = require(
      Courier::make(io.get_executor(), clock, CourierAddress{courier.address()}, {pki.root()}));
  auto device = require(enroll(options));
  const std::string old_magic = device.enrollment->push_magic;
  auto next = spec(scep_payload());
  next.identifier = "org.example.next";
  device.return_to_service = return_with(xml(next), device);
  device.return_to_service->wifi_profile = pkcs12_profile();  // any profile
  erase(device, context.seed, device.number);
  save(device);
  server.seen.clear();

  Enroller enroller(context, keys, {});
  const auto back = support::run_task(io, enroller.enroll_again(device.id));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(server.count("Authenticate"), 1U);
  EXPECT_EQ(server.count("TokenUpdate"), 0U) << "the session's business";
  const auto returned = stored(device.id);
  EXPECT_FALSE(returned.return_to_service);
  ASSERT_TRUE(returned.enrollment);
  EXPECT_EQ(returned.enrollment->profile_identifier, "org.example.next");
  EXPECT_EQ(returned.enrollment->stage, Enrollment::Stage::token_pending);
  EXPECT_NE(returned.enrollment->push_magic, old_magic);  // fact 12.5
  EXPECT_TRUE(returned.setup.awaiting_configuration);
  EXPECT_TRUE(returned.setup.returned_to_service);
  EXPECT_TRUE(returned.find_profile("org.example.enroll")) << "the Wi-Fi profile";
  EXPECT_EQ(returned.push.topic_token, Bytes(courier.app.begin(), courier.app.end()));
  EXPECT_TRUE(support::run_task(io, courier.stop()));
}

TEST_F(EnrollerTest, KeepsADeviceThatCouldNotReturnReadyToTryAgain) {
  EnrollOptions options;
  options.profile = pkcs12_profile();
  auto device = require(enroll(options));
  device.return_to_service = return_with(pkcs12_profile(), device);
  erase(device, context.seed, device.number);
  save(device);
  server.script["Authenticate"] = {net::HttpResponse::text(503, "busy")};
  Enroller enroller(context, keys, {});
  EXPECT_FALSE(support::run_task(io, enroller.enroll_again(device.id)));
  EXPECT_TRUE(stored(device.id).return_to_service);
  EXPECT_FALSE(stored(device.id).enrollment);
  EXPECT_TRUE(support::run_task(io, enroller.enroll_again(device.id)));
}

}  // namespace
}  // namespace understudy::agent
