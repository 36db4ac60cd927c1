// GetToken, ReturnToService, and what becomes of what is in escrow.

#include "tests/support/command.h"
#include "tests/unit/server-mock/device_services/services_fixture.h"

namespace understudy::server {
namespace {

class EscrowTest : public ServicesTest {
 protected:
  EscrowTest() { enroll("D1", ids_.first); }

  net::HttpResponse tell(const std::string& type, plist::Dict body = {}) {
    return put(mdm::to_plist(mdm::OtherCheckin{sender("D1"), type, std::move(body)}), ids_.first);
  }
  net::HttpResponse get_token(const std::string& service, plist::Dict parameters = {}) {
    plist::Dict body = {{"TokenServiceType", service}};
    if (!parameters.empty()) body["TokenParameters"] = std::move(parameters);
    return tell("GetToken", std::move(body));
  }
  /// What python's cryptography, which is not ours, makes of a token: the claims as JSON.
  std::string claims_of(const net::HttpResponse& response) {
    const auto reply = must(plist::read(as_bytes(response.body)));
    const Bytes token = reply.data_at("TokenData").value_or(Bytes());
    const support::Output output = support::run(
        {"/usr/bin/python3", "-c", kVerify, ids_.first.key.public_key().pem(), to_text(token)});
    EXPECT_EQ(output.status, 0) << output.err;
    return output.out;
  }

  static constexpr const char* kVerify = R"(
import base64, json, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
def octets(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
head, claims, signature = sys.argv[2].split(".")
key = serialization.load_pem_public_key(sys.argv[1].encode())
key.verify(octets(signature), (head + "." + claims).encode(), padding.PKCS1v15(), hashes.SHA256())
assert json.loads(octets(head)) == {"alg": "RS256", "typ": "JWT"}
print(json.dumps(json.loads(octets(claims)), sort_keys=True))
)";
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// fact 7.9
TEST_F(EscrowTest, GivesATokenForAccountsThatOthersVerify) {
  const auto response = get_token("com.apple.maid");
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string claims = claims_of(response);
  EXPECT_TRUE(has(claims, R"("iss": "SERVER-UUID")")) << claims;
  EXPECT_TRUE(has(claims, R"("service_type": "com.apple.maid")")) << claims;
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(ids_.now.time_since_epoch());
  EXPECT_TRUE(has(claims, "\"iat\": " + std::to_string(now.count()))) << claims;
  EXPECT_TRUE(has(claims, R"("jti": ")")) << claims;
  EXPECT_NE(claims, claims_of(get_token("com.apple.maid"))) << "each has a jti of its own";
}

// fact 7.9
TEST_F(EscrowTest, GivesATokenToPairAWatch) {
  const plist::Dict parameters = {
      {"SecurityToken", "s"}, {"PhoneUDID", "PHONE"}, {"WatchUDID", "WATCH"}};
  const auto response = get_token("com.apple.watch.pairing", parameters);
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string claims = claims_of(response);
  EXPECT_TRUE(has(claims, R"("phone_udid": "PHONE")")) << claims;
  EXPECT_TRUE(has(claims, R"("watch_udid": "WATCH")")) << claims;
  for (const char* missing : {"SecurityToken", "PhoneUDID", "WatchUDID"}) {
    plist::Dict less = parameters;
    less.erase(missing);
    const auto refused = get_token("com.apple.watch.pairing", less);
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(has(refused.body, missing)) << refused.body;
  }
}

// fact 7.9
TEST_F(EscrowTest, RefusesATokenForAServiceThatDoesNotExist) {
  const auto refused = get_token("org.example.service");
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(has(refused.body, "org.example.service")) << refused.body;
}

// fact 7.12
TEST_F(EscrowTest, SendsADeviceBackToServiceWithAProfileAndItsToken) {
  tell("SetBootstrapToken", {{"BootstrapToken", to_bytes("boot")}});
  store_command("U1");
  const auto response = tell("ReturnToService");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto reply = must(plist::read(as_bytes(response.body)));
  const plist::Value* settings = reply.find("ReturnToService");
  ASSERT_NE(settings, nullptr);
  EXPECT_EQ(settings->bool_at("Enabled"), true);
  EXPECT_EQ(settings->data_at("BootstrapToken"), to_bytes("boot"));
  const auto profile =
      must(mdm::parse_enrollment_profile(settings->data_at("MDMProfileData").value_or(Bytes())));
  EXPECT_EQ(profile.mdm.topic, kTopic);
  EXPECT_EQ(device("D1").state, State::erased);
  EXPECT_TRUE(device("D1").unlock_token.empty());
  EXPECT_EQ(status("U1"), Status::cancelled);
  enroll("D1", ids_.first);  // and it comes back
  EXPECT_EQ(device("D1").state, State::enrolled);
  EXPECT_TRUE(device("D1").bootstrap_token.empty());
}

// fact 7.12
TEST_F(EscrowTest, TellsTheWayBackAgainWhenItsAnswerGotLost) {
  tell("SetBootstrapToken", {{"BootstrapToken", to_bytes("boot")}});
  ASSERT_EQ(tell("ReturnToService").status, 200);
  const auto again = tell("ReturnToService");
  ASSERT_EQ(again.status, 200) << again.body;
  const auto reply = must(plist::read(as_bytes(again.body)));
  const plist::Value* settings = reply.find("ReturnToService");
  ASSERT_NE(settings, nullptr);
  EXPECT_EQ(settings->data_at("BootstrapToken"), to_bytes("boot"));
  EXPECT_EQ(device("D1").state, State::erased);
  const auto foreign =
      put(mdm::to_plist(mdm::OtherCheckin{sender("D1"), "ReturnToService", {}}), ids_.second);
  EXPECT_EQ(foreign.status, 403);
  ASSERT_EQ(authenticate("D1", ids_.first).status, 200);
  EXPECT_EQ(tell("ReturnToService").status, 403) << "it read the answer";
}

TEST_F(EscrowTest, KeepsThatADeviceAwaitsConfiguration) {
  tell("SetBootstrapToken",
       {{"BootstrapToken", to_bytes("boot")}, {"AwaitingConfiguration", true}});
  EXPECT_TRUE(device("D1").awaiting_configuration);
  tell("SetBootstrapToken", {{"BootstrapToken", to_bytes("boot")}});
  EXPECT_TRUE(device("D1").awaiting_configuration) << "said nothing of it";
  tell("SetBootstrapToken",
       {{"BootstrapToken", to_bytes("boot")}, {"AwaitingConfiguration", false}});
  EXPECT_FALSE(device("D1").awaiting_configuration);
}

// fact 1.25, 7.7
TEST_F(EscrowTest, KeepsTheBootstrapTokenThroughARenewalAndForgetsItWithTheDevice) {
  tell("SetBootstrapToken", {{"BootstrapToken", to_bytes("boot")}});
  EXPECT_EQ(device("D1").bootstrap_token_at, ids_.now);
  enroll("D1", ids_.first);
  EXPECT_EQ(device("D1").bootstrap_token, to_bytes("boot"));
  store_command("U1", "EraseDevice");
  EXPECT_EQ(uuid_in(idle("D1", ids_.first)), "U1");
  report("D1", ids_.first, mdm::Status::acknowledged, "U1");
  EXPECT_EQ(device("D1").state, State::erased);
  EXPECT_TRUE(device("D1").bootstrap_token.empty());
  EXPECT_TRUE(device("D1").unlock_token.empty());
}

}  // namespace
}  // namespace understudy::server
