#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/net/io_thread.h"
#include "tests/unit/shared/net/tls_pair.h"

namespace understudy::test {
namespace {

using net::CertificateAlert;
using ::testing::HasSubstr;
using ClientCertificate = TlsServerOptions::ClientCertificate;

struct Refusal {
  CertificateAlert alert;
  const char* name;    ///< as `openssl s_client` prints it
  const char* number;  ///< RFC 8446 6
};
constexpr Refusal kRefusals[] = {
    {CertificateAlert::unknown_ca, "alert unknown ca", "SSL alert number 48"},
    {CertificateAlert::certificate_expired, "alert certificate expired", "SSL alert number 45"},
    {CertificateAlert::certificate_revoked, "alert certificate revoked", "SSL alert number 44"},
    {CertificateAlert::bad_certificate, "alert bad certificate", "SSL alert number 42"},
    {CertificateAlert::internal_error, "alert internal error", "SSL alert number 80"},
};

class TlsJudge : public ::testing::Test {
 protected:
  TlsJudge() : server{pki.server(), ClientCertificate::optional, {}, {}} {
    client.anchors = {pki.root()};
    client.identity = pki.client("provider");
    server.judge = [this](const crypto::Certificate& leaf) {
      seen.push_back(leaf.subject().find("CN").value_or(""));
      return answer;
    };
  }
  Handshakes shake() { return TlsPair(server, client).handshake(); }

  Pki pki;
  TlsServerOptions server;
  TlsClientOptions client;
  std::optional<CertificateAlert> answer;
  std::vector<std::string> seen;
};

TEST_F(TlsJudge, SeesTheLeafAndMayTakeIt) {
  TlsPair pair(server, client);
  EXPECT_EQ(pair.handshake().server, "");
  EXPECT_EQ(seen, std::vector<std::string>{"provider"});
  EXPECT_TRUE(pair.server().peer_certificate());
}

TEST_F(TlsJudge, IsNotAskedWithoutACertificate) {
  client.identity.reset();
  answer = CertificateAlert::bad_certificate;
  EXPECT_EQ(shake().server, "");
  EXPECT_TRUE(seen.empty());
}

TEST_F(TlsJudge, IsAskedAfterTheAnchors) {
  server.client_anchors = {Pki("Other CA").root()};
  EXPECT_THAT(shake().client, HasSubstr("alert unknown ca"));
  EXPECT_TRUE(seen.empty());
  server.client_anchors = {pki.root()};
  answer = CertificateAlert::certificate_revoked;
  EXPECT_THAT(shake().client, HasSubstr("alert certificate revoked"));
  EXPECT_EQ(seen.size(), 1U);
}

TEST_F(TlsJudge, RefusesAndSaysWhyHereToo) {
  answer = CertificateAlert::certificate_revoked;
  const Handshakes result = shake();
  EXPECT_THAT(result.client, HasSubstr("alert certificate revoked"));
  EXPECT_THAT(result.server, HasSubstr("certificate revoked"));
}

TEST_F(TlsJudge, SendsInternalErrorWhenItThrows) {
  server.judge = [](const crypto::Certificate&) -> std::optional<CertificateAlert> {
    throw std::runtime_error("a bug");
  };
  EXPECT_THAT(shake().client, HasSubstr("alert internal error"));
}

/// Owns the acceptor: it lives and ends on the loop's thread.
Task<void> refuse_one(net::tcp::acceptor acceptor, const TlsContext& context) {
  auto [ec, socket] = co_await acceptor.async_accept(net::kAsTuple);
  if (ec) co_return;
  TlsStream stream(std::move(socket), context);
  auto shaken = co_await stream.handshake();
  EXPECT_FALSE(shaken);
  stream.close();
}

/// What the client's own program was told.
std::string openssl_hears(const TlsContext& context, const char* version,
                          const std::string& identity) {
  IoThread io;
  auto acceptor = must(net::listen(io.executor(), {"127.0.0.1", 0}));
  const std::string port = std::to_string(acceptor.local_endpoint().port());
  net::spawn(io.executor(), "refuse", refuse_one(std::move(acceptor), context));
  return support::run({"openssl", "s_client", "-connect", "127.0.0.1:" + port, "-cert", identity,
                       "-key", identity, version, "-ign_eof"})
      .err;
}

TEST_F(TlsJudge, SendsOpensslEachAlertOverTls12And13) {
  support::TempDir folder;
  const std::string identity = (folder / "provider.pem").string();
  std::ofstream(identity) << client.identity->pem();
  const TlsContext context = must(TlsContext::server(server));
  for (const Refusal& refusal : kRefusals) {
    answer = refusal.alert;
    for (const char* version : {"-tls1_2", "-tls1_3"}) {
      const std::string heard = openssl_hears(context, version, identity);
      EXPECT_THAT(heard, HasSubstr(refusal.name)) << version;
      EXPECT_THAT(heard, HasSubstr(refusal.number)) << version;
    }
  }
}

}  // namespace
}  // namespace understudy::test
