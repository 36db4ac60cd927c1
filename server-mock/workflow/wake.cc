#include "server-mock/workflow/wake.h"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace understudy::server {
namespace {

/// The machine's clock may be set while we wait: look again now and then.
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(1);

}  // namespace

Wake::Wake(const asio::any_io_executor& executor, const Clock& clock)
    : clock_(clock), event_(std::make_shared<net::Event>(executor)) {
  // The event is held weakly: a jump may be under way on another thread while this goes.
  const std::weak_ptr<net::Event> weak = event_;
  auto wake_up = [weak] {
    if (const auto event = weak.lock()) event->notify();
  };
  jumps_ = clock.subscribe([executor, wake_up] { asio::post(executor, wake_up); });
}

Task<void> Wake::wait_until(std::optional<TimePoint> when) {
  const std::shared_ptr<net::Event> event = event_;
  if (when && *when <= clock_.now()) co_return;
  if (!when || !clock_.flows()) {
    co_await event->wait();
    co_return;
  }
  const Duration left = std::min<Duration>(*when - clock_.now(), kLongestWait);
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(left);
  const bool notified = co_await event->wait_for(timeout);
  static_cast<void>(notified);
}

}  // namespace understudy::server
