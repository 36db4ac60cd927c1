#pragma once

/// How a part of the workflow waits: for work, or for a time of the Clock.

#include <memory>
#include <optional>

#include "shared/core/clock.h"
#include "shared/net/asio.h"
#include "shared/net/timer.h"

namespace understudy::server {

/// Use from its executor only; one waiter. A notify while nobody waits is kept for the next wait.
class Wake {
 public:
  Wake(const asio::any_io_executor& executor, const Clock& clock);

  void notify() { event_->notify(); }
  /// Ends at a notify, when the clock has reached `when`, or after a jump of a virtual clock; the
  /// caller looks again at what there is to do.
  Task<void> wait_until(std::optional<TimePoint> when);

 private:
  const Clock& clock_;
  std::shared_ptr<net::Event> event_;
  Clock::Subscription jumps_;
};

}  // namespace understudy::server
