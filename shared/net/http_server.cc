#include "shared/net/http_server.h"

#include <boost/asio/steady_timer.hpp>
#include <unordered_set>

#include "shared/core/log.h"
#include "shared/net/http_session.h"

namespace understudy::net {
namespace {

/// A pause after a failed accept: out of descriptors, it would fail again at once.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

using Connection = asio::cancellation_signal;

}  // namespace

struct HttpServer::Impl {
  Impl(tcp::acceptor listening, std::shared_ptr<HttpService> shared)
      : acceptor(std::move(listening)), service(std::move(shared)) {}
  static Task<void> accept_loop(std::shared_ptr<Impl> impl);
  static void serve(const std::shared_ptr<Impl>& impl, tcp::socket socket);
  void stop();

  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::shared_ptr<HttpService> service;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool stopped = false;
};

void HttpServer::Impl::serve(const std::shared_ptr<Impl>& impl, tcp::socket socket) {
  if (impl->connections.size() >= impl->service->options.max_connections) {
    log::warn("http.too_many_connections",
              {{"port", std::to_string(impl->port)},
               {"limit", std::to_string(impl->service->options.max_connections)}});
    return;  // the socket closes
  }
  const auto executor = impl->acceptor.get_executor();
  auto connection = std::make_shared<Connection>();
  impl->connections.insert(connection);
  auto on_end = [impl, connection](const std::exception_ptr& error) {
    impl->connections.erase(connection);
    log_coroutine_end("http connection", error);
  };
  spawn(executor, serve_connection(impl->service, std::move(socket)), *connection,
        std::move(on_end));
}

Task<void> HttpServer::Impl::accept_loop(std::shared_ptr<Impl> impl) {
  asio::steady_timer pause(impl->acceptor.get_executor());
  while (!impl->stopped) {
    auto [ec, socket] = co_await impl->acceptor.async_accept(kAsTuple);
    if (impl->stopped || ec == asio::error::operation_aborted) co_return;
    if (!ec) {
      serve(impl, std::move(socket));
      continue;
    }
    log::warn("http.accept_failed",
              {{"port", std::to_string(impl->port)}, {"error", ec.message()}});
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(kAsTuple);
  }
}

void HttpServer::Impl::stop() {
  if (std::exchange(stopped, true)) return;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  const auto open = connections;  // an ending connection leaves the set
  for (const auto& connection : open) connection->emit(asio::cancellation_type::terminal);
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const asio::any_io_executor& executor,
                                                      HttpServerOptions options,
                                                      HttpHandler handler) {
  auto service = std::make_shared<HttpService>();
  if (options.tls) {
    UNDERSTUDY_TRY(service->tls, TlsContext::server(*options.tls));
  }
  UNDERSTUDY_TRY(tcp::acceptor acceptor, listen(executor, options.address));
  service->options = std::move(options);
  service->handler = std::move(handler);
  auto impl = std::make_shared<Impl>(std::move(acceptor), std::move(service));
  boost::system::error_code ec;
  impl->port = impl->acceptor.local_endpoint(ec).port();
  spawn(executor, "http server", Impl::accept_loop(impl));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  impl_->stop();
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::size_t HttpServer::connections() const {
  return impl_->connections.size();
}

void HttpServer::stop() {
  impl_->stop();
}

}  // namespace understudy::net
