#include "server-mock/workflow/event_log_queue.h"

namespace understudy::server {

Result<void> EventLogQueue::append(const EventEntry& entry) {
  UNDERSTUDY_CHECK(store_.atomically([&]() -> Result<void> {
    UNDERSTUDY_TRY(const std::int64_t id, store_.event_append(entry));
    return timeline_.add(entry.command_uuid, entry.device_id, hop::kEventQueued,
                         "entry " + std::to_string(id));
  }));
  wake_.notify();
  return {};
}

}  // namespace understudy::server
