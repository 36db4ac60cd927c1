#include "server-mock/workflow/messaging_service.h"

#include <algorithm>

#include "shared/core/crash_point.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

constexpr Duration kAfterError = std::chrono::seconds(1);
constexpr Duration kLongestRepush = std::chrono::hours(1);
constexpr Duration kPurgeEvery = std::chrono::hours(1);
constexpr std::size_t kRepeatBatch = 64;

/// base * 2^times, at most `limit` (or base, if that is more).
Duration doubled(Duration base, int times, Duration limit) {
  Duration result = base;
  for (int i = 0; i < times && result < limit; ++i) result *= 2;
  return std::min(result, std::max(base, limit));
}

std::string describe(const PushAnswer& answer) {
  if (answer.status == 0) return answer.reason;
  return std::to_string(answer.status) + (answer.reason.empty() ? "" : " " + answer.reason);
}

}  // namespace

MessagingService::MessagingService(Store& store, Timeline& timeline, OutboundPushQueue& pushes,
                                   Pusher& pusher, const Clock& clock, MessagingOptions options)
    : store_(store),
      timeline_(timeline),
      pushes_(pushes),
      pusher_(pusher),
      clock_(clock),
      options_(options) {}

Task<void> MessagingService::run() {
  const auto executor = co_await asio::this_coro::executor;
  while (!stopping_) {
    // One reading for the whole turn: what falls due between two would be neither due nor next.
    const TimePoint now = clock_.now();
    Result<void> worked = repeat_unanswered();
    if (worked) worked = start_due(executor, now);
    Result<std::optional<TimePoint>> next = next_time(now);
    if (worked && next) {
      co_await pushes_.wake().wait_until(*next);
      continue;
    }
    log::error("messaging.failed", {{"error", (worked ? next.error() : worked.error()).message()}});
    co_await pushes_.wake().wait_until(clock_.now() + kAfterError);
  }
}

void MessagingService::stop() {
  stopping_ = true;
  pushes_.wake().notify();
}

Result<void> MessagingService::start_due(const asio::any_io_executor& executor, TimePoint now) {
  // One more than can be in flight: if all of those are, there is at least one that is not.
  UNDERSTUDY_TRY(const std::vector<PushEntry> due, pushes_.due(now, options_.max_in_flight + 1));
  for (const PushEntry& entry : due) {
    if (in_flight_->size() >= options_.max_in_flight) break;
    if (!in_flight_->insert(entry.id).second) continue;
    net::spawn(executor, "messaging.push", deliver(entry, Flight(in_flight_, entry.id)));
  }
  return {};
}

/// Nothing while all places are taken: the end of any push notifies.
Result<std::optional<TimePoint>> MessagingService::next_time(TimePoint now) {
  if (in_flight_->size() >= options_.max_in_flight) return std::optional<TimePoint>();
  UNDERSTUDY_TRY(const std::optional<TimePoint> due, pushes_.next_due(now));
  UNDERSTUDY_TRY(const std::optional<TimePoint> repeat, pushes_.next_repeat());
  if (due && repeat) return std::optional<TimePoint>(std::min(*due, *repeat));
  return due ? due : repeat;
}

Task<void> MessagingService::deliver(PushEntry entry, Flight flight) {
  std::optional<Flight> under_way(std::move(flight));
  const std::string device = entry.device_id;
  std::string failure;
  try {
    const Result<void> done = co_await attempt(std::move(entry));
    if (!done) failure = done.error().message();
  } catch (const std::exception& e) {
    failure = e.what();
  }
  if (!failure.empty()) {
    log::error("messaging.push", {{"device", device}, {"error", failure}});
    co_await net::sleep_for(clock_, kAfterError);  // its entry is still due
  }
  under_way.reset();
  pushes_.wake().notify();
}

Task<Result<void>> MessagingService::attempt(PushEntry entry) {
  UNDERSTUDY_CO_TRY(std::optional<PushRequest> request, prepare(entry));
  if (!request) co_return Result<void>();
  const TimePoint sent_at = clock_.now();
  const std::uint64_t certificates = certificates_;
  const PushAnswer answer = co_await pusher_.push(std::move(*request));
  if (certificates != certificates_) entry.attempts = 0;  // it went with the certificate before
  co_return settle(entry, answer, sent_at);
}

/// Nothing when there is no use in pushing; the entry is acknowledged then.
Result<std::optional<PushRequest>> MessagingService::prepare(const PushEntry& entry) {
  UNDERSTUDY_TRY(const std::optional<DeviceRecord> device, store_.device(entry.device_id));
  UNDERSTUDY_TRY(const std::optional<CommandRecord> command,
                 store_.command(entry.command_uuid, entry.device_id));
  if (command && command->finished()) {
    UNDERSTUDY_CHECK(pushes_.acknowledge(entry, PushOutcome::dropped));
    return std::optional<PushRequest>();
  }
  if (!device || device->state != DeviceRecord::State::enrolled || device->push_token.empty()) {
    UNDERSTUDY_CHECK(give_up(entry, "the device is not enrolled"));
    return std::optional<PushRequest>();
  }
  PushRequest request;
  request.token = device->push_token;
  request.push_magic = device->push_magic;
  request.topic = device->topic;
  request.apns_id = entry.apns_id;
  request.expiration = clock_.now() + kKept;
  return std::optional<PushRequest>(std::move(request));
}

Result<void> MessagingService::settle(const PushEntry& entry, const PushAnswer& answer,
                                      TimePoint sent_at) {
  if (answer.status == 200) return sent(entry, sent_at);
  if (answer.status == 0 || answer.certificate_refused) return hold(entry, answer);
  const bool may_pass = answer.status == 429 || answer.status >= 500;
  if (!may_pass) return give_up(entry, describe(answer));
  if (entry.attempts + 1 < kMaxAttempts) {
    return retry(entry, describe(answer), back_off(entry));
  }
  return give_up(entry, describe(answer) + ", " + std::to_string(kMaxAttempts) + " times");
}

Result<void> MessagingService::sent(const PushEntry& entry, TimePoint sent_at) {
  std::optional<TimePoint> repeat_at;
  if (!entry.command_uuid.empty()) {
    // At the time it was handed over: the device may have come before APNs's answer did.
    const std::string again =
        entry.repeat == 0 ? "" : ", push " + std::to_string(entry.repeat + 1) + " for it";
    UNDERSTUDY_CHECK(timeline_.add_at(sent_at, entry.command_uuid, entry.device_id, hop::kPushSent,
                                      "200, apns-id " + entry.apns_id + again));
    repeat_at = clock_.now() + repush_interval(entry.repeat);
  }
  crash_point("server.push_sent");
  UNDERSTUDY_CHECK(pushes_.acknowledge(entry, PushOutcome::sent, repeat_at));
  crash_point("server.push_acknowledged");
  return {};
}

/// Nothing was said of the push itself: it goes through once APNs can be reached, or takes the
/// certificate.
Result<void> MessagingService::hold(const PushEntry& entry, const PushAnswer& answer) {
  if (answer.certificate_refused) UNDERSTUDY_CHECK(store_.count("push_certificate_refusals"));
  const bool is_long = entry.attempts >= kMaxAttempts;
  return retry(entry, describe(answer), is_long ? kHold : back_off(entry));
}

Result<void> MessagingService::certificate_changed() {
  ++certificates_;
  return pushes_.retry_all();
}

Result<void> MessagingService::retry(const PushEntry& entry, const std::string& why,
                                     Duration pause) {
  log::warn("push.retry", {{"device", entry.device_id}, {"why", why}});
  return store_.atomically([&]() -> Result<void> {
    UNDERSTUDY_CHECK(pushes_.retry(entry, clock_.now() + pause));
    UNDERSTUDY_CHECK(store_.count("pushes_retried"));
    if (entry.command_uuid.empty()) return {};
    return timeline_.add(entry.command_uuid, entry.device_id, hop::kPushRetry, why);
  });
}

Result<void> MessagingService::give_up(const PushEntry& entry, const std::string& why) {
  log::warn("push.failed", {{"device", entry.device_id}, {"why", why}});
  return store_.atomically([&]() -> Result<void> {
    UNDERSTUDY_CHECK(pushes_.acknowledge(entry, PushOutcome::failed));
    UNDERSTUDY_CHECK(store_.count("pushes_failed"));
    if (entry.command_uuid.empty()) return {};
    return timeline_.add(entry.command_uuid, entry.device_id, hop::kPushFailed, why);
  });
}

Result<void> MessagingService::repeat_unanswered() {
  if (clock_.now() >= next_purge_) {
    UNDERSTUDY_CHECK(pushes_.forget(clock_.now() - kKept));
    next_purge_ = clock_.now() + kPurgeEvery;
  }
  std::set<std::string> woken;
  for (;;) {
    UNDERSTUDY_TRY(const std::vector<PushEntry> due,
                   pushes_.repeat_due(clock_.now(), kRepeatBatch));
    for (const PushEntry& entry : due) UNDERSTUDY_CHECK(repeat_one(entry, woken));
    if (due.size() < kRepeatBatch) return {};
  }
}

/// One push wakes a device for all its commands; the others only look again later.
Result<void> MessagingService::repeat_one(const PushEntry& entry, std::set<std::string>& woken) {
  UNDERSTUDY_TRY(const std::optional<DeviceRecord> device, store_.device(entry.device_id));
  UNDERSTUDY_TRY(const std::optional<CommandRecord> command,
                 store_.command(entry.command_uuid, entry.device_id));
  const bool is_enrolled = device && device->state == DeviceRecord::State::enrolled;
  if (!is_enrolled || (command && command->finished())) {
    return pushes_.set_repeat(entry, std::nullopt);
  }
  if (!command || !woken.insert(entry.device_id).second) {
    return pushes_.set_repeat(entry, clock_.now() + repush_interval(entry.repeat));
  }
  UNDERSTUDY_CHECK(store_.count("pushes_repeated"));
  return pushes_.enqueue_again(entry);
}

void MessagingService::delivered(const std::string& apns_id) {
  const auto record = [&]() -> Result<void> {
    UNDERSTUDY_TRY(const std::optional<PushEntry> entry, pushes_.find(apns_id));
    if (!entry || entry->command_uuid.empty()) return {};
    UNDERSTUDY_CHECK(timeline_.add(entry->command_uuid, entry->device_id, hop::kPushDelivered,
                                   "apns-id " + apns_id));
    crash_point("server.push_delivered");
    return {};
  };
  const Result<void> recorded = record();
  if (!recorded) log::error("push.delivered", {{"error", recorded.error().message()}});
}

Duration MessagingService::back_off(const PushEntry& entry) const {
  return doubled(options_.back_off, entry.attempts, kLongestBackOff);
}

Duration MessagingService::repush_interval(int repeat) const {
  return doubled(options_.repush_after, repeat, kLongestRepush);
}

}  // namespace understudy::server
