#include "shared/core/clock.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "shared/core/errc.h"

namespace understudy {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// `text` is nothing but digits, few of them.
int digits(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): an override keeps it
Clock::Subscription Clock::subscribe(std::function<void()> /*on_jump*/) const {
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

Clock::Subscription VirtualClock::subscribe(std::function<void()> on_jump) const {
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
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

Result<TimePoint> parse_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  const auto wrong = [&] {
    return fail(errc::invalid_argument, "'" + std::string(text.substr(0, 40)) +
                                            "' is no UTC time like 2026-11-24T14:34:05Z");
  };
  if (text.size() <= kForm.size() || text.back() != 'Z') return wrong();
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return wrong();
  }
  std::string_view fraction = text.substr(kForm.size(), text.size() - kForm.size() - 1);
  if (!fraction.empty()) {
    if (fraction[0] != '.' || fraction.size() == 1) return wrong();
    fraction.remove_prefix(1);
    if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return wrong();
  }
  const std::chrono::year_month_day date{
      std::chrono::year(digits(text.substr(0, 4))),
      std::chrono::month(static_cast<unsigned>(digits(text.substr(5, 2)))),
      std::chrono::day(static_cast<unsigned>(digits(text.substr(8, 2))))};
  const int hour = digits(text.substr(11, 2));
  const int minute = digits(text.substr(14, 2));
  const int second = digits(text.substr(17, 2));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return wrong();  // 60: a leap second
  std::string micros(fraction.substr(0, 6));
  micros.append(6 - micros.size(), '0');
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + Duration(digits(micros));
}

}  // namespace understudy
