#include <boost/asio/steady_timer.hpp>

#include "shared/core/errc.h"
#include "tests/support/run_task.h"
#include "tests/unit/shared/net/http_server_fixture.h"

namespace understudy::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(HttpServerTest, GivesTheHandlerWhatCurlSends) {
  start();
  const auto output =
      curl({"-i", "-X", "PUT", "-H", "x-test: 7", "--data-binary", "12345", url("/a%20b?c=d")});
  EXPECT_THAT(output.out, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(output.out, HasSubstr("\nPUT /a%20b?c=d 5 octets 7 from 127.0.0.1:"));
  EXPECT_THAT(output.out, HasSubstr("X-Echo: yes\r\n"));
  EXPECT_THAT(output.out, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
}

TEST_F(HttpServerTest, KeepsAConnectionForTheNextRequest) {
  start();
  const auto output = curl({"-w", "%{num_connects} ", url("/one"), url("/two"), url("/three")});
  EXPECT_THAT(output.out, HasSubstr("1 GET /two"));
  EXPECT_THAT(output.out, HasSubstr("0 GET /three"));
  const auto closing = curl({"-i", "-H", "Connection: close", url("/")});
  EXPECT_THAT(closing.out, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  const std::string answer = talk(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_LT(answer.find("GET /1"), answer.find("GET /2"));
  EXPECT_NE(answer.find("GET /2"), std::string::npos);
}

TEST_F(HttpServerTest, AnswersHeadWithoutBody) {
  start();
  const auto output = curl({"--head", url("/head")});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("Content-Length: "));
  EXPECT_THAT(output.out, Not(HasSubstr("Content-Length: 0")));
  EXPECT_THAT(output.out, Not(HasSubstr("octets")));
}

TEST_F(HttpServerTest, FramesEmptyAnswers) {
  start();
  EXPECT_THAT(curl({"-i", url("/empty")}).out, HasSubstr("Content-Length: 0\r\n"));
  const auto none = curl({"-i", url("/no-content")});
  EXPECT_EQ(none.status, 0) << none.err;
  EXPECT_THAT(none.out, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(none.out, Not(HasSubstr("Content-Length")));
}

TEST_F(HttpServerTest, TakesALargeBodyThatAsksFirst) {
  start();
  const auto output = curl({"-v", "--data-binary", "@" + large_file(12'000'000), url("/large")});
  EXPECT_THAT(output.out, HasSubstr("POST /large 12000000 octets"));
  EXPECT_THAT(output.err, HasSubstr("HTTP/1.1 100 Continue"));
}

TEST_F(HttpServerTest, TakesAChunkedBody) {
  start();
  const auto output =
      curl({"-T", large_file(3'000'000), "-H", "Transfer-Encoding: chunked", url("/chunked")});
  EXPECT_THAT(output.out, HasSubstr("PUT /chunked 3000000 octets"));
}

TEST_F(HttpServerTest, RefusesAHundredMegabytesEarly) {
  start();
  const std::string large = large_file(100'000'000);
  const std::vector<std::string> common{"-i",
                                        "--expect100-timeout",
                                        "30",
                                        "-w",
                                        "sent %{size_upload}",
                                        "--data-binary",
                                        "@" + large,
                                        url("/")};
  const auto asking = curl(common);
  EXPECT_THAT(asking.out, StartsWith("HTTP/1.1 413 Payload Too Large\r\n"));
  EXPECT_THAT(asking.out, HasSubstr("the body is over 16777216 octets"));
  EXPECT_THAT(asking.out, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(asking.out, HasSubstr("sent 0"));
  auto blunt_arguments = common;
  blunt_arguments.insert(blunt_arguments.begin(), {"-H", "Expect:"});
  const auto blunt = curl(blunt_arguments);
  EXPECT_THAT(blunt.out, StartsWith("HTTP/1.1 413 Payload Too Large\r\n")) << blunt.err;
  auto chunked_arguments = common;
  chunked_arguments.insert(chunked_arguments.begin(), {"-H", "Transfer-Encoding: chunked"});
  const auto chunked = curl(chunked_arguments);
  EXPECT_THAT(chunked.out, HasSubstr("HTTP/1.1 413 Payload Too Large\r\n")) << chunked.err;
}

TEST_F(HttpServerTest, TakesWhatARefusedClientIsStillSending) {
  start();
  asio::io_context own;
  net::tcp::socket socket(own);
  socket.connect({asio::ip::address_v4::loopback(), server->port()});
  const std::string header = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n";
  asio::write(socket, asio::buffer(header));
  const std::string part(16'000'000, 'x');  // more than the sockets' buffers hold
  boost::system::error_code ec;
  asio::write(socket, asio::buffer(part), ec);
  EXPECT_FALSE(ec) << ec.message();
  socket.shutdown(net::tcp::socket::shutdown_send);
  std::string answer;
  asio::read(socket, asio::dynamic_buffer(answer), ec);
  EXPECT_EQ(ec, asio::error::eof);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, RefusesALargeHeader) {
  start();
  const auto output = curl({"-i", "-H", "X-Large: " + std::string(70'000, 'x'), url("/")});
  EXPECT_THAT(output.out, StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, RefusesWhatIsNoHttp) {
  start();
  EXPECT_THAT(talk("\x16\x03\x01\x02 this is no HTTP\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(talk("GET / HTTP/9.9\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(talk("PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(talk("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, AnswersFiveHundredWhenTheHandlerThrows) {
  start();
  const auto output = curl({"-i", url("/throws"), url("/after")});
  EXPECT_THAT(output.out, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(output.out, Not(HasSubstr("on purpose")));
  EXPECT_THAT(output.out, HasSubstr("GET /after"));
}

TEST_F(HttpServerTest, DropsAHeaderThatWouldSplitTheAnswer) {
  start();
  EXPECT_THAT(curl({"-i", url("/splits")}).out, Not(HasSubstr("Injected")));
}

TEST_F(HttpServerTest, ClosesOnTruncatedAndSlowRequests) {
  options.idle_timeout = 1s;
  start();
  // Each waits for more than ever comes; what counts is that the server, not the client, ends it.
  EXPECT_EQ(talk(""), "");
  EXPECT_EQ(talk("PUT / HTTP/1.1\r\nHost: x\r\nX-Slow"), "");
  EXPECT_EQ(talk("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123"), "");
  EXPECT_TRUE(forgets_all_connections());
}

TEST_F(HttpServerTest, EndsASlowLorisThatSendsAnOctetNowAndThen) {
  options.idle_timeout = 1s;
  start();
  asio::io_context own;
  auto drip = [&]() -> Task<bool> {
    net::tcp::socket socket(own);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), server->port()},
                                  asio::use_awaitable);
    asio::steady_timer pause(own);
    const std::string octet = "G";
    for (int i = 0; i < 200; ++i) {  // 10 s at most
      auto [ec, size] = co_await socket.async_write_some(asio::buffer(octet), net::kAsTuple);
      if (ec) co_return true;
      pause.expires_after(50ms);
      co_await pause.async_wait(net::kAsTuple);
    }
    co_return false;
  };
  EXPECT_TRUE(support::run_task(own, drip()));
}

TEST_F(HttpServerTest, TakesNoMoreConnectionsThanAllowed) {
  options.max_connections = 1;
  start();
  asio::io_context own;
  net::tcp::socket first(own);
  first.connect({asio::ip::address_v4::loopback(), server->port()});
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  asio::write(first, asio::buffer(request));
  std::string answer;
  asio::read(first, asio::dynamic_buffer(answer), asio::transfer_at_least(1));
  EXPECT_EQ(connections(), 1U);
  EXPECT_EQ(talk(""), "");  // closed at once
  EXPECT_EQ(connections(), 1U);
}

TEST_F(HttpServerTest, ClosesEverythingWhenStopped) {
  start();
  asio::io_context own;
  net::tcp::socket idle(own);
  idle.connect({asio::ip::address_v4::loopback(), server->port()});
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  asio::write(idle, asio::buffer(request));
  std::string answer;
  asio::read(idle, asio::dynamic_buffer(answer), asio::transfer_at_least(1));
  io.on_thread([this] { server->stop(); });
  boost::system::error_code ec;
  asio::read(idle, asio::dynamic_buffer(answer), ec);
  EXPECT_EQ(ec, asio::error::eof);
  EXPECT_TRUE(forgets_all_connections());
  net::tcp::socket late(own);
  late.connect({asio::ip::address_v4::loopback(), server->port()}, ec);
  EXPECT_EQ(ec, asio::error::connection_refused);
}

TEST_F(HttpServerTest, FailsToStartWhereItCannotListen) {
  start();
  HttpServerOptions taken;
  taken.address.port = server->port();
  const auto second = net::HttpServer::start(io.executor(), taken, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::io);
}

}  // namespace
}  // namespace understudy::test
