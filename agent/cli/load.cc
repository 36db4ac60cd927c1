#include "agent/cli/load.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "agent/cli/process.h"

namespace understudy::agent::cli {
namespace {

/// A thousand devices whose server is gone all say the same.
constexpr std::size_t kToldOfAKind = 5;

}  // namespace

Pace::Pace(double rate) {
  if (rate > 0) {
    interval_ = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / rate));
  }
}

TimePoint Pace::next(TimePoint now) {
  const TimePoint start = std::max(now, free_);
  free_ = start + interval_;
  return start;
}

Load::Load(asio::any_io_executor executor, const Clock& clock, const LoadArguments& arguments,
           std::string step, std::size_t count)
    : executor_(std::move(executor)),
      clock_(clock),
      workers_(std::min(static_cast<std::size_t>(arguments.workers), count)),
      step_(std::move(step)),
      count_(count),
      pace_(arguments.rate),
      progress_(clock, count),
      ended_(executor_) {}

Task<void> Load::run(Work work) {
  work_ = std::move(work);
  const TimePoint start = clock_.now();
  working_ = workers_;
  for (std::size_t i = 0; i < workers_; ++i) net::spawn(executor_, step_, worker());
  while (working_ > 0) co_await ended_.wait();
  progress_.clear();
  elapsed_ = clock_.now() - start;
}

Task<void> Load::worker() {
  while (next_ < count_) {
    const std::size_t place = next_++;
    const TimePoint start = pace_.next(clock_.now());
    if (start > clock_.now()) co_await net::sleep_until(clock_, start);
    const auto done = co_await work_(place);
    if (done) {
      tally_.succeeded(clock_.now() - start);
    } else {
      complain_of(done.error());
    }
    progress_.show(tally_.succeeded() + tally_.failed(), tally_.failed());
  }
  --working_;
  ended_.notify();
}

void Load::complain_of(const Error& error) {
  const FailureKind& kind = tally_.failed(error, step_);
  if (kind.count > kToldOfAKind) return;
  progress_.clear();
  complain(error.message());
  if (kind.count < kToldOfAKind) return;
  complain("more like this (" + kind.step + ": " + kind.kind + ") are only counted");
}

}  // namespace understudy::agent::cli
