#pragma once

/// An operation and a deadline, whichever comes first. Heavy header: include it in .cc files only.

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>

#include "shared/core/errc.h"
#include "shared/net/timer.h"

namespace understudy::agent {

template <class T>
Task<void> keep(Task<Result<T>> task, std::optional<Result<T>>& out) {
  out = co_await std::move(task);
}

/// The task's result, or errc::timeout when `clock` reached `when` first and the task was
/// cancelled. What the task has finished is never lost, even if both end at the same moment.
template <class T>
Task<Result<T>> within(const Clock& clock, TimePoint when, Task<Result<T>> task,
                       const char* doing) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
  std::optional<Result<T>> out;
  co_await (keep(std::move(task), out) || net::sleep_until(clock, when));
  if (out && (out->has_value() || out->error().code != errc::cancelled)) co_return std::move(*out);
  co_return fail(errc::timeout, doing);
}

}  // namespace understudy::agent
