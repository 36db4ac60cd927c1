#include "server-mock/console/portal_routes.h"

#include "tests/unit/server-mock/console/api_fixture.h"

namespace understudy::server {
namespace {

class PortalRoutesTest : public ApiTest {
 protected:
  std::string csr() const {
    crypto::CertificateRequest::Options options;
    options.subject = crypto::Name::of({{"CN", "mdm.example"}});
    return must(crypto::CertificateRequest::create(key_, options)).pem();
  }
  crypto::PrivateKey key_ = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
};

TEST_F(PortalRoutesTest, IssuesRenewsRevokesAndListsCertificates) {
  const auto first = json(200, "POST", "/v1/apns/certificates", csr());
  const std::string topic = first["topics"][0];
  EXPECT_EQ(first["environment"], "production");
  EXPECT_EQ(first["requester"], "CN=mdm.example");
  EXPECT_TRUE(first["revoked_at"].is_null());
  const auto identity = crypto::Identity::from_pem(first["pem"].get<std::string>() + key_.pem());
  ASSERT_TRUE(identity) << "the certificate is for the key of the CSR";

  const auto second = json(200, "POST", "/v1/apns/certificates/renew?topic=" + topic, csr());
  EXPECT_EQ(second["topics"], first["topics"]);
  EXPECT_NE(second["serial"], first["serial"]);
  const std::string serial = second["serial"];
  EXPECT_EQ(call("POST", "/v1/apns/certificates/" + serial + "/revoke").status, 204);
  json(404, "POST", "/v1/apns/certificates/abc/revoke");

  const auto all = json(200, "GET", "/v1/apns/certificates")["certificates"];
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["serial"], second["serial"]);
  EXPECT_EQ(all[0]["revoked_at"], "2023-11-14T22:15:00.000000Z");
  EXPECT_EQ(all[1]["revoked_at"], "2023-11-14T22:15:00.000000Z");
}

TEST_F(PortalRoutesTest, KeepsTheEnvironmentsApart) {
  const auto sandbox = json(200, "POST", "/v1/apns/certificates?environment=sandbox", csr());
  EXPECT_EQ(sandbox["environment"], "sandbox");
  json(400, "POST", "/v1/apns/certificates?environment=another", csr());
}

TEST_F(PortalRoutesTest, SaysWhatIsWrongWithARequest) {
  json(400, "POST", "/v1/apns/certificates", "nonsense");
  json(400, "POST", "/v1/apns/certificates", "");
  json(413, "POST", "/v1/apns/certificates", std::string(300'000, 'A'));
  json(400, "POST", "/v1/apns/certificates/renew", csr());
  json(404, "POST", "/v1/apns/certificates/renew?topic=com.apple.mgmt.x", csr());
}

}  // namespace
}  // namespace understudy::server
