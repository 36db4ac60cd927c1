#include "shared/core/clock.h"

#include <array>
#include <cstdio>

#include "shared/core/errc.h"

namespace understudy {

Clock::Subscription Clock::subscribe(std::function<void()> /*on_jump*/) {
  return nullptr;
}

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::unique_ptr<VirtualClock> VirtualClock::flowing() {
  return std::unique_ptr<VirtualClock>(new VirtualClock(true, TimePoint{}));
}

std::unique_ptr<VirtualClock> VirtualClock::frozen_at(TimePoint start) {
  return std::unique_ptr<VirtualClock>(new VirtualClock(false, start));
}

TimePoint VirtualClock::now() const {
  const std::lock_guard lock(mutex_);
  return flows_ ? SystemClock().now() + offset_ : frozen_;
}

Clock::Subscription VirtualClock::subscribe(std::function<void()> on_jump) {
  auto listener = std::make_shared<std::function<void()>>(std::move(on_jump));
  const std::lock_guard lock(mutex_);
  listeners_.remove_if([](const auto& weak) { return weak.expired(); });
  listeners_.emplace_back(listener);
  return listener;
}

void VirtualClock::advance(Duration step) {
  if (step <= Duration::zero()) return;
  std::list<std::weak_ptr<std::function<void()>>> listeners;
  {
    const std::lock_guard lock(mutex_);
    offset_ += step;
    frozen_ += step;
    listeners = listeners_;
  }
  for (const auto& weak : listeners) {
    if (const auto listener = weak.lock()) (*listener)();
  }
}

std::string format_time(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

Result<TimePoint> parse_time(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  double second = 0;
  char zone = 0;
  int used = 0;
  const std::string copy(text);
  const int fields = std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%lf%c%n", &year, &month, &day,
                                 &hour, &minute, &second, &zone, &used);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (fields != 7 || zone != 'Z' || static_cast<std::size_t>(used) != text.size() || !date.ok() ||
      hour < 0 || hour > 23 || minute < 0 || minute > 59 || !(second >= 0 && second < 61)) {
    return fail(errc::invalid_argument, "'" + copy + "' is no UTC time like 2026-11-24T14:34:05Z");
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double>(second));
}

}  // namespace understudy
