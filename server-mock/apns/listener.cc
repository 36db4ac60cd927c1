#include "server-mock/apns/listener.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_set>

#include "shared/core/log.h"
#include "shared/net/accept.h"

namespace understudy::apns_mock {
namespace {

/// For what is still to be written to a connection that ends.
constexpr auto kDrainTime = std::chrono::seconds(2);

/// A socket that closes with octets unread resets the connection, and the peer may never see the
/// alert that says why. So: say that nothing more comes, and throw away what does, until the peer
/// closes or the deadline passes.
Task<void> let_alert_arrive(StreamLink& link) {
  net::tcp::socket& socket = link.stream().socket();
  boost::system::error_code gone;
  socket.shutdown(net::tcp::socket::shutdown_send, gone);
  link.set_deadline(kDrainTime);
  std::array<std::uint8_t, 512> scrap{};
  while (!gone) {
    auto [ec, size] = co_await socket.async_read_some(asio::buffer(scrap), net::kAsTuple);
    gone = ec;
  }
}

}  // namespace

struct Listener::Impl {
  Impl(net::tcp::acceptor listening, Wrap how_to_wrap, ListenerOptions how, Serve handler)
      : acceptor(std::move(listening)),
        sweep_timer(acceptor.get_executor()),
        wrap(std::move(how_to_wrap)),
        options(std::move(how)),
        serve(std::move(handler)) {}

  static Task<void> sweep_loop(std::shared_ptr<Impl> impl);
  static Task<void> run(std::shared_ptr<Impl> impl, std::shared_ptr<StreamLink> link);
  void take(const std::shared_ptr<Impl>& self, net::tcp::socket socket);
  void end();

  net::tcp::acceptor acceptor;
  asio::steady_timer sweep_timer;
  Wrap wrap;
  ListenerOptions options;
  Serve serve;
  std::uint16_t port = 0;
  std::unordered_set<std::shared_ptr<StreamLink>> links;
  bool stopped = false;
};

void Listener::Impl::take(const std::shared_ptr<Impl>& self, net::tcp::socket socket) {
  if (links.size() >= options.max_connections) {
    log::warn("apns.too_many_connections",
              {{"listener", options.name}, {"limit", std::to_string(options.max_connections)}});
    return;  // the socket closes
  }
  const auto executor = socket.get_executor();
  auto link = std::make_shared<StreamLink>(wrap(std::move(socket)));
  link->set_deadline(options.handshake_timeout);
  links.insert(link);
  net::spawn(executor, options.name, run(self, std::move(link)));
}

Task<void> Listener::Impl::run(std::shared_ptr<Impl> impl, std::shared_ptr<StreamLink> link) {
  /// Whatever ends the coroutine, an exception included, the connection ends too.
  struct Leaver {
    Leaver(Impl& where, std::shared_ptr<StreamLink> what) : impl(where), link(std::move(what)) {}
    Leaver(const Leaver&) = delete;
    Leaver& operator=(const Leaver&) = delete;
    ~Leaver() {
      link->finish();
      link->set_deadline(kDrainTime);
      if (link->closed()) impl.links.erase(link);
    }
    Impl& impl;
    std::shared_ptr<StreamLink> link;
  };
  const Leaver leaver(*impl, link);
  const auto done = co_await link->stream().handshake();
  if (!done) {
    log::info("apns.handshake_failed",
              {{"listener", impl->options.name}, {"error", done.error().message()}});
    co_await let_alert_arrive(*link);
    co_return;
  }
  co_await impl->serve(link);
}

Task<void> Listener::Impl::sweep_loop(std::shared_ptr<Impl> impl) {
  while (!impl->stopped || !impl->links.empty()) {
    impl->sweep_timer.expires_after(kSweepEvery);
    co_await impl->sweep_timer.async_wait(net::kAsTuple);
    const auto now = std::chrono::steady_clock::now();
    for (const auto& link : impl->links) {
      if (link->overdue(now)) link->expire();
    }
    // Those that had something to write when their coroutine ended: nobody else holds them now.
    std::erase_if(impl->links,
                  [](const auto& link) { return link->closed() && link.use_count() == 1; });
  }
}

void Listener::Impl::end() {
  if (std::exchange(stopped, true)) return;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  sweep_timer.cancel();
  for (const auto& link : links) {
    link->set_deadline(kDrainTime);
    link->finish();
  }
}

Listener::Wrap Listener::with_tls(net::TlsContext context) {
  return [context = std::move(context)](net::tcp::socket socket) {
    return std::make_unique<net::TlsStream>(std::move(socket), context);
  };
}

Listener::Wrap Listener::plain() {
  return
      [](net::tcp::socket socket) { return std::make_unique<net::PlainStream>(std::move(socket)); };
}

Result<std::unique_ptr<Listener>> Listener::start(const asio::any_io_executor& executor, Wrap wrap,
                                                  ListenerOptions options, Serve serve) {
  UNDERSTUDY_TRY(net::tcp::acceptor acceptor, net::listen(executor, options.address));
  auto impl = std::make_shared<Impl>(std::move(acceptor), std::move(wrap), std::move(options),
                                     std::move(serve));
  boost::system::error_code ec;
  impl->port = impl->acceptor.local_endpoint(ec).port();
  auto take = [impl](net::tcp::socket socket) { impl->take(impl, std::move(socket)); };
  net::spawn(executor, impl->options.name + ".accept",
             net::accept_all(impl->acceptor, impl->options.name, std::move(take)));
  net::spawn(executor, impl->options.name + ".sweep", Impl::sweep_loop(impl));
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::~Listener() {
  impl_->end();
}

std::uint16_t Listener::port() const {
  return impl_->port;
}

std::size_t Listener::connections() const {
  return impl_->links.size();
}

void Listener::stop() {
  impl_->end();
}

}  // namespace understudy::apns_mock
