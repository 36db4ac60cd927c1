#pragma once

/// The outbound push queue (FastLaneAPNsOutBound): pushes that the messaging service has to send.

#include <optional>
#include <string>
#include <vector>

#include "server-mock/workflow/timeline.h"
#include "server-mock/workflow/wake.h"
#include "shared/core/rng.h"

namespace understudy::server {

/// One thread, that of its Store.
class OutboundPushQueue {
 public:
  /// `only_stored`: an entry can be taken only once its command is in the command store.
  OutboundPushQueue(Store& store, Timeline& timeline, const Clock& clock, Rng& rng, Wake& wake,
                    bool only_stored);

  /// Durable on return, with the hop `push_queued`, unless inside a transaction of the caller's.
  /// `command_uuid` may be empty: a push for its own sake. The apns-id it will be sent with.
  Result<std::string> enqueue(const std::string& device_id, const std::string& command_uuid);
  /// Once more for an entry that was sent and brought no answer.
  Result<void> enqueue_again(const PushEntry& sent);

  /// At most `limit` entries whose time has come and that are not acknowledged, oldest first. They
  /// stay in the queue. Errors: as io::Statement::step.
  Result<std::vector<PushEntry>> due(std::size_t limit);
  /// When the next entry that is not due yet will be.
  Result<std::optional<TimePoint>> next_due();
  Wake& wake() { return wake_; }

 private:
  Store& store_;
  Timeline& timeline_;
  const Clock& clock_;
  Rng& rng_;
  Wake& wake_;
  const bool only_stored_;
};

}  // namespace understudy::server
