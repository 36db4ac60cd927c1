#pragma once

/// An operation and a deadline, whichever comes first. Heavy header: include it in .cc files only.

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <optional>

#include "shared/core/errc.h"
#include "shared/net/timer.h"

namespace understudy::agent {

/// `bug`: what the task threw. operator|| would wait for the deadline instead, and drop it.
template <class T>
Task<void> keep(Task<Result<T>> task, std::optional<Result<T>>& out, std::exception_ptr& bug) {
  try {
    out = co_await std::move(task);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;  // the deadline came first
    bug = std::current_exception();
  } catch (...) {
    bug = std::current_exception();
  }
}

/// The task's result, or errc::timeout when `clock` reached `when` first and the task was
/// cancelled. What the task has finished is never lost, even if both end at the same moment. What
/// it throws is thrown.
template <class T>
Task<Result<T>> within(const Clock& clock, TimePoint when, Task<Result<T>> task,
                       const char* doing) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)
  std::optional<Result<T>> out;
  std::exception_ptr bug;
  co_await (keep(std::move(task), out, bug) || net::sleep_until(clock, when));
  if (bug) std::rethrow_exception(bug);
  if (out && (out->has_value() || out->error().code != errc::cancelled)) co_return std::move(*out);
  co_return fail(errc::timeout, doing);
}

}  // namespace understudy::agent
