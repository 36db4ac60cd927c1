#include "shared/net/http_server.h"

#include <unordered_set>

#include "shared/core/log.h"
#include "shared/net/accept.h"
#include "shared/net/http_session.h"

namespace understudy::net {
namespace {

using Connection = asio::cancellation_signal;

}  // namespace

struct HttpServer::Impl {
  Impl(tcp::acceptor listening, std::shared_ptr<HttpService> shared)
      : acceptor(std::move(listening)), service(std::move(shared)) {}
  static void serve(const std::shared_ptr<Impl>& impl, tcp::socket socket);
  void stop();

  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::shared_ptr<HttpService> service;
  std::unordered_set<std::shared_ptr<Connection>> connections;
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

void HttpServer::Impl::stop() {
  if (!acceptor.is_open()) return;
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
  auto take = [impl](tcp::socket socket) { Impl::serve(impl, std::move(socket)); };
  const std::string name = "http port " + std::to_string(impl->port);
  spawn(executor, name, accept_all(impl->acceptor, name, std::move(take)));
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
