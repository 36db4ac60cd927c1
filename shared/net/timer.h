#pragma once

/// Waiting, by a Clock: a virtual clock's jump ends the wait at once if its time has come.

#include <memory>

#include "shared/core/clock.h"
#include "shared/net/asio.h"

namespace understudy::net {

/// Returns when `clock` has reached `when`. Cancellation of the coroutine ends it with an
/// exception, as with any Asio wait. The clock may be moved from another thread; it must outlive
/// the wait, and must not be moved while the io_context is being destroyed.
Task<void> sleep_until(const Clock& clock, TimePoint when);
Task<void> sleep_for(const Clock& clock, Duration duration);

/// A condition that coroutines of one executor wait on: `notify` wakes all that wait now, and makes
/// the next wait return at once if nobody does. Use from its own executor only. Its end ends the
/// waits that are under way as a cancellation does.
class Event {
 public:
  explicit Event(const asio::any_io_executor& executor);
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();
  void notify();
  Task<void> wait();
  /// False when `timeout` of real time passed first.
  Task<bool> wait_for(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::net
