#pragma once

/// The queue monitor (EntityChangeQueueMonitor): brings commands from the event log queue into the
/// command store, then tells the messaging service.

#include "server-mock/workflow/event_log_queue.h"
#include "server-mock/workflow/timeline.h"
#include "server-mock/workflow/wake.h"

namespace understudy::server {

/// Use from its executor only.
class QueueMonitor {
 public:
  /// `delay`: how old an event must be before it is read, as a monitor that polls would have it.
  /// `stored`: notified after each command that became visible.
  QueueMonitor(Store& store, Timeline& timeline, EventLogQueue& events, const Clock& clock,
               Duration delay, Wake& stored);

  /// Works until `stop`.
  Task<void> run();
  void stop();

  /// Takes what is old enough now, a batch at a time; how many there were. `run` is this in a loop.
  Result<std::size_t> drain();

 private:
  Result<std::optional<TimePoint>> next_ready();

  Store& store_;
  Timeline& timeline_;
  EventLogQueue& events_;
  const Clock& clock_;
  const Duration delay_;
  Wake& stored_;
  bool stopping_ = false;
};

}  // namespace understudy::server
