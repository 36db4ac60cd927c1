#include "tests/unit/shared/net/http_server_fixture.h"

namespace understudy::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttpsServerTest : public HttpServerTest {
 protected:
  void start(net::TlsServerOptions::ClientCertificate mode) {
    options.tls = net::TlsServerOptions{pki.server(), mode, {}, {"http/1.1"}};
    HttpServerTest::start();
    ca = file("ca.pem", pki.root().pem());
  }
  Pki pki;
  std::string ca;
};

using ClientCertificate = net::TlsServerOptions::ClientCertificate;

TEST_F(HttpsServerTest, TellsTheHandlerWhoTheClientIs) {
  start(ClientCertificate::required);
  const std::string device = file("device.pem", pki.client("device 7").pem());
  const auto output =
      curl({"--cacert", ca, "--cert", device, "-w", "%{num_connects} ", url("/one"), url("/two")});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("GET /one 0 octets"));
  EXPECT_THAT(output.out, HasSubstr("as CN=device 7"));
  EXPECT_THAT(output.out, HasSubstr("1 GET /two"));
}

TEST_F(HttpsServerTest, RefusesAClientWithoutCertificateOnlyWhenItIsRequired) {
  start(ClientCertificate::required);
  EXPECT_NE(curl({"--cacert", ca, url("/")}).status, 0);
  start(ClientCertificate::optional);
  const auto output = curl({"--cacert", ca, url("/")});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, Not(HasSubstr(" as ")));
}

TEST_F(HttpsServerTest, RefusesAHundredMegabytesEarly) {
  start(ClientCertificate::none);
  const auto output = curl({"-i", "--cacert", ca, "-H", "Expect:", "--data-binary",
                            "@" + large_file(100'000'000), url("/")});
  EXPECT_THAT(output.out, StartsWith("HTTP/1.1 413 ")) << output.err;
}

TEST_F(HttpsServerTest, EndsAHandshakeThatNeverComes) {
  options.idle_timeout = 1s;
  start(ClientCertificate::none);
  EXPECT_EQ(talk(""), "");
  EXPECT_TRUE(forgets_all_connections());
}

TEST_F(HttpsServerTest, ClosesEverythingWhenStopped) {
  start(ClientCertificate::none);
  asio::io_context own;
  net::tcp::socket idle(own);
  idle.connect({asio::ip::address_v4::loopback(), server->port()});
  while (connections() == 0) std::this_thread::yield();
  io.on_thread([this] { server->stop(); });
  std::string nothing;
  boost::system::error_code ec;
  asio::read(idle, asio::dynamic_buffer(nothing), ec);
  EXPECT_EQ(ec, asio::error::eof);
}

}  // namespace
}  // namespace understudy::test
