#pragma once

/// Time as a port: everything that reads or waits for time asks a Clock, so that a test can make a
/// year pass at once. Waiting itself is in shared/net/timer.h.

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace understudy {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// Safe to use from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  /// Whether time passes by itself; if not, only a jump ends a wait.
  virtual bool flows() const { return true; }

  /// Keeps a jump listener registered for as long as it lives.
  using Subscription = std::shared_ptr<void>;
  /// `on_jump` runs, on the thread that moves the clock, each time the clock is set forward.
  /// The default clock never jumps and returns an empty subscription.
  virtual Subscription subscribe(std::function<void()> on_jump) const;
};

/// The machine's time.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
};

/// The machine's time plus an offset that only grows (`flowing`), or time that stands still until
/// it is advanced (`frozen_at`).
class VirtualClock final : public Clock {
 public:
  static std::unique_ptr<VirtualClock> flowing();
  static std::unique_ptr<VirtualClock> frozen_at(TimePoint start);

  TimePoint now() const override;
  bool flows() const override { return flows_; }
  Subscription subscribe(std::function<void()> on_jump) const override;

  /// Sets the clock forward and wakes whoever waits. Negative steps are ignored.
  void advance(Duration step);

 private:
  VirtualClock(bool flows, TimePoint start) : flows_(flows), frozen_(start) {}

  const bool flows_;
  mutable std::mutex mutex_;
  TimePoint frozen_;
  Duration offset_{0};
  mutable std::list<std::weak_ptr<std::function<void()>>> listeners_;
};

/// RFC 3339 in UTC with microseconds, "2026-11-24T14:34:05.120000Z".
std::string format_time(TimePoint time);
/// Accepts what format_time writes, with or without the fraction. Errors: errc::invalid_argument.
Result<TimePoint> parse_time(std::string_view text);

/// Whole microseconds since the Unix epoch, the form in which times are stored, and back.
inline std::int64_t to_unix_us(TimePoint time) {
  return time.time_since_epoch().count();
}
inline TimePoint from_unix_us(std::int64_t us) {
  return TimePoint(Duration(us));
}

}  // namespace understudy
