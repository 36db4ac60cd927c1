#include "shared/net/asio.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include "shared/core/errc.h"
#include "tests/support/run_task.h"

namespace understudy::net {
namespace {

using namespace std::chrono_literals;

TEST(HostPort, ReadsNamesAndAddresses) {
  const auto name = HostPort::parse("mdm.example:443");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host, "mdm.example");
  EXPECT_EQ(name->port, 443);
  const auto v6 = HostPort::parse("[::1]:5223");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 5223);
  EXPECT_EQ(v6->text(), "[::1]:5223");
  EXPECT_EQ(HostPort::parse("127.0.0.1:0")->text(), "127.0.0.1:0");
}

TEST(HostPort, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "host", "host:", ":443", "host:x", "host:65536", "host:-1",
                           "host:4 ", "::1:443", "[]:443", "[::1:443", "::1]:443"}) {
    const auto result = HostPort::parse(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, errc::invalid_argument) << text;
  }
}

TEST(Listen, PicksAFreePortWhenGivenNone) {
  asio::io_context io;
  auto acceptor = listen(io.get_executor(), {"127.0.0.1", 0});
  ASSERT_TRUE(acceptor) << acceptor.error().message();
  EXPECT_NE(acceptor->local_endpoint().port(), 0);
}

TEST(Listen, NamesTheAddressThatIsTaken) {
  asio::io_context io;
  auto first = listen(io.get_executor(), {"127.0.0.1", 0});
  ASSERT_TRUE(first);
  const HostPort taken{"127.0.0.1", first->local_endpoint().port()};
  const auto second = listen(io.get_executor(), taken);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::io);
  EXPECT_NE(second.error().context.find(taken.text()), std::string::npos);
}

TEST(Listen, RefusesAnAddressOfAnotherMachine) {
  asio::io_context io;
  const auto result = listen(io.get_executor(), {"192.0.2.1", 0});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, errc::io);
}

Task<std::error_code> connect_code(HostPort address, std::chrono::milliseconds timeout) {
  auto socket = co_await connect(std::move(address), timeout);
  co_return socket ? std::error_code() : socket.error().code;
}

TEST(Connect, ReachesAListenerByNameAndByAddress) {
  asio::io_context io;
  auto acceptor = listen(io.get_executor(), {"127.0.0.1", 0});
  ASSERT_TRUE(acceptor);
  const auto port = acceptor->local_endpoint().port();
  EXPECT_EQ(support::run_task(io, connect_code({"127.0.0.1", port}, 5s)), std::error_code());
  EXPECT_EQ(support::run_task(io, connect_code({"localhost", port}, 5s)), std::error_code());
}

TEST(Connect, FailsWhenNobodyListens) {
  asio::io_context io;
  std::uint16_t port = 0;
  {
    auto acceptor = listen(io.get_executor(), {"127.0.0.1", 0});
    ASSERT_TRUE(acceptor);
    port = acceptor->local_endpoint().port();
  }
  EXPECT_EQ(support::run_task(io, connect_code({"127.0.0.1", port}, 5s)), errc::io);
}

Task<bool> fill_until_timeout(HostPort address) {
  std::vector<tcp::socket> pending;
  for (int i = 0; i < 16; ++i) {
    auto socket = co_await connect(address, 50ms);
    if (!socket) co_return socket.error().code == errc::timeout;
    pending.push_back(std::move(*socket));
  }
  co_return false;
}

TEST(Connect, GivesUpWhenNobodyAnswersInTime) {
  asio::io_context io;
  tcp::acceptor acceptor(io, tcp::v4());
  acceptor.bind({asio::ip::address_v4::loopback(), 0});
  acceptor.listen(1);  // nobody accepts: once the queue is full, a connection is never answered
  const HostPort address{"127.0.0.1", acceptor.local_endpoint().port()};
  EXPECT_TRUE(support::run_task(io, fill_until_timeout(address)));
}

Task<void> throws() {
  throw std::runtime_error("on purpose");
  co_return;
}
Task<void> sets(bool& flag) {
  flag = true;
  co_return;
}

TEST(Spawn, EndsOnlyTheCoroutineThatThrows) {
  asio::io_context io;
  bool reached = false;
  spawn(io.get_executor(), "bad", throws());
  spawn(io.get_executor(), "good", sets(reached));
  EXPECT_NO_THROW(io.run());
  EXPECT_TRUE(reached);
}

Task<void> yields() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

TEST(Spawn, MayStopACoroutineThatIsAboutToEnd) {
  asio::io_context io;
  auto stop = std::make_shared<asio::cancellation_signal>();
  int ends = 0;
  auto on_end = [&ends, stop](const std::exception_ptr&) { ++ends; };
  spawn(io.get_executor(), yields(), *stop, std::move(on_end));
  io.run_one();  // what it waits for has come
  std::exchange(stop, nullptr)->emit(asio::cancellation_type::terminal);
  io.run();
  EXPECT_EQ(ends, 1);
}

}  // namespace
}  // namespace understudy::net
