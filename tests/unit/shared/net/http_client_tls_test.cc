#include <gmock/gmock.h>

#include <fstream>

#include "shared/net/http_client.h"
#include "shared/net/http_server.h"
#include "shared/net/timer.h"
#include "tests/support/command.h"
#include "tests/support/run_task.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/net/pki.h"
#include "tests/unit/shared/net/witness.h"

namespace understudy::test {
namespace {

using namespace std::chrono_literals;
using net::ClientCredentials;
using net::http_errc;
using net::HttpRequest;
using net::HttpResponse;
using net::IncomingRequest;
using net::TlsServerOptions;
using ::testing::HasSubstr;
using Answer = Result<HttpResponse>;
using ClientCertificate = TlsServerOptions::ClientCertificate;

/// "<subject of the client> <port of the client>": who asked, on which connection.
Task<HttpResponse> who(IncomingRequest request) {
  const std::string name =
      request.peer_certificate ? request.peer_certificate->subject().text() : std::string("nobody");
  if (const auto to = net::Target::parse(request.target).parameter("to")) {
    HttpResponse redirect = HttpResponse::text(302, "moved");
    redirect.headers.set("Location", *to);
    co_return redirect;
  }
  co_return HttpResponse::text(200,
                               name + " " + request.remote.substr(request.remote.rfind(':') + 1));
}

class HttpClientTls : public ::testing::Test {
 protected:
  void start(ClientCertificate mode) { start(pki.server(), mode, {}); }
  void start(crypto::Identity identity, ClientCertificate mode,
             std::vector<crypto::Certificate> anchors) {
    net::HttpServerOptions options;
    options.tls = TlsServerOptions{std::move(identity), mode, std::move(anchors), {}};
    server = must(net::HttpServer::start(io.get_executor(), std::move(options), who));
    port = server->port();
  }
  std::shared_ptr<ClientCredentials> credentials(const std::string& name = "") const {
    auto result = std::make_shared<ClientCredentials>();
    result->anchors = {pki.root()};
    if (!name.empty()) result->identity = pki.client(name);
    return result;
  }
  HttpRequest request(std::shared_ptr<const ClientCredentials> as,
                      const std::string& host = "localhost") const {
    HttpRequest result;
    result.url = "https://" + host + ":" + std::to_string(port) + "/";
    result.credentials = std::move(as);
    return result;
  }
  Answer send(HttpRequest request) {
    return support::run_task(io, client.send(std::move(request)));
  }
  std::string body(const HttpRequest& request) {
    const Answer answer = send(request);
    return answer ? answer->body : answer.error().message();
  }
  void expect_tls_error(const HttpRequest& request, const std::string& words) {
    const Answer answer = send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, http_errc::tls) << answer.error().message();
    EXPECT_THAT(answer.error().message(), HasSubstr(words));
  }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }

  support::TempDir folder;
  Pki pki;
  asio::io_context io;
  std::unique_ptr<net::HttpServer> server;
  net::HttpClient client{io.get_executor()};
  std::uint16_t port = 0;
};

TEST_F(HttpClientTls, ShowsItsIdentity) {
  start(ClientCertificate::required);
  EXPECT_THAT(body(request(credentials("device 1"))), HasSubstr("CN=device 1 "));
  EXPECT_THAT(body(request(credentials("device 1"), "127.0.0.1")), HasSubstr("CN=device 1 "));
}

TEST_F(HttpClientTls, RefusesAServerItHasNoReasonToTrust) {
  start(ClientCertificate::none);
  auto foreign = credentials();
  foreign->anchors = {Pki("Other CA").root()};
  expect_tls_error(request(foreign), "unable to get local issuer certificate");
  expect_tls_error(request(std::make_shared<ClientCredentials>()), "certificate");
  expect_tls_error(request(nullptr), "certificate");  // the system does not know our CA
  expect_tls_error(request(credentials(), "other.localhost"), "'other.localhost'");
  start(pki.expired_server(), ClientCertificate::none, {});
  expect_tls_error(request(credentials()), "certificate has expired");
}

TEST_F(HttpClientTls, TrustsOwnAnchorsBesideTheSystems) {
  start(ClientCertificate::none);
  auto both = credentials();
  both->system_anchors = true;
  EXPECT_THAT(body(request(both)), HasSubstr("nobody"));
}

TEST_F(HttpClientTls, TellsThatTheServerRefusesItsCertificate) {
  start(ClientCertificate::required);
  expect_tls_error(request(credentials()), "alert certificate required");
  start(pki.server(), ClientCertificate::required, {Pki("Other CA").root()});
  expect_tls_error(request(credentials("device")), "alert unknown ca");
}

TEST_F(HttpClientTls, ReusesAConnectionForTheSameIdentityOnly) {
  start(ClientCertificate::optional);
  const auto one = credentials("one");
  const auto two = credentials("two");
  const auto anonymous = credentials();
  const std::string first = body(request(one));
  const std::string second = body(request(two));
  const std::string nobody = body(request(anonymous));
  EXPECT_THAT(first, HasSubstr("CN=one "));
  EXPECT_THAT(second, HasSubstr("CN=two "));
  EXPECT_THAT(nobody, HasSubstr("nobody "));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(body(request(one)), first);  // the same port: the same connection
    EXPECT_EQ(body(request(two)), second);
    EXPECT_EQ(body(request(anonymous)), nobody);
  }
  // Other anchors are no reason to trust a connection that was made with these.
  auto without_anchors = std::make_shared<ClientCredentials>(*one);
  without_anchors->anchors.clear();
  expect_tls_error(request(without_anchors), "certificate");
}

TEST_F(HttpClientTls, KeepsNoConnectionOfCredentialsThatAreGone) {
  start(ClientCertificate::optional);
  for (int i = 0; i < 200; ++i) {
    const std::string name = "device " + std::to_string(i);
    EXPECT_THAT(body(request(credentials(name))), HasSubstr("CN=" + name + " "));
  }
}

TEST_F(HttpClientTls, GoesOnAfterTheServerClosedAnIdleConnection) {
  start(ClientCertificate::optional);
  const auto one = credentials("one");
  EXPECT_THAT(body(request(one)), HasSubstr("CN=one "));
  const std::uint16_t same = port;
  server.reset();
  net::HttpServerOptions options;
  options.address.port = same;
  options.tls = TlsServerOptions{pki.server(), ClientCertificate::optional, {}, {}};
  server = must(net::HttpServer::start(io.get_executor(), std::move(options), who));
  EXPECT_THAT(body(request(one)), HasSubstr("CN=one "));
}

TEST_F(HttpClientTls, FailsWhenHttp2IsRequiredAndNotSpoken) {
  start(ClientCertificate::none);
  HttpRequest http2 = request(credentials());
  http2.http2 = true;
  const Answer answer = send(http2);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, http_errc::protocol);
  EXPECT_THAT(answer.error().message(), HasSubstr("HTTP/2"));
}

class Http2 : public HttpClientTls {
 protected:
  void SetUp() override {
    if (!support::have_program("nghttpd")) GTEST_SKIP() << "nghttpd is not installed";
    const crypto::Identity identity = pki.server();
    const std::string key = file("key.pem", identity.key.pem());
    const std::string certificate = file("certificate.pem", identity.certificate.pem());
    file("page", "from nghttpd");
    nghttpd = std::make_unique<Witness>(
        std::vector<std::string>{"nghttpd", "-a", "127.0.0.1", "--verify-client", "-d",
                                 folder.path().string(), "--echo-upload", "0", key, certificate});
    port = nghttpd->port();
  }
  HttpRequest http2(std::shared_ptr<const ClientCredentials> as, const std::string& path) const {
    HttpRequest result = request(std::move(as));
    result.url += path;
    result.http2 = true;
    return result;
  }
  /// How many connections of this process to nghttpd are established.
  int connections() const {
    const auto list =
        support::run({"ss", "-Htn", "state", "established", "dport", "= :" + std::to_string(port)});
    return static_cast<int>(std::count(list.out.begin(), list.out.end(), '\n'));
  }
  std::unique_ptr<Witness> nghttpd;
};

TEST_F(Http2, IsSpokenWithAnIndependentServer) {
  const auto provider = credentials("push certificate");
  const Answer page = send(http2(provider, "page"));
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, "from nghttpd");
  EXPECT_EQ(page->headers.find("server").value_or("").substr(0, 7), "nghttpd");
  HttpRequest post = http2(provider, "echo");
  post.method = "POST";
  post.body = "{\"mdm\":\"magic\"}";
  const Answer echo = send(post);
  ASSERT_TRUE(echo) << echo.error().message();
  EXPECT_EQ(echo->body, post.body);
}

TEST_F(Http2, CarriesManyRequestsOnOneConnection) {
  constexpr int kCount = 100;
  const auto provider = credentials("push certificate");
  int answered = 0;
  net::Event event(io.get_executor());
  auto one = [&]() -> Task<void> {
    HttpRequest get = http2(provider, "page");
    Answer answer = co_await client.send(std::move(get));
    EXPECT_TRUE(answer) << answer.error().message();
    ++answered;
    event.notify();
  };
  for (int i = 0; i < kCount; ++i) net::spawn(io.get_executor(), "get", one());
  auto all = [&]() -> Task<void> {
    while (answered < kCount) co_await event.wait();
  };
  support::run_task(io, all());
  if (!support::have_program("ss")) GTEST_SKIP() << "ss is not installed";
  EXPECT_EQ(connections(), 1);
}

// fact 1.11
TEST_F(HttpClientTls, TakesAChainWithAPinnedCertificate) {
  const auto identity = pki.server();
  start(identity, ClientCertificate::none, {});
  for (const auto& pinned : {identity.certificate, pki.root()}) {
    auto pinning = credentials();
    pinning->pins = {Pki().root(), pinned};
    EXPECT_THAT(body(request(pinning)), HasSubstr("nobody"));
  }
}

// fact 1.11
TEST_F(HttpClientTls, RefusesAChainWithoutAPinnedCertificateAlthoughItIsTrusted) {
  start(ClientCertificate::none);
  auto pinning = credentials();
  pinning->pins = {Pki().root()};
  expect_tls_error(request(pinning), "has none of the 1 certificates that are pinned");
  // A connection without pins is open now: it is not taken for one with pins.
  EXPECT_THAT(body(request(credentials())), HasSubstr("nobody"));
  expect_tls_error(request(pinning), "that are pinned");
}

TEST_F(HttpClientTls, RefusesAPinnedChainOfACaThatNobodyTrusts) {
  const Pki foreign;
  start(foreign.server(), ClientCertificate::none, {});
  auto pinning = credentials();
  pinning->pins = {foreign.root()};
  expect_tls_error(request(pinning), "certificate");
}

// fact 1.11: a server that staples no OCSP answer proves nothing
TEST_F(HttpClientTls, RefusesAServerWithoutARevocationStatusWhereOneIsRequired) {
  start(ClientCertificate::none);
  auto strict = credentials();
  strict->require_revocation_status = true;
  expect_tls_error(request(strict), "revocation status");
}

// fact 6.7
TEST_F(HttpClientTls, FollowsNoRedirectFromHttpsToHttp) {
  start(ClientCertificate::none);
  HttpRequest moved = request(credentials());
  moved.url += "?to=http://localhost:1/";
  moved.max_redirects = 5;
  moved.allow_plain_http = true;
  const Answer answer = send(moved);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, http_errc::redirect) << answer.error().message();
}

}  // namespace
}  // namespace understudy::test
