#include "shared/net/timer.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <list>

namespace understudy::net {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Steady time cannot express every TimePoint, and the machine's clock may be set: look again.
constexpr Duration kLongestWait = std::chrono::hours(1);

/// A timer tells a jump and a cancelled coroutine by the same code; this tells them apart.
Task<void> throw_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

/// The listener holds the timer weakly: it may run on another thread while the coroutine ends.
Clock::Subscription cancel_on_jump(const Clock& clock, const asio::any_io_executor& executor,
                                   const std::weak_ptr<asio::steady_timer>& timer) {
  return clock.subscribe([executor, timer] {
    asio::post(executor, [timer] {
      if (const auto alive = timer.lock()) alive->cancel();
    });
  });
}

}  // namespace

Task<void> sleep_until(const Clock& clock, TimePoint when) {
  if (clock.now() >= when) co_return;
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor);
  // Before the first look at the time, so that no jump falls between the look and the wait.
  const auto subscription = cancel_on_jump(clock, executor, timer);
  for (TimePoint now = clock.now(); now < when; now = clock.now()) {
    if (clock.flows()) {
      // Both differences fit: `when` is later than `now`, and a far `when` is cut before it counts.
      const bool is_far = when > now + kLongestWait;
      timer->expires_after(is_far ? kLongestWait : when - now);
    } else {
      timer->expires_at(SteadyTime::max());
    }
    co_await timer->async_wait(kAsTuple);
    co_await throw_if_cancelled();
  }
}

Task<void> sleep_for(const Clock& clock, Duration duration) {
  const TimePoint now = clock.now();
  const bool is_endless = duration > TimePoint::max() - now;
  return sleep_until(clock, is_endless ? TimePoint::max() : now + duration);
}

struct Event::Impl {
  struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool woken = false;
  };
  /// Keeps a waiter in the list for as long as its coroutine is in the wait.
  struct Entry {
    Entry(std::shared_ptr<Impl> owner, Waiter& waiter)
        : impl(std::move(owner)), place(impl->waiters.insert(impl->waiters.end(), &waiter)) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { impl->waiters.erase(place); }
    std::shared_ptr<Impl> impl;
    std::list<Waiter*>::iterator place;
  };

  explicit Impl(asio::any_io_executor on) : executor(std::move(on)) {}
  static Task<bool> wait(std::shared_ptr<Impl> impl, SteadyTime until);

  asio::any_io_executor executor;
  std::list<Waiter*> waiters;
  bool pending = false;
  bool closed = false;
};

Task<bool> Event::Impl::wait(std::shared_ptr<Impl> impl, SteadyTime until) {
  if (std::exchange(impl->pending, false)) co_return true;
  Waiter waiter(impl->executor);
  const Entry entry(impl, waiter);
  waiter.timer.expires_at(until);
  co_await waiter.timer.async_wait(kAsTuple);
  if (waiter.woken) co_return true;
  co_await throw_if_cancelled();
  if (impl->closed) throw boost::system::system_error(asio::error::operation_aborted);
  co_return false;
}

Event::Event(const asio::any_io_executor& executor) : impl_(std::make_shared<Impl>(executor)) {}

Event::~Event() {
  impl_->closed = true;
  for (Impl::Waiter* waiter : impl_->waiters) waiter->timer.cancel();
}

void Event::notify() {
  bool somebody_waits = false;
  for (Impl::Waiter* waiter : impl_->waiters) {
    if (std::exchange(waiter->woken, true)) continue;  // told before, and has not run yet
    somebody_waits = true;
    waiter->timer.cancel();
  }
  if (!somebody_waits) impl_->pending = true;
}

namespace {
Task<void> discard(Task<bool> task) {
  co_await std::move(task);
}
}  // namespace

Task<void> Event::wait() {
  return discard(Impl::wait(impl_, SteadyTime::max()));
}

Task<bool> Event::wait_for(std::chrono::milliseconds timeout) {
  return Impl::wait(impl_, std::chrono::steady_clock::now() + timeout);
}

}  // namespace understudy::net
