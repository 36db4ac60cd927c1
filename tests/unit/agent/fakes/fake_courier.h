#pragma once

/// A courier of few words: mints fixed tokens, records what it gets, delivers what a test gives it.

#include <memory>
#include <numeric>
#include <set>

#include "shared/apns/messages.h"
#include "shared/apns/provider.h"
#include "shared/net/timer.h"
#include "shared/net/tls.h"
#include "tests/unit/agent/fakes/pki.h"

namespace understudy::agent::fakes {

class FakeCourier {
 public:
  FakeCourier(asio::io_context& io, crypto::Identity identity,
              std::vector<std::string> alpn = {"apns-security-v3"})
      : io_(io),
        changed_(io.get_executor()),
        context_(require(net::TlsContext::server(options(std::move(identity), std::move(alpn))))),
        acceptor_(require(net::listen(io.get_executor(), net::HostPort{"127.0.0.1", 0}))) {
    net::spawn(io.get_executor(), "fake courier", accept());
  }

  // What it does.
  int refuse_tokens = 0;    ///< that many Connects with a token get status 2
  bool mute = false;        ///< never answers
  std::uint8_t status = 0;  ///< of other Connects
  apns::Token base = filled(0x10), app = filled(0x50);
  /// Of the second Connect without a token on one connection.
  apns::Token user_base = filled(0x90), user_app = filled(0xb0);

  // What it saw.
  std::vector<apns::Connect> connects;
  std::vector<apns::Ack> acks;
  std::size_t filters = 0, keepalives = 0, closed = 0;

  net::HostPort address() const {
    return net::HostPort{"127.0.0.1", acceptor_.local_endpoint().port()};
  }
  /// To the newest connection.
  void push(std::string topic, std::string magic, std::uint32_t id) {
    push_to(app, std::move(topic), std::move(magic), id);
  }
  void push_to(const apns::Token& token, std::string topic, std::string magic, std::uint32_t id) {
    apns::Notification notification;
    notification.token = token;
    notification.topic = apns::topic_hash(topic);
    notification.payload = to_bytes(apns::mdm_payload(magic));
    notification.id = id;
    net::spawn(io_.get_executor(), "fake push", write(newest_, notification));
  }
  void drop() {
    if (newest_) newest_->close();
  }
  /// Ends everything it still waits for, so that a test leaves nothing behind.
  Task<bool> stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& weak : streams_) {
      if (const auto stream = weak.lock()) stream->close();
    }
    std::function<bool()> ended = [this] { return active_ == 0; };
    co_return co_await until(std::move(ended));
  }
  /// False after twenty seconds.
  Task<bool> until(std::function<bool()> condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      co_await changed_.wait_for(std::chrono::milliseconds(10));
    }
    co_return condition();
  }
  static apns::Token filled(std::uint8_t first) {
    apns::Token token{};
    std::iota(token.begin(), token.end(), first);
    return token;
  }

 private:
  using Stream = std::shared_ptr<net::TlsStream>;

  static net::TlsServerOptions options(crypto::Identity identity, std::vector<std::string> alpn) {
    return net::TlsServerOptions{
        std::move(identity), net::TlsServerOptions::ClientCertificate::none, {}, std::move(alpn)};
  }

  /// Counts a coroutine that uses this object.
  struct Active {
    explicit Active(FakeCourier& owner) : courier(owner) { ++courier.active_; }
    Active(const Active&) = delete;
    Active& operator=(const Active&) = delete;
    ~Active() {
      --courier.active_;
      courier.changed_.notify();
    }
    FakeCourier& courier;
  };

  Task<void> accept() {
    const Active active(*this);
    for (;;) {
      auto [ec, socket] = co_await acceptor_.async_accept(net::kAsTuple);
      if (ec) co_return;
      auto stream = std::make_shared<net::TlsStream>(std::move(socket), context_);
      net::spawn(io_.get_executor(), "fake courier connection", serve(std::move(stream)));
    }
  }

  Task<void> serve(Stream stream) {
    const Active active(*this);
    streams_.push_back(stream);
    const auto shaken = co_await stream->handshake();
    if (!shaken) co_return;
    newest_ = stream;
    apns::FrameParser parser;
    std::array<std::uint8_t, 1024> buffer{};
    for (;;) {
      const auto size = co_await stream->read_some(buffer);
      if (!size || *size == 0) break;
      parser.feed(BytesView(buffer).first(*size));
      for (auto frame = parser.next(); frame && *frame; frame = parser.next()) {
        if (!mute) co_await answer(stream, **frame);
        changed_.notify();
      }
    }
    ++closed;
    changed_.notify();
  }

  template <class Message>
  static Task<void> write(Stream stream, Message message) {
    const auto octets = require(apns::encode_message(message));
    const auto written = co_await stream->write(octets);
    (void)written;  // the device may be gone
  }

  Task<void> answer(Stream stream, apns::Frame frame) {
    if (frame.command == apns::Command::connect) {
      connects.push_back(require(apns::parse_connect(frame)));
      apns::ConnectResponse response;
      response.status = status;
      const bool has_token = connects.back().token.has_value();
      if (has_token && refuse_tokens > 0) {
        --refuse_tokens;
        response.status = 2;
      }
      const bool is_first = connected_.insert(stream).second;
      if (!has_token) response.token = is_first ? base : user_base;
      co_await write(stream, response);
    } else if (frame.command == apns::Command::app_token_request) {
      const auto request = require(apns::parse_app_token_request(frame));
      apns::AppTokenResponse response;
      response.token = request.base == user_base ? user_app : app;
      response.topic = request.topic;
      co_await write(stream, response);
    } else if (frame.command == apns::Command::keepalive) {
      ++keepalives;
      co_await write(stream, apns::KeepAliveAck());
    } else if (frame.command == apns::Command::filter) {
      ++filters;
    } else if (frame.command == apns::Command::ack) {
      acks.push_back(require(apns::parse_ack(frame)));
    }
  }

  asio::io_context& io_;
  net::Event changed_;
  net::TlsContext context_;
  net::tcp::acceptor acceptor_;
  Stream newest_;
  std::vector<std::weak_ptr<net::TlsStream>> streams_;
  std::set<std::weak_ptr<net::TlsStream>, std::owner_less<>> connected_;
  int active_ = 0;
};

}  // namespace understudy::agent::fakes
