/// The proxy over real sockets: curl, and a client that sends exactly what a test says.

#include "server-mock/apns/connect_proxy.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <thread>

#include "shared/net/http_server.h"
#include "tests/support/command.h"

namespace understudy::apns_mock {
namespace {

using namespace std::chrono_literals;
using net::tcp;

const std::string kConnect = "CONNECT api.push.apple.com:443 HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kEstablished = "HTTP/1.1 200 Connection Established\r\n\r\n";

/// Blocking, on the test's own thread.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(io_) {
    socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  }
  void send(const std::string& text) { asio::write(socket_, asio::buffer(text)); }
  void end() { socket_.shutdown(tcp::socket::shutdown_send); }
  std::string read(std::size_t size) {
    std::string text(size, '\0');
    asio::read(socket_, asio::buffer(text));
    return text;
  }
  /// Until the other side ends or breaks the connection.
  std::string read_all() {
    std::string text;
    boost::system::error_code ec;
    asio::read(socket_, asio::dynamic_buffer(text), ec);
    return text;
  }

 private:
  asio::io_context io_;
  tcp::socket socket_;
};

/// Stands for the provider API: reads to the end, then says what it read.
Task<void> repeat(tcp::socket socket) {
  std::string text;
  auto [ec, size] = co_await asio::async_read(socket, asio::dynamic_buffer(text), net::kAsTuple);
  const std::string answer = "<" + text + ">";
  if (ec == asio::error::eof) {
    co_await asio::async_write(socket, asio::buffer(answer), net::kAsTuple);
  }
}

Task<void> repeat_all(std::shared_ptr<tcp::acceptor> acceptor) {
  while (acceptor->is_open()) {
    auto [ec, socket] = co_await acceptor->async_accept(net::kAsTuple);
    if (!ec) net::spawn(acceptor->get_executor(), "repeat", repeat(std::move(socket)));
  }
}

class ConnectProxyTest : public testing::Test {
 public:
  ConnectProxyTest(const ConnectProxyTest&) = delete;
  ConnectProxyTest& operator=(const ConnectProxyTest&) = delete;

 protected:
  ConnectProxyTest()
      : upstream_(std::make_shared<tcp::acceptor>(
            net::listen(io_.get_executor(), net::HostPort{"127.0.0.1", 0}).value())) {
    options.production = net::HostPort{"127.0.0.1", upstream_->local_endpoint().port()};
    net::spawn(io_.get_executor(), "upstream", repeat_all(upstream_));
  }
  ~ConnectProxyTest() override {
    asio::post(io_, [this] {
      proxy.reset();
      upstream_->close();
      web_.reset();
    });
    thread_.join();
  }

  void start() {
    auto started = ConnectProxy::start(io_.get_executor(), options);
    ASSERT_TRUE(started) << started.error().message();
    proxy = std::move(*started);
    thread_ = std::thread([this] { io_.run(); });
  }
  /// The provider API is a web server that says hello.
  void lead_to_web_server() {
    auto hello = [](const net::IncomingRequest& /*request*/) -> Task<net::HttpResponse> {
      co_return net::HttpResponse::text(200, "hello\n");
    };
    web_ = net::HttpServer::start(io_.get_executor(), {}, std::move(hello)).value();
    options.production = net::HostPort{"127.0.0.1", web_->port()};
  }

  template <class Function>
  auto ask(Function function) {
    std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
    auto future = task.get_future();
    asio::post(io_, std::move(task));
    return future.get();
  }
  ConnectProxy::Counts counts() {
    return ask([this] { return proxy->counts(); });
  }
  /// False when it did not become so in ten seconds.
  bool eventually(const std::function<bool(const ConnectProxy::Counts&)>& is_so) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!is_so(counts())) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }
  support::Output curl(const std::string& url) const {
    return support::run({"curl", "-sS", "--max-time", "15", "--proxytunnel", "--proxy",
                         "http://127.0.0.1:" + std::to_string(proxy->port()), url});
  }

  ConnectProxyOptions options;
  std::unique_ptr<ConnectProxy> proxy;

 private:
  asio::io_context io_;
  std::shared_ptr<tcp::acceptor> upstream_;
  std::unique_ptr<net::HttpServer> web_;
  std::thread thread_;
};

TEST_F(ConnectProxyTest, CurlReachesTheProviderApiByApplesName) {
  lead_to_web_server();
  start();
  const auto output = curl("http://api.push.apple.com:443/");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "hello\n");
  EXPECT_EQ(counts().opened, 1U);
}

TEST_F(ConnectProxyTest, CurlIsRefusedAnyOtherHost) {
  start();
  const auto output = curl("http://example.com:443/");
  EXPECT_EQ(output.status, 56);
  EXPECT_NE(output.err.find("403"), std::string::npos) << output.err;
  EXPECT_EQ(counts().refused, 1U);
  EXPECT_EQ(counts().opened, 0U);
}

TEST_F(ConnectProxyTest, LosesNothingThatComesBehindTheHead) {
  start();
  Client client(proxy->port());
  client.send(kConnect + "early");
  EXPECT_EQ(client.read(kEstablished.size()), kEstablished);
  client.send(" and late");
  client.end();
  EXPECT_EQ(client.read_all(), "<early and late>");
}

TEST_F(ConnectProxyTest, PassesOnTheEndOfOneDirectionOnly) {
  start();
  Client client(proxy->port());
  client.send(kConnect + "all I say");
  client.end();  // before the proxy has answered
  EXPECT_EQ(client.read_all(), kEstablished + "<all I say>");
  EXPECT_TRUE(eventually([](const auto& counts) { return counts.connections == 0; }));
}

TEST_F(ConnectProxyTest, TakesAHeadInPieces) {
  start();
  Client client(proxy->port());
  for (const char c : kConnect) client.send(std::string(1, c));
  EXPECT_EQ(client.read(kEstablished.size()), kEstablished);
  EXPECT_EQ(counts().tunnels, 1U);
}

TEST_F(ConnectProxyTest, CarriesMegabytesBothWays) {
  start();
  const std::string much(8'000'000, 'm');
  Client client(proxy->port());
  client.send(kConnect);
  EXPECT_EQ(client.read(kEstablished.size()), kEstablished);
  client.send(much);
  client.end();
  EXPECT_EQ(client.read_all(), "<" + much + ">");
}

TEST_F(ConnectProxyTest, AnswersInWordsWhatItCannotDo) {
  options.sandbox = net::HostPort{"127.0.0.1", 1};
  options.production.reset();
  start();
  const auto answer = [this](const std::string& request) {
    Client client(proxy->port());
    client.send(request);
    return client.read_all();
  };
  EXPECT_TRUE(answer(kConnect).starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(answer("CONNECT api.sandbox.push.apple.com:443 HTTP/1.1\r\n\r\n")
                  .starts_with("HTTP/1.1 502 "));
  EXPECT_TRUE(answer("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(answer(std::string(100'000, 'x')).starts_with("HTTP/1.1 431 "));
  EXPECT_EQ(counts().refused, 4U);
}

TEST_F(ConnectProxyTest, ClosesWhoeverIsSlowWithTheHead) {
  options.head_timeout = 1ms;
  start();
  Client client(proxy->port());
  client.send("CONNECT api.push");
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(eventually([](const auto& counts) { return counts.connections == 0; }));
}

TEST_F(ConnectProxyTest, ClosesAnIdleTunnel) {
  options.idle_timeout = 1ms;
  start();
  Client client(proxy->port());
  client.send(kConnect);
  EXPECT_EQ(client.read_all(), kEstablished);
  EXPECT_TRUE(eventually([](const auto& counts) { return counts.tunnels == 0; }));
}

TEST_F(ConnectProxyTest, ClosesConnectionsOverTheLimit) {
  options.max_connections = 1;
  start();
  Client first(proxy->port());
  first.send(kConnect);
  EXPECT_EQ(first.read(kEstablished.size()), kEstablished);
  Client second(proxy->port());
  EXPECT_EQ(second.read_all(), "");
  EXPECT_EQ(counts().refused, 1U);
  EXPECT_EQ(counts().tunnels, 1U);
}

TEST_F(ConnectProxyTest, CutsTunnelsWhenItStops) {
  start();
  Client client(proxy->port());
  client.send(kConnect);
  EXPECT_EQ(client.read(kEstablished.size()), kEstablished);
  ask([this] {
    proxy->stop();
    return true;
  });
  EXPECT_EQ(client.read_all(), "");
}

}  // namespace
}  // namespace understudy::apns_mock
