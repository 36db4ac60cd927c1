#pragma once

/// Asio's vocabulary, as this project uses it (docs/decisions/0002-async.md).
///
/// A statement with `co_await` holds no braced temporary and no lambda: GCC 12 destroys them twice.
/// Name the object, std::move it. tools/lint/co_await.query finds what the eye misses.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <string>

#include "shared/core/result.h"

namespace understudy {

namespace asio = boost::asio;
template <class T>
using Task = asio::awaitable<T>;

namespace net {

using asio::ip::tcp;
/// Network errors are values: `auto [ec, size] = co_await socket.async_read_some(buffer,
/// kAsTuple);`
inline constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

/// Starts a coroutine whose end nobody waits for; an exception is logged under `name` and ends only
/// it.
void spawn(const asio::any_io_executor& executor, std::string name, Task<void> task);
/// Starts a coroutine that `stop` ends at its next wait. `on_end` is told once: with the exception
/// that ended it (operation_aborted when it was stopped), or null. `stop` outlives the coroutine
/// and is emitted on its executor.
using OnEnd = std::function<void(const std::exception_ptr&)>;
void spawn(const asio::any_io_executor& executor, Task<void> task, asio::cancellation_signal& stop,
           OnEnd on_end);
/// Logs how the coroutine called `name` ended: an exception as an error, a cancellation at debug
/// level only, anything else not at all.
void log_coroutine_end(const std::string& name, const std::exception_ptr& error);

/// "host:port", also "[::1]:5223". Errors: errc::invalid_argument.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  static Result<HostPort> parse(std::string_view text);
  std::string text() const;
};

/// Listens; port 0 picks a free one. Errors: errc::io, naming the address.
Result<tcp::acceptor> listen(const asio::any_io_executor& executor, const HostPort& address);
/// Resolves and connects. Errors: errc::io, errc::timeout.
Task<Result<tcp::socket>> connect(HostPort address, std::chrono::milliseconds timeout);

}  // namespace net
}  // namespace understudy
