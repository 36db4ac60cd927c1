#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "agent/control/message.h"
#include "shared/core/errc.h"
#include "shared/net/accept.h"

namespace understudy::agent::control {
namespace {

using asio::local::stream_protocol;
using SocketPtr = std::shared_ptr<stream_protocol::socket>;

/// Of somebody who connects and says nothing, or does not listen.
constexpr std::chrono::seconds kRequestPatience{10};
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

std::string text_of(const boost::system::error_code& error, const std::filesystem::path& path) {
  return "control socket " + path.string() + ": " + error.message();
}

}  // namespace

std::filesystem::path socket_path(const std::filesystem::path& state_directory) {
  return state_directory / "control.sock";
}

struct Server::Impl {
  Impl(const asio::any_io_executor& executor, std::filesystem::path at, Handler does)
      : path(std::move(at)), handler(std::move(does)), acceptor(executor) {}

  Result<void> listen();
  void stop();
  static Task<void> serve(std::shared_ptr<Impl> self, SocketPtr socket);
  Reply answer(std::string_view line) const;

  std::filesystem::path path;
  Handler handler;  ///< empty once the server is gone
  stream_protocol::acceptor acceptor;
};

Result<void> Server::Impl::listen() {
  if (path.string().size() > kLongestPath) {
    return fail(errc::limit, "control socket " + path.string() + ": its path is too long",
                "a socket's path has at most " + std::to_string(kLongestPath) +
                    " bytes: use a shorter --state");
  }
  ::unlink(path.c_str());
  boost::system::error_code error;
  acceptor.open(stream_protocol(), error);
  if (!error) acceptor.bind(stream_protocol::endpoint(path.string()), error);
  // Nobody can connect before it listens.
  if (!error && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(errc::io, text_of(error, path));
  return {};
}

void Server::Impl::stop() {
  handler = nullptr;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  ::unlink(path.c_str());
}

Reply Server::Impl::answer(std::string_view line) const {
  const auto request = read_request(line);
  if (request) return handler(*request);
  Reply refusal;
  refusal.usage = true;
  refusal.text = request.error().message();
  return refusal;
}

Task<void> Server::Impl::serve(std::shared_ptr<Impl> self, SocketPtr socket) {
  asio::steady_timer deadline(socket->get_executor(), kRequestPatience);
  auto on_deadline = [socket](boost::system::error_code stopped) {
    boost::system::error_code ignored;
    if (!stopped) socket->close(ignored);
  };
  deadline.async_wait(std::move(on_deadline));
  std::string line;
  auto buffer = asio::dynamic_buffer(line, kLongestRequest);
  const auto [error, size] = co_await asio::async_read_until(*socket, buffer, '\n', net::kAsTuple);
  const bool is_too_long = error == asio::error::not_found;
  if ((error && !is_too_long) || !self->handler) co_return;
  // A line that is cut off is no JSON, and refused as such.
  std::string reply = write(self->answer(std::string_view(line).substr(0, size))) + "\n";
  const auto written = co_await asio::async_write(*socket, asio::buffer(reply), net::kAsTuple);
  static_cast<void>(written);  // nobody is left to tell
}

Result<std::unique_ptr<Server>> Server::start(const asio::any_io_executor& executor,
                                              std::filesystem::path path, Handler handler) {
  auto impl = std::make_shared<Impl>(executor, std::move(path), std::move(handler));
  UNDERSTUDY_CHECK(impl->listen());
  auto take = [impl, executor](stream_protocol::socket accepted) {
    auto socket = std::make_shared<stream_protocol::socket>(std::move(accepted));
    net::spawn(executor, "control connection", Impl::serve(impl, std::move(socket)));
  };
  net::spawn(executor, "control socket",
             net::accept_all(impl->acceptor, "control socket", std::move(take)));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  impl_->stop();
}

}  // namespace understudy::agent::control
