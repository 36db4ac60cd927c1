#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>

#include "shared/core/errc.h"
#include "shared/net/http_client.h"
#include "shared/net/timer.h"
#include "tests/support/run_task.h"

namespace understudy::test {
namespace {

using namespace std::chrono_literals;
using net::http_errc;
using net::HttpRequest;
using net::HttpResponse;
using ::testing::HasSubstr;
using Answer = Result<HttpResponse>;

/// A server that accepts and says what it is told to, and no more.
class SilentServer : public ::testing::Test {
 protected:
  SilentServer()
      : client(std::make_unique<net::HttpClient>(io.get_executor())),
        acceptor(io, {asio::ip::address_v4::loopback(), 0}) {
    net::spawn(io.get_executor(), "silent", accept());
  }
  Task<void> accept() {
    for (;;) {
      auto [ec, socket] = co_await acceptor.async_accept(net::kAsTuple);
      if (ec) co_return;
      if (!words.empty()) asio::write(socket, asio::buffer(words));
      if (!words.empty() && hangs_up) socket.shutdown(net::tcp::socket::shutdown_send);
      held.push_back(std::move(socket));
      accepted.notify();
    }
  }
  HttpRequest to_silence() const {
    HttpRequest result;
    result.allow_plain_http = true;
    result.url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
    return result;
  }

  Answer send(HttpRequest request) {
    return support::run_task(io, client->send(std::move(request)));
  }
  void expect_error(HttpRequest request, http_errc code, const std::string& reason) {
    const Answer answer = send(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code) << answer.error().message();
    EXPECT_THAT(answer.error().message(), HasSubstr(reason));
  }

  asio::io_context io;
  std::unique_ptr<net::HttpClient> client;
  std::string words;
  bool hangs_up = false;
  net::tcp::acceptor acceptor;
  std::vector<net::tcp::socket> held;
  net::Event accepted{io.get_executor()};
};

TEST_F(SilentServer, MakesTheClientTimeOut) {
  HttpRequest slow = to_silence();
  slow.timeout = 100ms;
  expect_error(slow, http_errc::timeout, "timed out");
}

TEST_F(SilentServer, MakesTheClientFailWhenTheAnswerIsCutShort) {
  hangs_up = true;
  words = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123";
  expect_error(to_silence(), http_errc::protocol, "closed");
  words = "this is no HTTP at all, but it is long enough to say so\r\n\r\n";
  expect_error(to_silence(), http_errc::protocol, "HTTP/0.9");
}

TEST_F(SilentServer, MayBeLeftByCancellingTheRequest) {
  asio::cancellation_signal cancel;
  std::exception_ptr error;
  std::optional<Answer> answer;
  auto on_end = [&](const std::exception_ptr& e, Answer result) {
    error = e;
    answer = std::move(result);
  };
  auto handler = asio::bind_cancellation_slot(cancel.slot(), std::move(on_end));
  asio::co_spawn(io, client->send(to_silence()), std::move(handler));
  support::run_task(io, accepted.wait());
  cancel.emit(asio::cancellation_type::terminal);
  while (!answer && io.run_one_for(10s) > 0) {
  }
  ASSERT_TRUE(answer);
  EXPECT_FALSE(error);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().code, errc::cancelled);
  words = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  EXPECT_TRUE(send(to_silence()));  // the client goes on
}

TEST_F(SilentServer, IsLeftWhenTheClientIsDestroyed) {
  std::optional<Answer> answer;
  auto on_end = [&](const std::exception_ptr& /*error*/, Answer result) {
    answer = std::move(result);
  };
  asio::co_spawn(io, client->send(to_silence()), std::move(on_end));
  support::run_task(io, accepted.wait());
  client.reset();
  while (!answer && io.run_one_for(10s) > 0) {
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code, errc::cancelled);
}

TEST(HttpClient, MayBeDestroyedWithItsLoopInTheMiddleOfARequest) {
  auto io = std::make_unique<asio::io_context>();
  net::tcp::acceptor acceptor(*io, {asio::ip::address_v4::loopback(), 0});
  auto client = std::make_unique<net::HttpClient>(io->get_executor());
  HttpRequest get;
  get.url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  get.allow_plain_http = true;
  auto on_end = [](const std::exception_ptr& /*error*/, const Answer& /*answer*/) {
    FAIL() << "nothing may run after its loop";
  };
  asio::co_spawn(*io, client->send(get), std::move(on_end));
  auto accept = [&]() -> Task<void> {
    auto [ec, socket] = co_await acceptor.async_accept(net::kAsTuple);
    EXPECT_FALSE(ec);
  };
  support::run_task(*io, accept());
  client.reset();
  acceptor.close();
  io.reset();
}

}  // namespace
}  // namespace understudy::test
