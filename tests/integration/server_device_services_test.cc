// What a device sees of the server, with curl as the device and openssl as its key store.

#include "tests/integration/server_fixture.h"

namespace understudy::server {
namespace {

using ServerDeviceServices = ServerTest;

TEST_F(ServerDeviceServices, HoldsAConversationWithCurl) {
  enroll("D1", "one");
  enqueue("D1", "U1", "?nopush=1");
  const Answer next = put("one", report("D1", "Idle"));
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(next.body, command("U1")) << "the octets as they were given";
  const Answer last = put("one", report("D1", "Acknowledged", "U1"));
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.body, "");
  EXPECT_EQ(hops("U1"),
            (Hops{"action", "event_queued", "command_stored", "idle", "command_sent", "result"}));
  EXPECT_EQ(api({}, "/v1/commands/U1/result").body, report("D1", "Acknowledged", "U1"));
}

TEST_F(ServerDeviceServices, TakesASignatureByOpensslInsteadOfAClientCertificate) {
  make_identity("one");
  const auto by_signature = [&](const std::string& body) {
    return put("", body, {"-H", "Mdm-Signature: " + signature("one", body)}).status;
  };
  EXPECT_EQ(by_signature(authenticate("D1")), 200);
  EXPECT_EQ(by_signature(token_update("D1")), 200);
  EXPECT_EQ(by_signature(report("D1", "Idle")), 200);
  EXPECT_EQ(put("one", report("D1", "Idle")).status, 200) << "either proof is enough";
}

TEST_F(ServerDeviceServices, RefusesASignatureOverOtherBytes) {
  enroll("D1", "one");
  const std::string header = "Mdm-Signature: " + signature("one", "other bytes");
  for (const std::string& name : {std::string(), std::string("one")}) {
    const Answer answer = put(name, report("D1", "Idle"), {"-H", header});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 1) << answer.body;
    EXPECT_NE(answer.body.find("Mdm-Signature"), std::string::npos) << answer.body;
  }
}

TEST_F(ServerDeviceServices, RefusesASignatureByAnotherThanTheConnections) {
  enroll("D1", "one");
  enroll("D2", "two");
  const std::string body = report("D1", "Idle");
  EXPECT_EQ(put("two", body, {"-H", "Mdm-Signature: " + signature("one", body)}).status, 400);
}

TEST_F(ServerDeviceServices, RefusesForeignExpiredAndMissingIdentities) {
  make_foreign_identity("foreign");
  EXPECT_EQ(put("foreign", authenticate("D1")).status, 400);
  EXPECT_EQ(put("", authenticate("D1")).status, 400);
  EXPECT_TRUE(api_json(200, {}, "/v1/devices")["devices"].empty()) << "no half-enrolled device";
  enroll("D1", "one");
  EXPECT_EQ(put("one", report("D1", "Idle")).status, 200);
  api_json(200, {"-d", R"({"advance_seconds": 31622400})"}, "/v1/clock");
  const Answer expired = put("one", report("D1", "Idle"));
  EXPECT_EQ(expired.status, 400) << "a year has passed";
  EXPECT_NE(expired.body.find("expired"), std::string::npos) << expired.body;
}

TEST_F(ServerDeviceServices, RefusesAnothersIdentityAndAReportBeforeEnrollment) {
  enroll("D1", "one");
  make_identity("two");
  EXPECT_EQ(put("two", report("D1", "Idle")).status, 403);
  EXPECT_EQ(put("two", report("D2", "Idle")).status, 403);
  EXPECT_EQ(put("one", authenticate("D2")).status, 403);
  EXPECT_EQ(put("two", authenticate("D2")).status, 200);
  EXPECT_EQ(put("two", report("D2", "Idle")).status, 403);
  EXPECT_EQ(put("one", report("D1", "Idle")).status, 200) << "nothing else is disturbed";
}

TEST_F(ServerDeviceServices, SurvivesABodyOf100Megabytes) {
  make_identity("one");
  write("big", as_bytes("x"));
  std::filesystem::resize_file(dir_ / "big", std::uintmax_t{100} * 1024 * 1024);
  const Answer answer = curl({"-T", file("big"), "--cacert", ready("ca"), "--cert", file("one.pem"),
                              "--key", file("one.key"), ready("device_services") + "/mdm"});
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(put("one", authenticate("D1")).status, 200);
}

TEST_F(ServerDeviceServices, RefusesWhatIsNoMessage) {
  make_identity("one");
  for (const std::string& body :
       {std::string("hello"), std::string("<plist>"), std::string("bplist00 and no more")}) {
    const Answer answer = put("one", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 1) << answer.body;
  }
  EXPECT_EQ(curl({"--cacert", ready("ca"), ready("device_services") + "/mdm"}).status, 405);
}

TEST_F(ServerDeviceServices, OffersItsCertificatesToScepClients) {
  const std::string url = ready("device_services") + "/scep?operation=";
  const Answer capabilities = curl({"--cacert", ready("ca"), url + "GetCACaps"});
  EXPECT_NE(capabilities.body.find("POSTPKIOperation"), std::string::npos);
  const Answer certificate =
      curl({"--cacert", ready("ca"), "-o", file("ca.der"), url + "GetCACert"});
  EXPECT_EQ(certificate.status, 200);
  const auto shown = support::run(
      {"openssl", "x509", "-inform", "DER", "-in", file("ca.der"), "-noout", "-subject"});
  EXPECT_NE(shown.out.find("Understudy Device CA"), std::string::npos) << shown.err;
}

TEST_F(ServerDeviceServices, SignsAProfileThatOpensslVerifies) {
  const Answer answer = curl(
      {"--cacert", ready("ca"), "-o", file("profile.p7"), ready("enroll") + "?signed=1&urls=two"});
  ASSERT_EQ(answer.status, 200);
  const auto verified =
      support::run({"openssl", "cms", "-verify", "-inform", "DER", "-in", file("profile.p7"),
                    "-CAfile", ready("ca"), "-purpose", "any"});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_NE(verified.out.find("CheckInURL"), std::string::npos);
}

}  // namespace
}  // namespace understudy::server
