#pragma once

/// Runs a server on one thread until SIGINT or SIGTERM. Private to cli/.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "server-mock/cli/command_line.h"
#include "server-mock/workflow/vital.h"
#include "shared/core/clock.h"
#include "shared/core/log.h"
#include "shared/net/asio.h"

namespace understudy::server {

/// For what is said at the end: GOAWAY, close_notify.
inline constexpr std::chrono::milliseconds kFarewell{100};

/// `ServerType` has start, ready_line and stop as Server has. The exit code.
template <class ServerType, class Options>
int serve(const Options& options, bool virtual_clock, int (*on_error)(const Error&)) {
  asio::io_context io;
  const SystemClock system_clock;
  const std::unique_ptr<VirtualClock> settable = VirtualClock::flowing();
  const Clock& clock = virtual_clock ? static_cast<const Clock&>(*settable) : system_clock;
  auto server = ServerType::start(io.get_executor(), options, clock,
                                  virtual_clock ? settable.get() : nullptr);
  if (!server) return on_error(server.error());
  asio::signal_set signals(io, SIGINT, SIGTERM);
  asio::steady_timer farewell(io);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    (*server)->stop();
    farewell.expires_after(kFarewell);
    farewell.async_wait([&](const boost::system::error_code&) { io.stop(); });
  });
  // Who has read this line may send a signal.
  std::cout << (*server)->ready_line() << "\n" << std::flush;
  try {
    io.run();
  } catch (const PartFailed& e) {
    log::error("server.stopped", {{"failed", e.what()}});
    return static_cast<int>(ExitCode::unreachable);
  }
  return static_cast<int>(ExitCode::ok);
}

}  // namespace understudy::server
