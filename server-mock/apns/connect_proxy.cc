#include "server-mock/apns/connect_proxy.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <unordered_set>
#include <vector>

#include "server-mock/apns/listener.h"
#include "shared/core/log.h"
#include "shared/net/accept.h"

namespace understudy::apns_mock {
namespace {

using SteadyClock = std::chrono::steady_clock;
using net::tcp;

/// Held for each direction of a tunnel: an HTTP/2 frame of the usual size.
constexpr std::size_t kBufferSize = std::size_t{16} * 1024;
/// How long somebody refused may go on sending before the connection is cut.
constexpr auto kLinger = std::chrono::seconds(2);
constexpr auto kConnectTimeout = std::chrono::seconds(10);
constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection Established\r\n\r\n";

/// The client's connection, and ours to the provider API once there is one.
struct Tunnel {
  explicit Tunnel(tcp::socket accepted)
      : client(std::move(accepted)), provider(client.get_executor()) {}
  void set_deadline(std::chrono::milliseconds from_now) {
    deadline = SteadyClock::now() + from_now;
  }
  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    provider.close(ignored);
  }

  tcp::socket client, provider;
  SteadyClock::time_point deadline = SteadyClock::time_point::max();
  bool is_open = false;
};

Task<bool> send(tcp::socket& to, BytesView octets) {
  auto [ec, size] =
      co_await asio::async_write(to, asio::buffer(octets.data(), octets.size()), net::kAsTuple);
  co_return !ec;
}

/// One direction, until its sender says that nothing more comes; that is passed on. A failure ends
/// both directions.
Task<void> pump(Tunnel& tunnel, tcp::socket& from, tcp::socket& to,
                std::chrono::milliseconds idle_timeout) {
  Bytes buffer(kBufferSize);
  for (;;) {
    auto [ec, size] = co_await from.async_read_some(asio::buffer(buffer), net::kAsTuple);
    tunnel.set_deadline(idle_timeout);
    if (ec == asio::error::eof) {
      boost::system::error_code ignored;
      to.shutdown(tcp::socket::shutdown_send, ignored);
      co_return;
    }
    bool passed_on = false;
    if (!ec) passed_on = co_await send(to, BytesView(buffer).first(size));
    if (!passed_on) co_return tunnel.close();
  }
}

/// Says why, then takes what the client still sends, so that no reset overtakes the answer.
Task<void> refuse(Tunnel& tunnel, const ProxyRefusal& refusal) {
  tunnel.set_deadline(kLinger);
  const std::string response = to_response(refusal);
  const bool sent = co_await send(tunnel.client, as_bytes(response));
  if (!sent) co_return;
  boost::system::error_code failed;
  tunnel.client.shutdown(tcp::socket::shutdown_send, failed);
  Bytes thrown_away(kBufferSize);
  while (!failed) {
    auto [ec, size] =
        co_await tunnel.client.async_read_some(asio::buffer(thrown_away), net::kAsTuple);
    failed = ec;
  }
}

}  // namespace

struct ConnectProxy::Impl {
  /// Whatever ends a connection's coroutine, an exception included, its sockets close.
  struct Leaver {
    Leaver(Impl& where, std::shared_ptr<Tunnel> what) : impl(where), tunnel(std::move(what)) {}
    Leaver(const Leaver&) = delete;
    Leaver& operator=(const Leaver&) = delete;
    ~Leaver() {
      tunnel->close();
      if (tunnel->is_open) --impl.counts.tunnels;
      impl.tunnels.erase(tunnel);
    }
    Impl& impl;
    std::shared_ptr<Tunnel> tunnel;
  };
  Impl(tcp::acceptor listening, ConnectProxyOptions how)
      : acceptor(std::move(listening)),
        sweep_timer(acceptor.get_executor()),
        options(std::move(how)) {}

  static Task<void> sweep_loop(std::shared_ptr<Impl> impl);
  static Task<void> run(std::shared_ptr<Impl> impl, std::shared_ptr<Tunnel> tunnel);
  /// Whether a whole head came.
  static Task<bool> read_head(Tunnel& tunnel, ProxyHead& head);
  Task<std::optional<ProxyRefusal>> reach(Tunnel& tunnel, const net::HostPort& target) const;
  Task<void> pass_octets(Tunnel& tunnel, BytesView early);
  void take(const std::shared_ptr<Impl>& self, tcp::socket socket);
  void end();

  tcp::acceptor acceptor;
  asio::steady_timer sweep_timer;
  ConnectProxyOptions options;
  std::uint16_t port = 0;
  std::unordered_set<std::shared_ptr<Tunnel>> tunnels;
  Counts counts;
  bool stopped = false;
};

void ConnectProxy::Impl::take(const std::shared_ptr<Impl>& self, tcp::socket socket) {
  if (tunnels.size() >= options.max_connections) {
    ++counts.refused;
    log::warn("apns.too_many_connections",
              {{"listener", "apns.proxy"}, {"limit", std::to_string(options.max_connections)}});
    return;  // the socket closes
  }
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto tunnel = std::make_shared<Tunnel>(std::move(socket));
  tunnel->set_deadline(options.head_timeout);
  tunnels.insert(tunnel);
  net::spawn(acceptor.get_executor(), "apns.proxy", run(self, std::move(tunnel)));
}

Task<bool> ConnectProxy::Impl::read_head(Tunnel& tunnel, ProxyHead& head) {
  Bytes buffer(kBufferSize);
  while (head.state() == ProxyHead::State::incomplete) {
    auto [ec, size] = co_await tunnel.client.async_read_some(asio::buffer(buffer), net::kAsTuple);
    if (ec) co_return false;
    head.feed(BytesView(buffer).first(size));
  }
  co_return true;
}

Task<std::optional<ProxyRefusal>> ConnectProxy::Impl::reach(Tunnel& tunnel,
                                                            const net::HostPort& target) const {
  const auto route = proxy_route(target);
  if (const auto* refusal = std::get_if<ProxyRefusal>(&route)) co_return *refusal;
  const bool is_production = std::get<Environment>(route) == Environment::production;
  const auto& leads_to = is_production ? options.production : options.sandbox;
  ProxyRefusal refusal;
  refusal.status = 503;
  refusal.why = "this push service does not run the environment of " + target.host;
  if (!leads_to) co_return refusal;
  auto connected = co_await net::connect(*leads_to, kConnectTimeout);
  if (connected) {
    tunnel.provider = std::move(*connected);
    co_return std::nullopt;
  }
  refusal.status = 502;
  refusal.why = connected.error().message();
  co_return refusal;
}

/// From the client's request to the tunnel's end.
Task<void> ConnectProxy::Impl::run(std::shared_ptr<Impl> impl, std::shared_ptr<Tunnel> tunnel) {
  const Leaver leaver(*impl, tunnel);
  ProxyHead head;
  const bool is_whole = co_await read_head(*tunnel, head);
  if (!is_whole) co_return;
  std::optional<ProxyRefusal> refusal = head.refusal();
  if (head.state() == ProxyHead::State::complete) {
    refusal = co_await impl->reach(*tunnel, head.target());
  }
  if (!refusal) {
    log::info("apns.proxy.tunnel", {{"target", head.target().text()}});
    co_return co_await impl->pass_octets(*tunnel, head.rest());
  }
  ++impl->counts.refused;
  log::info("apns.proxy.refused",
            {{"status", std::to_string(refusal->status)}, {"why", refusal->why}});
  co_await refuse(*tunnel, *refusal);
}

Task<void> ConnectProxy::Impl::pass_octets(Tunnel& tunnel, BytesView early) {
  using asio::experimental::awaitable_operators::operator&&;
  tunnel.set_deadline(options.idle_timeout);
  tunnel.is_open = true;
  ++counts.tunnels;
  ++counts.opened;
  const bool answered = co_await send(tunnel.client, as_bytes(kEstablished));
  if (!answered) co_return;
  const bool forwarded = co_await send(tunnel.provider, early);
  if (!forwarded) co_return;
  co_await (pump(tunnel, tunnel.client, tunnel.provider, options.idle_timeout) &&
            pump(tunnel, tunnel.provider, tunnel.client, options.idle_timeout));
}

Task<void> ConnectProxy::Impl::sweep_loop(std::shared_ptr<Impl> impl) {
  while (!impl->stopped) {
    impl->sweep_timer.expires_after(kSweepEvery);
    co_await impl->sweep_timer.async_wait(net::kAsTuple);
    const auto now = SteadyClock::now();
    for (const auto& tunnel : impl->tunnels) {
      if (now > tunnel->deadline) tunnel->close();
    }
  }
}

void ConnectProxy::Impl::end() {
  if (std::exchange(stopped, true)) return;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  sweep_timer.cancel();
  for (const auto& tunnel : tunnels) tunnel->close();
}

Result<std::unique_ptr<ConnectProxy>> ConnectProxy::start(const asio::any_io_executor& executor,
                                                          ConnectProxyOptions options) {
  UNDERSTUDY_TRY(tcp::acceptor acceptor, net::listen(executor, options.address));
  auto impl = std::make_shared<Impl>(std::move(acceptor), std::move(options));
  boost::system::error_code ec;
  impl->port = impl->acceptor.local_endpoint(ec).port();
  auto take = [impl](tcp::socket socket) { impl->take(impl, std::move(socket)); };
  net::spawn(executor, "apns.proxy.accept",
             net::accept_all(impl->acceptor, "apns.proxy", std::move(take)));
  net::spawn(executor, "apns.proxy.sweep", Impl::sweep_loop(impl));
  return std::unique_ptr<ConnectProxy>(new ConnectProxy(std::move(impl)));
}

ConnectProxy::~ConnectProxy() {
  impl_->end();
}

std::uint16_t ConnectProxy::port() const {
  return impl_->port;
}

ConnectProxy::Counts ConnectProxy::counts() const {
  Counts counts = impl_->counts;
  counts.connections = impl_->tunnels.size();
  return counts;
}

void ConnectProxy::stop() {
  impl_->end();
}

}  // namespace understudy::apns_mock
