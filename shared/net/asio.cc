#include "shared/net/asio.h"

#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>

#include "shared/core/errc.h"
#include "shared/core/log.h"

namespace understudy::net {
namespace {

using Endpoints = std::vector<tcp::endpoint>;

Task<Result<Endpoints>> resolve(HostPort address) {
  boost::system::error_code ec;
  const auto literal = asio::ip::make_address(address.host, ec);
  if (!ec) co_return Endpoints(1, tcp::endpoint(literal, address.port));
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  auto [failed, found] =
      co_await resolver.async_resolve(address.host, std::to_string(address.port), kAsTuple);
  if (failed) {
    co_return fail(errc::io, "cannot resolve '" + address.host + "': " + failed.message(),
                   "check the host name");
  }
  Endpoints endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

Task<Result<tcp::socket>> resolve_and_connect(HostPort address) {
  const auto executor = co_await asio::this_coro::executor;
  UNDERSTUDY_CO_TRY(const Endpoints endpoints, co_await resolve(address));
  tcp::socket socket(executor);
  auto [ec, used] = co_await asio::async_connect(socket, endpoints, kAsTuple);
  if (ec) {
    co_return fail(errc::io, "cannot connect to " + address.text() + ": " + ec.message(),
                   "check that a server listens there");
  }
  socket.set_option(tcp::no_delay(true), ec);
  co_return socket;
}

Task<void> pass(std::chrono::milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(kAsTuple);
}

Result<tcp::endpoint> local_endpoint(const asio::any_io_executor& executor,
                                     const HostPort& address) {
  boost::system::error_code ec;
  const auto literal = asio::ip::make_address(address.host, ec);
  if (!ec) return tcp::endpoint(literal, address.port);
  tcp::resolver resolver(executor);
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, ec);
  if (ec || found.empty()) {
    return fail(errc::io, "cannot listen on " + address.text() + ": " + ec.message(),
                "give an address of this machine, such as 127.0.0.1:0");
  }
  return found.begin()->endpoint();
}

/// Hears of the signal at once. For a handler that asio::bind_cancellation_slot made, Asio 1.24
/// posts the news with a pointer into the coroutine, which may be over when they arrive.
struct StoppableEnd {
  using cancellation_slot_type = asio::cancellation_slot;
  cancellation_slot_type get_cancellation_slot() const noexcept { return slot; }
  void operator()(const std::exception_ptr& error) const { on_end(error); }

  cancellation_slot_type slot;
  OnEnd on_end;
};

}  // namespace

void log_coroutine_end(const std::string& name, const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) {
      log::debug("coroutine.cancelled", {{"name", name}});
    } else {
      log::error("coroutine.failed", {{"name", name}, {"error", e.what()}});
    }
  } catch (const std::exception& e) {
    log::error("coroutine.failed", {{"name", name}, {"error", e.what()}});
  } catch (...) {
    log::error("coroutine.failed", {{"name", name}, {"error", "an unknown exception"}});
  }
}

void spawn(const asio::any_io_executor& executor, std::string name, Task<void> task) {
  auto on_end = [name = std::move(name)](const std::exception_ptr& error) {
    log_coroutine_end(name, error);
  };
  asio::co_spawn(executor, std::move(task), std::move(on_end));
}

void spawn(const asio::any_io_executor& executor, Task<void> task, asio::cancellation_signal& stop,
           OnEnd on_end) {
  asio::co_spawn(executor, std::move(task), StoppableEnd{stop.slot(), std::move(on_end)});
}

Result<HostPort> HostPort::parse(std::string_view text) {
  const auto bad = [text](const char* why) {
    return fail(errc::invalid_argument, "'" + std::string(text) + "' is no address: " + why,
                "write HOST:PORT, or [::1]:PORT for IPv6");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad("the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string digits(text.substr(colon + 1));
  HostPort result;
  const char* end = digits.c_str() + digits.size();
  const auto [stop, code] = std::from_chars(digits.c_str(), end, result.port);
  if (code != std::errc() || stop != end) return bad("the port is no number up to 65535");
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return bad("an IPv6 address stands in brackets");
  }
  if (host.empty()) return bad("the host is missing");
  result.host = host;
  return result;
}

std::string HostPort::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<tcp::acceptor> listen(const asio::any_io_executor& executor, const HostPort& address) {
  UNDERSTUDY_TRY(const tcp::endpoint endpoint, local_endpoint(executor, address));
  boost::system::error_code ec;
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(tcp::acceptor::max_listen_connections, ec);
  if (ec) {
    return fail(errc::io, "cannot listen on " + address.text() + ": " + ec.message(),
                "choose another address, or port 0 for a free one");
  }
  // A program started by this one must not keep the port.
  fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  return acceptor;
}

Task<Result<tcp::socket>> connect(HostPort address, std::chrono::milliseconds timeout) {
  using asio::experimental::awaitable_operators::operator||;
  const std::string where = address.text();
  auto outcome = co_await (resolve_and_connect(std::move(address)) || pass(timeout));
  if (outcome.index() == 0) co_return std::move(std::get<0>(outcome));
  co_return fail(errc::timeout,
                 "no connection to " + where + " within " + std::to_string(timeout.count()) + " ms",
                 "check that a server listens there and that no firewall drops packets");
}

}  // namespace understudy::net
