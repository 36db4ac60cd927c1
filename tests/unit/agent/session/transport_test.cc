// Pinning, redirects and retries of an enrolled device's requests.

#include <gtest/gtest.h>

#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::FakeMdm;
using fakes::Pki;
using Kinds = std::vector<std::string>;

class TransportTest : public fakes::AgentFixture {
 protected:
  /// With a certificate payload, which the profile pins for the server, the check-in, or both.
  Device pinning(const crypto::Certificate& certificate, bool for_server, bool for_checkin) {
    auto device = enrolled_device();
    device.enrollment->stage = Enrollment::Stage::token_pending;
    const std::vector<std::string> uuids = {"PINNED"};
    if (for_server) device.enrollment->mdm.server_url_pins = uuids;
    if (for_checkin) device.enrollment->mdm.checkin_url_pins = uuids;
    KeychainItem item;
    item.payload_uuid = "PINNED";
    item.profile_identifier = device.enrollment->profile_identifier;
    item.certificate_der = certificate.der();
    device.keychain.push_back(item);
    save(device);
    return device;
  }
  void expect_refusal(const Device& device, const std::string& words) {
    auto session = session_of(device.id);
    const auto end = work(session);
    EXPECT_EQ(end.end, End::retry);
    EXPECT_NE(end.why.find(words), std::string::npos) << end.why;
  }
  static net::HttpResponse moved(int status, const std::string& to) {
    auto response = net::HttpResponse::text(status, "moved");
    response.headers.set("Location", to);
    return response;
  }
};

// fact 1.11
TEST_F(TransportTest, SpeaksToAServerWhoseChainHasThePinnedCertificate) {
  const auto device = pinning(pki.root(), true, true);
  auto session = session_of(device.id);
  EXPECT_EQ(work(session).end, End::done);
  EXPECT_EQ(server.kinds(), (Kinds{"TokenUpdate", "Idle"}));
}

// fact 1.11: each URL has pins of its own
TEST_F(TransportTest, SaysNothingToAServerWhoseChainHasNot) {
  const Pki other("Another Root");
  expect_refusal(pinning(other.root(), false, true), "certificates that are pinned");
  EXPECT_TRUE(server.seen.empty());
  expect_refusal(pinning(other.root(), true, false), "certificates that are pinned");
  EXPECT_EQ(server.kinds(), Kinds{"TokenUpdate"}) << "the check-in URL is not pinned";
}

TEST_F(TransportTest, SaysNothingWhenThePinNamesNoCertificate) {
  auto device = pinning(pki.root(), true, true);
  device.enrollment->mdm.server_url_pins = {"NONE"};
  save(device);
  expect_refusal(device, "profile pins");
}

// fact 1.11: PinningRevocationCheckRequired
TEST_F(TransportTest, WantsARevocationStatusWhereTheProfileDoes) {
  auto device = pinning(pki.root(), true, true);
  device.enrollment->mdm.pinning_revocation_check = true;
  save(device);
  expect_refusal(device, "revocation status");
}

// fact 6.7
TEST_F(TransportTest, FollowsRedirectsOfEveryRequestAndRemembersNone) {
  auto device = enrolled_device();
  device.enrollment->stage = Enrollment::Stage::token_pending;
  save(device);
  std::vector<net::IncomingRequest> arrived;
  server.other = [&](const net::IncomingRequest& request) {
    arrived.push_back(request);
    return net::HttpResponse::of(200, "application/xml", "");
  };
  for (int round = 1; round <= 2; ++round) {
    server.script["TokenUpdate"] = {moved(301, server.url("/elsewhere/checkin"))};
    server.script["Idle"] = {moved(round == 1 ? 301 : 307, "/elsewhere/mdm")};
    auto session = session_of(device.id);
    EXPECT_EQ(work(session).end, End::done);
    save(device);
  }
  const Kinds each = {"TokenUpdate", "/elsewhere/checkin", "Idle", "/elsewhere/mdm"};
  Kinds twice = each;
  twice.insert(twice.end(), each.begin(), each.end());
  EXPECT_EQ(server.kinds(), twice) << "a 301 as well: the next time begins at the old URL";
  ASSERT_EQ(arrived.size(), 4U);
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    EXPECT_EQ(arrived[i].method, "PUT");
    EXPECT_EQ(arrived[i].body, server.seen[2 * i].request.body);
    EXPECT_TRUE(arrived[i].headers.find("Mdm-Signature"));
  }
}

TEST_F(TransportTest, EndsARedirectLoopWithOneClearError) {
  const auto device = enrolled_device();
  server.on_request = [&](const std::string& kind) { server.script[kind] = {moved(302, "/mdm")}; };
  expect_refusal(device, "redirect");
  EXPECT_EQ(server.count("Idle"), 6U) << "the first, and five that were followed";
}

TEST_F(TransportTest, FollowsNoRedirectWhenThatIsForbidden) {
  const auto device = enrolled_device();
  context.transport.follow_redirects = false;
  server.script["Idle"] = {moved(302, "/elsewhere")};
  expect_refusal(device, "HTTP 302");
  EXPECT_EQ(server.kinds(), Kinds{"Idle"});
}

TEST_F(TransportTest, NeverGoesOnWithoutTls) {
  const auto device = enrolled_device();
  server.script["Idle"] = {moved(302, "http://127.0.0.1:1/mdm")};
  expect_refusal(device, "redirect");
}

}  // namespace
}  // namespace understudy::agent
