#include "server-mock/workflow/queue_monitor.h"

#include <boost/asio/post.hpp>

#include "shared/core/crash_point.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

/// So many events, then others of the same thread have their turn.
constexpr std::size_t kBatch = 64;
constexpr Duration kPauseAfterError = std::chrono::seconds(1);

CommandRecord command_of(const EventEntry& event, TimePoint now) {
  CommandRecord command;
  command.uuid = event.command_uuid;
  command.device_id = event.device_id;
  command.request_type = event.request_type;
  command.body = event.body;
  command.created_at = now;
  command.changed_at = now;
  return command;
}

}  // namespace

QueueMonitor::QueueMonitor(Store& store, Timeline& timeline, EventLogQueue& events,
                           const Clock& clock, Duration delay, Wake& stored)
    : store_(store),
      timeline_(timeline),
      events_(events),
      clock_(clock),
      delay_(delay),
      stored_(stored) {}

Task<void> QueueMonitor::run() {
  const auto executor = co_await asio::this_coro::executor;
  while (!stopping_) {
    const Result<std::size_t> done = drain();
    const Result<std::optional<TimePoint>> next = next_ready();
    if (!done || !next) {
      log::error("queue_monitor.failed",
                 {{"error", (done ? next.error() : done.error()).message()}});
      co_await events_.wake().wait_until(clock_.now() + kPauseAfterError);
    } else if (*done == kBatch) {
      co_await asio::post(executor, asio::use_awaitable);
    } else {
      co_await events_.wake().wait_until(*next);
    }
  }
}

void QueueMonitor::stop() {
  stopping_ = true;
  events_.wake().notify();
}

Result<std::size_t> QueueMonitor::drain() {
  UNDERSTUDY_TRY(const std::vector<EventEntry> batch, events_.read(kBatch));
  std::size_t done = 0;
  for (const EventEntry& event : batch) {
    if (event.at + delay_ > clock_.now()) break;
    const CommandRecord command = command_of(event, clock_.now());
    UNDERSTUDY_CHECK(store_.atomically([&]() -> Result<void> {
      UNDERSTUDY_TRY(const bool is_new, store_.put_command(command));
      if (!is_new) return {};  // stored before a crash that kept it from being acknowledged
      UNDERSTUDY_TRY(const std::int64_t waiting, store_.waiting_commands(command.device_id));
      return timeline_.add_at(command.created_at, command.uuid, command.device_id,
                              hop::kCommandStored,
                              std::to_string(waiting) + " waiting for the device");
    }));
    crash_point("server.command_stored");
    UNDERSTUDY_CHECK(events_.acknowledge(event.id));
    crash_point("server.event_acknowledged");
    stored_.notify();
    ++done;
  }
  return done;
}

Result<std::optional<TimePoint>> QueueMonitor::next_ready() {
  UNDERSTUDY_TRY(const std::vector<EventEntry> first, events_.read(1));
  if (first.empty()) return std::optional<TimePoint>();
  return std::optional<TimePoint>(first.front().at + delay_);
}

}  // namespace understudy::server
