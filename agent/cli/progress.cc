#include "agent/cli/progress.h"

#include <unistd.h>

#include <cstdio>

namespace understudy::agent::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

std::string number(double value, int decimals) {
  std::string text(32, '\0');
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// In the largest unit of which there are two.
std::string left_text(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (seconds >= 2 * kHour) return number(seconds / kHour, 0) + " h left";
  if (seconds >= 2 * kMinute) return number(seconds / kMinute, 0) + " min left";
  return number(seconds, 0) + " s left";
}

}  // namespace

std::string progress_text(std::size_t done, std::size_t failed, std::size_t of, Duration elapsed) {
  std::string text = std::to_string(done) + " of " + std::to_string(of);
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (done > 0 && seconds > 0) {
    const double rate = static_cast<double>(done) / seconds;
    text += ", " + number(rate, 1) + " a second, ";
    text += left_text(static_cast<double>(of - done) / rate);
  }
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  return text;
}

Progress::Progress(const Clock& clock, std::size_t of)
    : clock_(clock),
      of_(of),
      start_(clock.now()),
      next_(start_),
      terminal_(::isatty(STDERR_FILENO) != 0),
      shared_(::isatty(STDOUT_FILENO) != 0) {}

void Progress::show(std::size_t done, std::size_t failed) {
  const TimePoint now = clock_.now();
  if (!terminal_ || (now < next_ && done < of_)) return;
  next_ = now + kInterval;
  shown_ = true;
  std::fprintf(stderr, "\r\033[K%s", progress_text(done, failed, of_, now - start_).c_str());
}

void Progress::make_room() {
  if (shared_) clear();
}

void Progress::clear() {
  if (!shown_) return;
  shown_ = false;
  next_ = TimePoint();  // shown again after what is printed now
  std::fprintf(stderr, "\r\033[K");
}

}  // namespace understudy::agent::cli
