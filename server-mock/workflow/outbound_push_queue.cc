#include "server-mock/workflow/outbound_push_queue.h"

namespace understudy::server {

OutboundPushQueue::OutboundPushQueue(Store& store, Timeline& timeline, const Clock& clock, Rng& rng,
                                     Wake& wake, bool only_stored)
    : store_(store),
      timeline_(timeline),
      clock_(clock),
      rng_(rng),
      wake_(wake),
      only_stored_(only_stored) {}

Result<std::string> OutboundPushQueue::enqueue(const std::string& device_id,
                                               const std::string& command_uuid) {
  PushEntry entry;
  entry.apns_id = rng_.uuid();
  entry.device_id = device_id;
  entry.command_uuid = command_uuid;
  entry.due = clock_.now();
  UNDERSTUDY_CHECK(store_.atomically([&]() -> Result<void> {
    UNDERSTUDY_TRY(const std::int64_t id, store_.push_enqueue(entry));
    if (command_uuid.empty()) return {};
    return timeline_.add(command_uuid, device_id, hop::kPushQueued,
                         "entry " + std::to_string(id) + ", apns-id " + entry.apns_id);
  }));
  wake_.notify();
  return entry.apns_id;
}

Result<void> OutboundPushQueue::enqueue_again(const PushEntry& sent) {
  PushEntry entry = sent;
  entry.apns_id = rng_.uuid();
  entry.attempts = 0;
  entry.repeat = sent.repeat + 1;
  entry.due = clock_.now();
  const auto replace = [&]() -> Result<void> {
    UNDERSTUDY_CHECK(set_repeat(sent, std::nullopt));
    UNDERSTUDY_TRY(const std::int64_t id, store_.push_enqueue(entry));
    static_cast<void>(id);
    return {};
  };
  UNDERSTUDY_CHECK(store_.atomically(replace));
  wake_.notify();
  return {};
}

Result<std::vector<PushEntry>> OutboundPushQueue::due(TimePoint now, std::size_t limit) {
  return store_.push_due(now, limit, only_stored_);
}

Result<std::optional<TimePoint>> OutboundPushQueue::next_due(TimePoint now) {
  return store_.push_next_due(now, only_stored_);
}

Result<void> OutboundPushQueue::acknowledge(const PushEntry& entry, PushOutcome outcome,
                                            std::optional<TimePoint> repeat_at) {
  return store_.push_acknowledge(entry.id, outcome, clock_.now(), repeat_at);
}

Result<void> OutboundPushQueue::retry(const PushEntry& entry, TimePoint due) {
  return store_.push_retry(entry.id, due);
}

Result<void> OutboundPushQueue::retry_all() {
  UNDERSTUDY_CHECK(store_.push_retry_all(clock_.now()));
  wake_.notify();
  return {};
}

Result<std::vector<PushEntry>> OutboundPushQueue::repeat_due(TimePoint now, std::size_t limit) {
  return store_.push_repeat_due(now, limit);
}

Result<std::optional<TimePoint>> OutboundPushQueue::next_repeat() {
  return store_.push_next_repeat();
}

Result<void> OutboundPushQueue::set_repeat(const PushEntry& entry,
                                           std::optional<TimePoint> repeat_at) {
  return store_.push_set_repeat(entry.id, repeat_at);
}

Result<std::optional<PushEntry>> OutboundPushQueue::find(const std::string& apns_id) {
  return store_.push_by_apns_id(apns_id);
}

Result<void> OutboundPushQueue::forget(TimePoint before) {
  return store_.push_purge(before);
}

}  // namespace understudy::server
