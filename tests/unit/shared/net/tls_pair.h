#pragma once

/// Both ends of one TLS connection over a loopback socket, driven by one io_context.

#include <boost/asio/co_spawn.hpp>

#include "shared/net/tls.h"
#include "tests/support/run_task.h"
#include "tests/unit/shared/net/pki.h"

namespace understudy::test {

using net::TlsClientOptions;
using net::TlsContext;
using net::TlsServerOptions;
using net::TlsStream;

/// Both handshakes' results; "" is success.
struct Handshakes {
  std::string client;
  std::string server;
};

class TlsPair {
 public:
  TlsPair(const TlsServerOptions& server, const TlsClientOptions& client)
      : server_context_(must(TlsContext::server(server))),
        client_context_(must(TlsContext::client(client))) {
    net::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    net::tcp::socket near(io);
    near.connect(acceptor.local_endpoint());
    client_ = std::make_unique<TlsStream>(std::move(near), client_context_);
    server_ = std::make_unique<TlsStream>(acceptor.accept(), server_context_);
  }

  /// As in life, an end whose handshake fails closes. In TLS 1.3 the server refuses a certificate
  /// after the client's handshake: it is in its first read that the client learns it, so the server
  /// says one octet.
  Handshakes handshake() {
    Handshakes result;
    bool is_server_done = false;
    net::spawn(io.get_executor(), "server", accept(*server_, result.server, is_server_done));
    support::run_task(io, connect(*client_, result.client));
    while (!is_server_done && io.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    EXPECT_TRUE(is_server_done);
    return result;
  }

  TlsStream& client() { return *client_; }
  TlsStream& server() { return *server_; }

  asio::io_context io;

 private:
  static Task<void> accept(TlsStream& stream, std::string& error, bool& is_done) {
    auto result = co_await stream.handshake();
    is_done = true;
    if (!result) {
      error = result.error().message();
      stream.close();
      co_return;
    }
    const std::array<std::uint8_t, 1> octet{7};
    auto sent = co_await stream.write(octet);
    EXPECT_TRUE(sent) << sent.error().message();
  }
  static Task<void> connect(TlsStream& stream, std::string& error) {
    auto result = co_await stream.handshake();
    std::array<std::uint8_t, 1> octet{};
    if (result) {
      auto size = co_await stream.read_some(octet);
      if (size) co_return;
      result = tl::unexpected(size.error());
    }
    error = result.error().message();
    stream.close();
  }

  TlsContext server_context_;
  TlsContext client_context_;
  std::unique_ptr<TlsStream> client_;
  std::unique_ptr<TlsStream> server_;
};

}  // namespace understudy::test
