#include "agent/push/deadlines.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace understudy::agent {
namespace {

/// The machine's clock may be set: look again.
constexpr Duration kLongestWait = std::chrono::hours(1);

}  // namespace

struct Deadlines::Impl : std::enable_shared_from_this<Impl> {
  Impl(const asio::any_io_executor& on, const Clock& by) : executor(on), timer(on), clock(by) {}

  void watch_for_jumps() {
    jumps = clock.subscribe([on = executor, weak = weak_from_this()] {
      asio::post(on, [weak] {
        if (const auto self = weak.lock()) self->pass();
      });
    });
  }

  /// Those that are due, then the timer for the next.
  void pass() {
    while (!waiting.empty() && waiting.begin()->first <= clock.now()) {
      Deadline* due = waiting.begin()->second;
      waiting.erase(waiting.begin());
      due->is_set_ = false;
      due->on_due_();
    }
    arm();
  }

  void arm() {
    if (waiting.empty() || !clock.flows()) return;
    const Duration left = std::max(waiting.begin()->first - clock.now(), Duration{0});
    timer.expires_after(std::min(left, kLongestWait));
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
      const auto self = weak.lock();
      if (self && !ec) self->pass();
    });
  }

  asio::any_io_executor executor;
  asio::steady_timer timer;
  const Clock& clock;
  Clock::Subscription jumps;
  std::multimap<TimePoint, Deadline*> waiting;
};

Deadlines::Deadlines(const asio::any_io_executor& executor, const Clock& clock)
    : impl_(std::make_shared<Impl>(executor, clock)) {
  impl_->watch_for_jumps();
}

Deadlines::~Deadlines() {
  impl_->jumps.reset();
  impl_->timer.cancel();
}

Deadlines::Deadline::Deadline(Deadlines& all, std::function<void()> on_due)
    : all_(all.impl_), on_due_(std::move(on_due)) {}

Deadlines::Deadline::~Deadline() {
  if (is_set_) all_->waiting.erase(place_);
}

void Deadlines::Deadline::set(TimePoint when) {
  if (is_set_) all_->waiting.erase(place_);
  place_ = all_->waiting.emplace(when, this);
  is_set_ = true;
  if (place_ == all_->waiting.begin()) all_->arm();
}

}  // namespace understudy::agent
