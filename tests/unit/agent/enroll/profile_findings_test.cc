// The enrollment profile that a server hands out goes past the witness, whatever becomes of it.

#include <gmock/gmock.h>

#include "agent/enroll/enroller.h"
#include "shared/crypto/pkcs12.h"
#include "tests/support/enrollment.h"
#include "tests/unit/agent/fakes/agent_fixture.h"

namespace understudy::agent {
namespace {

using fakes::require;
using testing::ElementsAre;
using testing::IsEmpty;

class ProfileFindingsTest : public fakes::AgentFixture {
 protected:
  std::string profile() const {
    mdm::Pkcs12Payload identity;
    identity.password = "secret";
    identity.file = require(crypto::write_pkcs12(pki.device("device"), "secret", "id"));
    auto spec = support::enrollment_spec(server.url(""), identity, {pki.root()});
    return require(plist::write_xml(require(mdm::make_enrollment_profile(spec))));
  }
  Result<Device> enroll(const std::string& body, const std::string& type) {
    server.other = [=](const net::IncomingRequest&) {
      return net::HttpResponse::of(200, type, body);
    };
    EnrollOptions options;
    options.profile_url = server.url("/enroll");
    options.anchors = {pki.root()};
    Enroller enroller(context, keys, std::move(options));
    return support::run_task(io, enroller.enroll());
  }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const auto& one : require(store.findings().list())) {
      out.push_back(one.device + " " + one.finding.id);
    }
    return out;
  }
};

TEST_F(ProfileFindingsTest, AreNoneOfARightOne) {
  const auto enrolled = enroll(profile(), std::string(mdm::kProfileContentType));
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(ProfileFindingsTest, ComeWithADeviceThatEnrolls) {
  std::string text = profile();
  const std::string before = "<key>ServerURL</key>";
  text.insert(text.find(before), "<key>ServerUrl</key><string>x</string>");
  const auto enrolled = enroll(text, "application/octet-stream");
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_THAT(ids(), ElementsAre("d1 http/profile-content-type", "d1 profile/unknown-key"));
}

TEST_F(ProfileFindingsTest, StayWhenTheProfileIsRefused) {
  std::string text = profile();
  text.replace(text.find(kTopic), std::string(kTopic).size(), "");
  EXPECT_FALSE(enroll(text, std::string(mdm::kProfileContentType)));
  EXPECT_THAT(require(store.ids()), IsEmpty());
  EXPECT_THAT(ids(), ElementsAre("d1 profile/topic"));
}

}  // namespace
}  // namespace understudy::agent
