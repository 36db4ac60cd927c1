#pragma once

/// The event log queue (AWEventLog): commands that the queue monitor has to bring into the command
/// store.

#include <string>
#include <vector>

#include "server-mock/workflow/timeline.h"
#include "server-mock/workflow/wake.h"

namespace understudy::server {

/// One thread, that of its Store.
class EventLogQueue {
 public:
  EventLogQueue(Store& store, Timeline& timeline, Wake& wake)
      : store_(store), timeline_(timeline), wake_(wake) {}

  /// Durable on return, with the hop `event_queued`, unless inside a transaction of the caller's.
  Result<void> append(const EventEntry& entry);
  /// At most `limit` entries, oldest first; an entry stays until it is acknowledged. Errors: as
  /// io::Statement::step.
  Result<std::vector<EventEntry>> read(std::size_t limit) { return store_.event_read(limit); }
  /// Removes the entry of that id; one that is not there is no error. Errors: as read.
  Result<void> acknowledge(std::int64_t id) { return store_.event_acknowledge(id); }
  Wake& wake() { return wake_; }

 private:
  Store& store_;
  Timeline& timeline_;
  Wake& wake_;
};

}  // namespace understudy::server
