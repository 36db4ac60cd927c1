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

  /// At most `limit` entries that are due at `now` and not acknowledged, oldest first. They stay in
  /// the queue. Errors: as io::Statement::step.
  Result<std::vector<PushEntry>> due(TimePoint now, std::size_t limit);
  /// When the next entry that was not due at `now` will be.
  Result<std::optional<TimePoint>> next_due(TimePoint now);

  /// Done with an entry, whatever the outcome. `repeat_at`: when to look whether its command was
  /// answered; none: never.
  Result<void> acknowledge(const PushEntry& entry, PushOutcome outcome,
                           std::optional<TimePoint> repeat_at = std::nullopt);
  /// Not done with: due again at `due`, with one attempt more.
  Result<void> retry(const PushEntry& entry, TimePoint due);
  /// What kept entries back is gone: all that failed before are due now, their attempts forgotten.
  Result<void> retry_all();
  /// Acknowledged entries whose `repeat_at` had come at `now`, oldest first.
  Result<std::vector<PushEntry>> repeat_due(TimePoint now, std::size_t limit);
  Result<std::optional<TimePoint>> next_repeat();
  /// Another `repeat_at` for an acknowledged entry; none: it waits for nothing any more.
  Result<void> set_repeat(const PushEntry& entry, std::optional<TimePoint> repeat_at);
  /// Acknowledged ones too, until they are forgotten.
  Result<std::optional<PushEntry>> find(const std::string& apns_id);
  /// Forgets what was acknowledged before `before` and waits for nothing.
  Result<void> forget(TimePoint before);
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
