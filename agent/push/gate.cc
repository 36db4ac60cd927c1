#include "agent/push/gate.h"

#include <boost/asio/experimental/channel.hpp>
#include <boost/system/system_error.hpp>

namespace understudy::agent {

/// A full channel makes the next sender wait: each permit is a message that lies in the buffer.
struct Gate::Impl {
  Impl(const asio::any_io_executor& executor, std::size_t limit) : permits(executor, limit) {}
  asio::experimental::channel<void(boost::system::error_code)> permits;
};

Gate::Gate(const asio::any_io_executor& executor, std::size_t limit)
    : impl_(std::make_unique<Impl>(executor, limit)) {}
Gate::~Gate() = default;

Task<Gate::Permit> Gate::enter() {
  const boost::system::error_code none;
  auto [ec] = co_await impl_->permits.async_send(none, net::kAsTuple);
  if (ec) throw boost::system::system_error(ec);
  co_return Permit(this);
}

void Gate::leave() {
  impl_->permits.try_receive([](boost::system::error_code) {});
}

}  // namespace understudy::agent
