#include "shared/net/http_client.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "shared/core/errc.h"
#include "shared/net/http_server.h"
#include "shared/net/timer.h"
#include "tests/support/run_task.h"
#include "tests/unit/shared/net/pki.h"

namespace understudy::test {
namespace {

using namespace std::chrono_literals;
using net::http_errc;
using net::HttpRequest;
using net::HttpResponse;
using net::IncomingRequest;
using ::testing::HasSubstr;
using ::testing::Not;
using Answer = Result<HttpResponse>;

Task<HttpResponse> handle(IncomingRequest request) {
  const net::Target target = net::Target::parse(request.target);
  if (const auto to = target.parameter("to")) {
    HttpResponse redirect = HttpResponse::text(std::stoi(*target.parameter("status")), "moved");
    redirect.headers.set("Location", *to);
    co_return redirect;
  }
  if (target.path == "/large") co_return HttpResponse::text(200, std::string(100'000, 'x'));
  if (target.path == "/gone") co_return HttpResponse::text(404, "no such thing");
  if (target.path == "/empty") co_return HttpResponse::of(200, "text/plain", "");
  std::string text = request.method + " " + request.target + " [" + request.body + "]";
  for (const auto& [name, value] : request.headers.items) text += "\n" + name + ": " + value;
  co_return HttpResponse::text(200, text);
}

/// Client and server on one io_context, over plain HTTP.
class HttpClientTest : public ::testing::Test {
 protected:
  HttpClientTest()
      : server(must(net::HttpServer::start(io.get_executor(), {}, handle))),
        client(std::make_unique<net::HttpClient>(io.get_executor())) {}

  HttpRequest request(const std::string& path, const std::string& method = "GET") const {
    HttpRequest result;
    result.method = method;
    result.url = "http://127.0.0.1:" + std::to_string(server->port()) + path;
    result.allow_plain_http = true;
    return result;
  }
  Answer send(HttpRequest request) {
    return support::run_task(io, client->send(std::move(request)));
  }
  void expect_error(HttpRequest request, std::error_code code, const std::string& words) {
    const Answer answer = send(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code) << answer.error().message();
    EXPECT_THAT(answer.error().message(), HasSubstr(words));
  }

  asio::io_context io;
  std::unique_ptr<net::HttpServer> server;
  std::unique_ptr<net::HttpClient> client;
};

TEST_F(HttpClientTest, SendsMethodHeadersAndBody) {
  HttpRequest put = request("/path?a=b", "PUT");
  put.body = std::string("a\0b", 3);
  put.headers.set("Content-Type", "application/x-apple-aspen-mdm");
  put.headers.set("X-Empty", "");
  const Answer answer = send(put);
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, HasSubstr(std::string("PUT /path?a=b [a\0b]", 19)));
  EXPECT_THAT(answer->body, HasSubstr("Content-Type: application/x-apple-aspen-mdm"));
  EXPECT_THAT(answer->body, HasSubstr("X-Empty: "));
  EXPECT_THAT(answer->body, HasSubstr("Content-Length: 3"));
  EXPECT_EQ(answer->headers.find("content-type"), "text/plain; charset=utf-8");
}

TEST_F(HttpClientTest, AddsNothingThatWasNotAskedFor) {
  HttpRequest post = request("/", "POST");
  post.body = std::string(3'000'000, 'x');
  const Answer answer = send(post);
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_THAT(answer->body, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(answer->body, Not(HasSubstr("Expect")));
  const Answer empty = send(request("/", "POST"));
  ASSERT_TRUE(empty);
  EXPECT_THAT(empty->body, HasSubstr("Content-Length: 0"));
}

TEST_F(HttpClientTest, TakesAnyStatusForSuccess) {
  const Answer answer = send(request("/gone"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "no such thing");
  const Answer head = send(request("/x", "HEAD"));
  ASSERT_TRUE(head) << head.error().message();
  EXPECT_EQ(head->body, "");
  EXPECT_NE(head->headers.find("Content-Length"), "0");
  const Answer empty = send(request("/empty"));
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->headers.find("Content-Length"), "0");
}

TEST_F(HttpClientTest, FollowsRedirectsWithTheSameMethodAndBody) {
  for (const char* status : {"301", "302", "303", "307", "308"}) {
    HttpRequest put = request(std::string("/?to=/there&status=") + status, "PUT");
    put.body = "kept";
    put.max_redirects = 1;
    const Answer answer = send(put);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_THAT(answer->body, HasSubstr("PUT /there [kept]")) << status;
    EXPECT_EQ(answer->headers.find("Location"), std::nullopt);
    EXPECT_EQ(answer->redirects, 1);
  }
  EXPECT_EQ(send(request("/there", "PUT"))->redirects, 0);
}

TEST_F(HttpClientTest, FollowsNoMoreRedirectsThanAllowed) {
  const Answer answer = send(request("/?to=/there&status=302"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->headers.find("location"), "/there");
  HttpRequest twice = request("/?status=302&to=%2F%3Fstatus%3D302%26to%3D%2F");
  twice.max_redirects = 1;
  expect_error(twice, http_errc::redirect, "redirects");
  twice.max_redirects = 2;
  EXPECT_TRUE(send(twice));
}

TEST_F(HttpClientTest, FollowsNoRedirectToAnotherScheme) {
  HttpRequest bad = request("/?status=302&to=file:///etc/passwd");
  bad.max_redirects = 5;
  expect_error(bad, http_errc::redirect, "file");
}

TEST_F(HttpClientTest, StopsAtAnAnswerThatIsTooLarge) {
  HttpRequest large = request("/large");
  large.max_response_bytes = 99'999;
  expect_error(large, http_errc::too_large, "over 99999 octets");
  large.max_response_bytes = 100'000;
  const Answer answer = send(large);
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body.size(), 100'000U);
}

TEST_F(HttpClientTest, RefusesUrlsItCannotUse) {
  HttpRequest plain = request("/secret?token=1");
  plain.allow_plain_http = false;
  expect_error(plain, http_errc::bad_url, "plain http is not allowed");
  for (const char* url :
       {"", "no scheme", "https://", "https://host:99999/", "ftp://host/", "https://ho st/"}) {
    HttpRequest bad;
    bad.url = url;
    const Answer answer = send(bad);
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, http_errc::bad_url) << url;
  }
}

TEST_F(HttpClientTest, RefusesHeadersAndMethodsThatWouldSplitTheRequest) {
  HttpRequest bad = request("/");
  bad.headers.set("X-A", "b\r\nX-C: d");
  expect_error(bad, errc::invalid_argument, "X-A");
  HttpRequest method = request("/", "GET / HTTP/1.1\r\n");
  expect_error(method, errc::invalid_argument, "method");
}

TEST_F(HttpClientTest, NamesTheUrlWithoutItsSecrets) {
  HttpRequest refused = request("/path?token=hidden#hidden");
  server.reset();
  refused.url.insert(7, "user:hidden@");
  const Answer answer = send(refused);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, http_errc::connect);
  EXPECT_THAT(answer.error().message(), HasSubstr("GET http://127.0.0.1:"));
  EXPECT_THAT(answer.error().message(), HasSubstr("/path: "));
  EXPECT_THAT(answer.error().message(), Not(HasSubstr("hidden")));
}

TEST_F(HttpClientTest, FailsForANameThatDoesNotExist) {
  HttpRequest unknown = request("/");
  const std::string name = std::string(64, 'x') + ".invalid";  // too long: no name server is asked
  unknown.url = "http://" + name + "/";
  expect_error(unknown, http_errc::connect, name);
}

TEST_F(HttpClientTest, TakesTheEnvironmentsProxyExceptToLoopback) {
  // Our own server stands in for a proxy: it is asked by the absolute form of the URL.
  const std::string proxy = "http://127.0.0.1:" + std::to_string(server->port());
  setenv("http_proxy", proxy.c_str(), 1);
  HttpRequest far = request("/");
  far.url = "http://mdm.example/path";
  const Answer by_proxy = send(far);
  setenv("http_proxy", "http://127.0.0.1:1", 1);  // nobody listens there
  const Answer direct = send(request("/near"));
  unsetenv("http_proxy");
  ASSERT_TRUE(by_proxy) << by_proxy.error().message();
  EXPECT_THAT(by_proxy->body, HasSubstr("GET http://mdm.example/path "));
  ASSERT_TRUE(direct) << direct.error().message();
  EXPECT_THAT(direct->body, HasSubstr("GET /near "));
}

TEST_F(HttpClientTest, CarriesManyRequestsAtOnce) {
  constexpr int kCount = 200;
  int answered = 0;
  net::Event event(io.get_executor());
  auto one = [&](int number) -> Task<void> {
    HttpRequest get = request("/" + std::to_string(number) + ".");
    Answer answer = co_await client->send(std::move(get));
    const std::string expected = "GET /" + std::to_string(number) + ". ";
    if (answer && answer->body.starts_with(expected)) ++answered;
    event.notify();
  };
  for (int i = 0; i < kCount; ++i) net::spawn(io.get_executor(), "get", one(i));
  auto all = [&]() -> Task<bool> {
    while (answered < kCount) {
      const bool is_woken = co_await event.wait_for(10s);
      if (!is_woken) co_return false;
    }
    co_return true;
  };
  EXPECT_TRUE(support::run_task(io, all()));
  EXPECT_EQ(answered, kCount);
}

}  // namespace
}  // namespace understudy::test
