#pragma once

/// A running HttpServer, with curl and bare sockets to talk to it.

#include <gmock/gmock.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fstream>

#include "shared/net/http_server.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/shared/net/io_thread.h"
#include "tests/unit/shared/net/pki.h"

namespace understudy::test {

using net::HttpResponse;
using net::HttpServerOptions;
using net::IncomingRequest;

/// Answers by path; the rest is an echo of what arrived.
inline Task<HttpResponse> echo(IncomingRequest request) {
  if (request.target == "/throws") throw std::runtime_error("on purpose");
  if (request.target == "/empty") co_return HttpResponse::of(200, "text/plain", "");
  if (request.target == "/no-content") co_return HttpResponse::of(204, "text/plain", "ignored");
  if (request.target == "/splits") {
    HttpResponse response = HttpResponse::text(200, "x");
    response.headers.set("X-Bad", "a\r\nX-Injected: b");
    co_return response;
  }
  std::string text = request.method + " " + request.target + " " +
                     std::to_string(request.body.size()) + " octets " +
                     request.headers.find("X-Test").value_or("-") + " from " + request.remote;
  if (request.peer_certificate) text += " as " + request.peer_certificate->subject().text();
  HttpResponse response = HttpResponse::text(200, text + "\n");
  response.headers.set("X-Echo", "yes");
  co_return response;
}

class HttpServerTest : public ::testing::Test {
 protected:
  ~HttpServerTest() override {
    io.on_thread([this] { server.reset(); });
  }
  void start() {
    io.on_thread([this] { server = must(net::HttpServer::start(io.executor(), options, echo)); });
  }
  std::string url(const std::string& path) const {
    return std::string(options.tls ? "https" : "http") +
           "://127.0.0.1:" + std::to_string(server->port()) + path;
  }
  support::Output curl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"curl", "-sS", "--noproxy", "*", "--max-time", "20"});
    return support::run(arguments);
  }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  /// A file of that many octets, without writing them.
  std::string large_file(std::uintmax_t size) {
    const std::string path = file("large", "");
    std::filesystem::resize_file(path, size);
    return path;
  }
  /// Sends `text` on a connection of its own, and returns all that comes until the server closes.
  std::string talk(const std::string& text);
  std::size_t connections() {
    return io.on_thread([this] { return server->connections(); });
  }
  /// The peer sees the end of a connection a moment before the server is done with it.
  bool forgets_all_connections() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (connections() > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    return connections() == 0;
  }

  support::TempDir folder;
  HttpServerOptions options;
  IoThread io;
  std::unique_ptr<net::HttpServer> server;
};

inline std::string HttpServerTest::talk(const std::string& text) {
  asio::io_context own;
  net::tcp::socket socket(own);
  socket.connect({asio::ip::address_v4::loopback(), server->port()});
  asio::write(socket, asio::buffer(text));
  std::string answer;
  boost::system::error_code ec;
  asio::read(socket, asio::dynamic_buffer(answer), ec);  // until the end
  return answer;
}

}  // namespace understudy::test
