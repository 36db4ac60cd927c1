#pragma once

/// Runs one coroutine to its end on an io_context, with a deadline that fails the test.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "shared/net/asio.h"

namespace understudy::support {

/// The coroutine's value. Whatever else is queued on `io` runs meanwhile; an exception is rethrown.
/// Throws when `deadline` of real time passed first.
template <class T>
T run_task(asio::io_context& io, Task<T> task,
           std::chrono::seconds deadline = std::chrono::seconds(20)) {
  std::optional<T> value;
  std::exception_ptr error;
  bool done = false;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T result) {
    error = e;
    value.emplace(std::move(result));
    done = true;
  });
  const auto until = std::chrono::steady_clock::now() + deadline;
  io.restart();
  while (!done && std::chrono::steady_clock::now() < until) {
    if (io.run_one_until(until) == 0 && io.stopped()) break;
  }
  if (!done) throw std::runtime_error("run_task: the coroutine did not end in time");
  if (error) std::rethrow_exception(error);
  return std::move(*value);
}

inline void run_task(asio::io_context& io, Task<void> task,
                     std::chrono::seconds deadline = std::chrono::seconds(20)) {
  auto wrapped = [](Task<void> inner) -> Task<bool> {
    co_await std::move(inner);
    co_return true;
  };
  run_task<bool>(io, wrapped(std::move(task)), deadline);
}

}  // namespace understudy::support
