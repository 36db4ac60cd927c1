#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "shared/core/errc.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/net/io_thread.h"
#include "tests/unit/shared/net/tls_pair.h"
#include "tests/unit/shared/net/witness.h"

namespace understudy::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ClientCertificate = TlsServerOptions::ClientCertificate;
using Octets = std::array<std::uint8_t, 4096>;

class TlsStreamTest : public ::testing::Test {
 protected:
  TlsStreamTest() : server{pki.server(), ClientCertificate::none, {}, {}} {
    client.anchors = {pki.root()};
    client.verify_host = "localhost";
  }
  std::unique_ptr<TlsPair> open() {
    auto pair = std::make_unique<TlsPair>(server, client);
    const Handshakes result = pair->handshake();
    EXPECT_EQ(result.client + result.server, "");
    return pair;
  }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }

  support::TempDir folder;
  Pki pki;
  TlsServerOptions server;
  TlsClientOptions client;
};

Task<void> send_all(TlsStream& stream, BytesView data) {
  auto sent = co_await stream.write(data);
  EXPECT_TRUE(sent) << sent.error().message();
}

Task<Bytes> receive(TlsStream& stream, std::size_t size) {
  Bytes all;
  Octets chunk{};
  while (all.size() < size) {
    auto got = co_await stream.read_some(chunk);
    if (!got || *got == 0) break;
    all.insert(all.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  co_return all;
}

/// The size of one read, or its error.
Task<Result<std::size_t>> read_once(TlsStream& stream) {
  Octets chunk{};
  co_return co_await stream.read_some(chunk);
}

TEST_F(TlsStreamTest, CarriesMegabytesBothWaysAtOnce) {
  const auto pair = open();
  Bytes data(3'000'000);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 31 >> 3U);
  const auto executor = pair->io.get_executor();
  net::spawn(executor, "up", send_all(pair->client(), data));
  net::spawn(executor, "down", send_all(pair->server(), data));
  Bytes up;
  auto take_up = [&]() -> Task<void> { up = co_await receive(pair->server(), data.size()); };
  net::spawn(executor, "take", take_up());
  const Bytes down = support::run_task(pair->io, receive(pair->client(), data.size()));
  while (up.empty() && pair->io.run_one_for(10s) > 0) {
  }
  EXPECT_EQ(down, data);
  EXPECT_EQ(up, data);
}

TEST_F(TlsStreamTest, ReadsNothingWhenThePeerCloses) {
  const auto pair = open();
  pair->server().close();
  auto size = support::run_task(pair->io, read_once(pair->client()));
  ASSERT_TRUE(size) << size.error().message();
  EXPECT_EQ(*size, 0U);
}

TEST_F(TlsStreamTest, ReadsNothingWhenThePeerIsCutOffWithoutCloseNotify) {
  const auto pair = open();
  pair->server().socket().shutdown(net::tcp::socket::shutdown_both);
  auto size = support::run_task(pair->io, read_once(pair->client()));
  ASSERT_TRUE(size) << size.error().message();
  EXPECT_EQ(*size, 0U);
}

TEST_F(TlsStreamTest, EndsAWaitingReadWhenClosedHere) {
  const auto pair = open();
  auto close = [&]() -> Task<void> {
    pair->client().close();
    co_return;
  };
  auto read_then_close = [&]() -> Task<Result<std::size_t>> {
    net::spawn(pair->io.get_executor(), "close", close());
    co_return co_await read_once(pair->client());
  };
  const auto size = support::run_task(pair->io, read_then_close());
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, errc::cancelled);
  EXPECT_FALSE(support::run_task(pair->io, read_once(pair->client())));
}

Task<std::string> write_until_error(TlsStream& stream) {
  const Bytes data(4096);
  for (;;) {
    auto sent = co_await stream.write(data);
    if (!sent) co_return sent.error().message();
  }
}

TEST_F(TlsStreamTest, SurvivesWritingToAPeerThatIsGone) {
  const auto pair = open();
  const auto before = signal(SIGPIPE, SIG_DFL);  // as a program that did not think of it
  pair->server().socket().close();
  const std::string error = support::run_task(pair->io, write_until_error(pair->client()));
  signal(SIGPIPE, before);
  EXPECT_THAT(error, HasSubstr("TLS write with 127.0.0.1:"));
}

TEST_F(TlsStreamTest, FailsAtAPeerThatSpeaksNoTls) {
  asio::io_context io;
  net::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  net::tcp::socket plain(io);
  plain.connect(acceptor.local_endpoint());
  TlsStream stream(acceptor.accept(), must(TlsContext::server(server)));
  plain.send(asio::buffer("GET / HTTP/1.1\r\n\r\n", 18));
  const auto result = support::run_task(io, stream.handshake());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("http request"));
}

/// Serves one connection: handshake, a greeting with the ALPN name, then the end. Owns the
/// acceptor: it lives and ends on the loop's thread.
Task<void> greet_one(net::tcp::acceptor acceptor, const TlsContext& context) {
  auto [ec, socket] = co_await acceptor.async_accept(net::kAsTuple);
  if (ec) co_return;
  TlsStream stream(std::move(socket), context);
  auto shaken = co_await stream.handshake();
  if (!shaken) co_return;
  const std::string greeting = "hello over " + stream.alpn() + "\n";
  auto sent = co_await stream.write(as_bytes(greeting));
  EXPECT_TRUE(sent);
  stream.close();
}

TEST_F(TlsStreamTest, ServesOpensslOverTls12And13) {
  server.alpn = {"apns-security-v3"};
  server.client_certificate = ClientCertificate::required;
  const TlsContext context = must(TlsContext::server(server));
  const crypto::Identity device = pki.client("device");
  const std::string ca = file("ca.pem", pki.root().pem());
  const std::string identity = file("device.pem", device.pem());
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    IoThread io;
    auto acceptor = must(net::listen(io.executor(), {"127.0.0.1", 0}));
    const std::string port = std::to_string(acceptor.local_endpoint().port());
    net::spawn(io.executor(), "greet", greet_one(std::move(acceptor), context));
    const support::Output output = support::run(
        {"openssl", "s_client", "-connect", "127.0.0.1:" + port, "-CAfile", ca, "-cert", identity,
         "-key", identity, "-verify_return_error", "-verify_hostname", "localhost", "-alpn",
         "apns-security-v3", version, "-ign_eof"});
    EXPECT_EQ(output.status, 0) << output.err;
    EXPECT_THAT(output.out, HasSubstr("hello over apns-security-v3"));
    EXPECT_THAT(output.out, HasSubstr("ALPN protocol: apns-security-v3"));
    EXPECT_THAT(output.out, HasSubstr("Verify return code: 0 (ok)"));
  }
}

class OpensslServer : public TlsStreamTest {
 protected:
  /// `openssl s_server` with the given further arguments.
  std::unique_ptr<Witness> serve(const std::vector<std::string>& more) {
    const std::string identity = file("server.pem", server.identity.pem());
    std::vector<std::string> all{"openssl", "s_server", "-accept", "127.0.0.1:0", "-quiet",
                                 "-cert",   identity,   "-key",    identity};
    all.insert(all.end(), more.begin(), more.end());
    return std::make_unique<Witness>(all);
  }
};

Task<std::string> ask(TlsStream& stream, Witness& witness, std::string& alpn) {
  auto shaken = co_await stream.handshake();
  if (!shaken) co_return shaken.error().message();
  alpn = stream.alpn();
  witness.type("typed at the server\n");
  const Bytes line = co_await receive(stream, 20);
  co_return to_text(line);
}

TEST_F(OpensslServer, IsReachedWithAClientCertificateAndAlpn) {
  const std::string ca = file("ca.pem", pki.root().pem());
  const auto witness =
      serve({"-Verify", "1", "-verify_return_error", "-CAfile", ca, "-alpn", "h2"});
  client.identity = pki.client("device");
  client.alpn = {"h2"};
  asio::io_context io;
  net::tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), witness->port()});
  TlsStream stream(std::move(socket), must(TlsContext::client(client)));
  std::string alpn;
  EXPECT_EQ(support::run_task(io, ask(stream, *witness, alpn)), "typed at the server\n");
  EXPECT_EQ(alpn, "h2");
  // Killed, it ends the connection without close_notify.
  witness->end();
  const auto size = support::run_task(io, read_once(stream));
  ASSERT_TRUE(size) << size.error().message();
  EXPECT_EQ(*size, 0U);
}

TEST_F(OpensslServer, TellsByItsAlertThatItWantsACertificate) {
  const auto witness = serve({"-Verify", "1", "-verify_return_error"});
  asio::io_context io;
  net::tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), witness->port()});
  TlsStream stream(std::move(socket), must(TlsContext::client(client)));
  auto shake_and_read = [&]() -> Task<Result<std::size_t>> {
    auto shaken = co_await stream.handshake();
    EXPECT_TRUE(shaken);
    co_return co_await read_once(stream);
  };
  const auto size = support::run_task(io, shake_and_read());
  ASSERT_FALSE(size);
  EXPECT_THAT(size.error().message(), HasSubstr("alert certificate required"));
}

}  // namespace
}  // namespace understudy::test
