#include "server-mock/apns/stream_link.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "shared/core/log.h"

namespace understudy::apns_mock {
namespace {

/// For the peer to take the farewell.
constexpr std::chrono::seconds kFarewellTime{2};

}  // namespace

void StreamLink::send(Bytes octets) {
  if (finishing_ || octets.empty()) return;
  if (outbox_.size() + octets.size() > kMaxQueued) {
    log::warn("apns.connection.slow_reader", {{"queued", std::to_string(outbox_.size())}});
    close();
    return;
  }
  if (outbox_.empty()) {
    outbox_ = std::move(octets);
  } else {
    outbox_.insert(outbox_.end(), octets.begin(), octets.end());
  }
  if (writing_) return;
  if (trickle_octets_ == 0) write_some_now();
  if (outbox_.empty()) return;
  writing_ = true;
  net::spawn(stream_->socket().get_executor(), "apns.write", write_all(shared_from_this()));
}

/// The common case: the socket takes everything, and no coroutine is needed.
void StreamLink::write_some_now() {
  const auto written = stream_->write_now(outbox_);
  if (!written) return close();
  if (*written == outbox_.size()) {
    outbox_ = Bytes();  // an idle connection keeps no buffer
  } else {
    outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(*written));
  }
}

void StreamLink::finish() {
  finishing_ = true;
  if (!writing_) close();
}

void StreamLink::trickle(std::size_t octets, std::chrono::milliseconds pause) {
  trickle_octets_ = octets;
  trickle_pause_ = pause;
}

void StreamLink::close() {
  finishing_ = true;
  outbox_.clear();
  stream_->close();
}

void StreamLink::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
}

void StreamLink::expire() {
  if (!farewell_) return close();
  std::exchange(farewell_, nullptr)();
  set_deadline(kFarewellTime);
  finish();
}

Task<void> StreamLink::write_all(std::shared_ptr<StreamLink> link) {
  asio::steady_timer pause(link->stream_->socket().get_executor());
  while (!link->outbox_.empty()) {
    Bytes batch = std::exchange(link->outbox_, Bytes());
    const std::size_t most = link->trickle_octets_;
    if (most > 0 && batch.size() > most) {
      const auto cut = batch.begin() + static_cast<std::ptrdiff_t>(most);
      link->outbox_.assign(cut, batch.end());
      batch.erase(cut, batch.end());
    }
    const auto written = co_await link->stream_->write(batch);
    if (!written) {
      link->close();
      break;
    }
    if (most == 0 || link->outbox_.empty()) continue;
    pause.expires_after(link->trickle_pause_);
    co_await pause.async_wait(net::kAsTuple);
  }
  link->writing_ = false;
  if (link->finishing_) link->close();
}

}  // namespace understudy::apns_mock
