#pragma once

/// The one accept loop.

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "shared/core/log.h"
#include "shared/net/asio.h"

namespace understudy::net {

/// Until the next attempt when one failed: with too many open files, say, it may pass.
inline constexpr std::chrono::milliseconds kAcceptPause{100};

/// Gives each new connection to `take` until the acceptor closes. `take` holds whatever owns the
/// acceptor; `name` is for the log.
template <class Acceptor>
Task<void> accept_all(Acceptor& acceptor, std::string name,
                      std::function<void(typename Acceptor::protocol_type::socket)> take) {
  asio::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    auto [ec, socket] = co_await acceptor.async_accept(kAsTuple);
    if (!acceptor.is_open()) co_return;
    if (!ec) {
      take(std::move(socket));
      continue;
    }
    log::warn("net.accept_failed", {{"listener", name}, {"error", ec.message()}});
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(kAsTuple);
  }
}

}  // namespace understudy::net
