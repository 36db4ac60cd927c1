#include <gmock/gmock.h>

#include "tests/unit/shared/net/tls_pair.h"

namespace understudy::test {
namespace {

using ClientCertificate = TlsServerOptions::ClientCertificate;
using ::testing::HasSubstr;

class TlsHandshake : public ::testing::Test {
 protected:
  TlsHandshake() : server{pki.server(), ClientCertificate::none, {}, {}} {
    client.anchors = {pki.root()};
    client.verify_host = "localhost";
    client.server_name = "localhost";
  }
  Handshakes shake() { return TlsPair(server, client).handshake(); }

  Pki pki;
  TlsServerOptions server;
  TlsClientOptions client;
};

TEST_F(TlsHandshake, SucceedsWithTheRightAnchorAndHost) {
  const Handshakes result = shake();
  EXPECT_EQ(result.client, "");
  EXPECT_EQ(result.server, "");
  client.verify_host = "127.0.0.1";
  EXPECT_EQ(shake().client, "");
  client.verify_host = "";
  EXPECT_EQ(shake().client, "");
}

TEST_F(TlsHandshake, FailsWithAnotherCa) {
  client.anchors = {Pki("Other CA").root()};
  const Handshakes result = shake();
  EXPECT_THAT(result.client, HasSubstr("certificate verify failed (unable to get local issuer"));
  EXPECT_THAT(result.server, HasSubstr("alert unknown ca"));
  client.anchors = {};
  EXPECT_THAT(shake().client, HasSubstr("certificate verify failed"));
}

TEST_F(TlsHandshake, FailsForAnotherHost) {
  client.verify_host = "courier.example";
  EXPECT_THAT(shake().client, HasSubstr("hostname mismatch"));
  client.verify_host = "127.0.0.2";
  EXPECT_THAT(shake().client, HasSubstr("IP address mismatch"));
}

TEST_F(TlsHandshake, FailsWithAnExpiredCertificate) {
  server.identity = pki.expired_server();
  const Handshakes result = shake();
  EXPECT_THAT(result.client, HasSubstr("certificate has expired"));
  EXPECT_THAT(result.server, HasSubstr("alert certificate expired"));
}

TEST_F(TlsHandshake, TrustsAnAnchorThatIsNoRoot) {
  client.anchors = {server.identity.certificate};
  EXPECT_EQ(shake().client, "");
}

TEST_F(TlsHandshake, RefusesAClientWithoutTheRequiredCertificate) {
  server.client_certificate = ClientCertificate::required;
  const Handshakes result = shake();
  EXPECT_THAT(result.server, HasSubstr("peer did not return a certificate"));
  EXPECT_THAT(result.client, HasSubstr("alert certificate required"));
}

TEST_F(TlsHandshake, TakesAClientWithoutTheOptionalCertificate) {
  server.client_certificate = ClientCertificate::optional;
  TlsPair pair(server, client);
  const Handshakes result = pair.handshake();
  EXPECT_EQ(result.server, "");
  EXPECT_EQ(result.client, "");
  EXPECT_FALSE(pair.server().peer_certificate());
}

TEST_F(TlsHandshake, TakesAnyCertificateWhenNoAnchorsAreGiven) {
  server.client_certificate = ClientCertificate::required;
  client.identity = Pki("Nobody knows this CA").client("device");
  TlsPair pair(server, client);
  EXPECT_EQ(pair.handshake().server, "");
  ASSERT_TRUE(pair.server().peer_certificate());
  EXPECT_EQ(*pair.server().peer_certificate(), client.identity->certificate);
  ASSERT_TRUE(pair.client().peer_certificate());
  EXPECT_EQ(*pair.client().peer_certificate(), server.identity.certificate);
}

TEST_F(TlsHandshake, JudgesClientCertificatesByTheAnchors) {
  server.client_certificate = ClientCertificate::optional;
  server.client_anchors = {pki.root()};
  client.identity = pki.client("device");
  EXPECT_EQ(shake().server, "");
  client.identity = Pki("Other CA").client("device");
  const Handshakes result = shake();
  EXPECT_THAT(result.server, HasSubstr("certificate verify failed"));
  EXPECT_THAT(result.client, HasSubstr("alert unknown ca"));
}

TEST_F(TlsHandshake, ChoosesTheServersFirstCommonProtocol) {
  server.alpn = {"apns-security-v3", "h2"};
  client.alpn = {"h2", "apns-security-v3"};
  TlsPair pair(server, client);
  EXPECT_EQ(pair.handshake().client, "");
  EXPECT_EQ(pair.client().alpn(), "apns-security-v3");
  EXPECT_EQ(pair.server().alpn(), "apns-security-v3");
}

TEST_F(TlsHandshake, FailsWithoutACommonProtocol) {
  server.alpn = {"apns-security-v3"};
  client.alpn = {"apns-security-v2"};
  EXPECT_THAT(shake().client, HasSubstr("alert no application protocol"));
}

TEST_F(TlsHandshake, NegotiatesNothingWhenOneSideOffersNothing) {
  server.alpn = {"apns-security-v3"};
  TlsPair pair(server, client);
  EXPECT_EQ(pair.handshake().client, "");
  EXPECT_EQ(pair.server().alpn(), "");
}

TEST_F(TlsHandshake, RefusesOptionsThatCannotBe) {
  server.identity.key = pki.server().key;
  const auto wrong_key = TlsContext::server(server);
  ASSERT_FALSE(wrong_key);
  EXPECT_THAT(wrong_key.error().message(), HasSubstr("key"));
  client.alpn = {""};
  EXPECT_FALSE(TlsContext::client(client));
  client.alpn = {std::string(256, 'x')};
  EXPECT_FALSE(TlsContext::client(client));
}

}  // namespace
}  // namespace understudy::test
