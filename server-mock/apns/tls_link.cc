#include "server-mock/apns/tls_link.h"

#include "shared/core/log.h"

namespace understudy::apns_mock {

TlsLink::TlsLink(net::tcp::socket socket, const net::TlsContext& context)
    : stream_(std::move(socket), context) {}

void TlsLink::send(Bytes octets) {
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
  writing_ = true;
  net::spawn(stream_.socket().get_executor(), "apns.write", write_all(shared_from_this()));
}

void TlsLink::finish() {
  finishing_ = true;
  if (!writing_) close();
}

void TlsLink::close() {
  finishing_ = true;
  outbox_.clear();
  stream_.close();
}

void TlsLink::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
}

Task<void> TlsLink::write_all(std::shared_ptr<TlsLink> link) {
  while (!link->outbox_.empty()) {
    const Bytes batch = std::exchange(link->outbox_, Bytes());
    const auto written = co_await link->stream_.write(batch);
    if (!written) {
      link->close();
      break;
    }
  }
  link->writing_ = false;
  if (link->finishing_) link->close();
}

}  // namespace understudy::apns_mock
