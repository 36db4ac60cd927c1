#include "shared/net/http_session.h"

#include <boost/asio/steady_timer.hpp>

#include "shared/core/log.h"
#include "shared/net/http_framing.h"

namespace understudy::net {
namespace {

using Service = std::shared_ptr<const HttpService>;
using Buffer = boost::beast::flat_buffer;

/// How long a client that was refused may go on sending before the connection is cut.
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kFirstChunk = 4096;  ///< read while nothing is known of a request
constexpr std::size_t kChunk = std::size_t{16} * 1024;

/// A connection, closed when its peer takes longer than it may.
class Line : public std::enable_shared_from_this<Line> {
 public:
  Line(std::unique_ptr<Stream> stream, std::string remote)
      : stream_(std::move(stream)),
        deadline_(stream_->socket().get_executor()),
        remote_(std::move(remote)) {}

  Stream& stream() { return *stream_; }
  const std::string& remote() const { return remote_; }
  void expires_after(std::chrono::seconds time);
  void expires_never() { deadline_.expires_at(asio::steady_timer::time_point::max()); }

 private:
  std::unique_ptr<Stream> stream_;
  asio::steady_timer deadline_;
  std::string remote_;
};

void Line::expires_after(std::chrono::seconds time) {
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](const HttpError& ec) {
    const auto line = weak.lock();
    // It may have been set anew while this waited to be called.
    const bool has_passed =
        line && line->deadline_.expiry() <= asio::steady_timer::clock_type::now();
    if (!ec && has_passed) line->stream_->close();
  });
}

/// The handler's answer, or 500 for one that throws.
Task<HttpResponse> answer(const HttpHandler& handler, IncomingRequest request) {
  const std::string what =
      request.method + " " + request.target.substr(0, request.target.find('?'));
  std::exception_ptr error;
  std::string reason = "an unknown exception";
  try {
    co_return co_await handler(std::move(request));
  } catch (const std::exception& e) {
    error = std::current_exception();
    reason = e.what();
  } catch (...) {
    error = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(error);
  log::error("http.handler_failed", {{"request", what}, {"error", reason}});
  co_return HttpResponse::text(500, "internal error\n");
}

/// False: nothing comes any more.
Task<bool> read_more(Stream& stream, Buffer& buffer, std::size_t size) {
  const auto room = buffer.prepare(size);
  const std::span<std::uint8_t> octets(static_cast<std::uint8_t*>(room.data()), room.size());
  const auto read = co_await stream.read_some(octets);
  if (!read || *read == 0) co_return false;
  buffer.commit(*read);
  co_return true;
}

Task<bool> send(Stream& stream, std::string text) {
  const auto sent = co_await stream.write(as_bytes(text));
  co_return sent.has_value();
}

/// Until the reader stands where it was told to. eof: the connection ended before that.
Task<HttpError> read_on(Stream& stream, Buffer& buffer, RequestReader& reader) {
  for (;;) {
    const HttpError ec = reader.take(buffer);
    if (ec != boost::beast::http::error::need_more) co_return ec;
    if (!co_await read_more(stream, buffer, kChunk)) co_return asio::error::eof;
  }
}

Task<HttpError> read_request(Stream& stream, Buffer& buffer, RequestReader& reader) {
  const HttpError ec = co_await read_on(stream, buffer, reader);
  if (ec) co_return ec;
  if (reader.expects_continue()) {
    HttpResponse proceed;
    proceed.status = 100;
    Framing framing = reader.framing();
    framing.keep_alive = true;
    auto text = to_text(proceed, framing);
    if (!co_await send(stream, std::move(text))) co_return asio::error::eof;
  }
  reader.ask_for_body();
  co_return co_await read_on(stream, buffer, reader);
}

/// Closing with unread octets resets the connection, and the client may never see why: so what it
/// is still sending is taken and dropped for a while.
Task<void> linger(Line& line) {
  HttpError ignored;
  line.stream().socket().shutdown(tcp::socket::shutdown_send, ignored);
  line.expires_after(kLinger);
  Bytes waste(kChunk);
  for (;;) {
    const auto size = co_await line.stream().read_some(waste);
    if (!size || *size == 0) co_return;
  }
}

/// One request and its answer. False: the connection is at its end.
Task<bool> serve_one(const HttpService& service, Line& line, Buffer& buffer,
                     const std::optional<crypto::Certificate>& certificate) {
  const auto& options = service.options;
  line.expires_after(options.idle_timeout);
  if (buffer.size() == 0) {  // being idle and being slow have separate times
    buffer.shrink_to_fit();
    if (!co_await read_more(line.stream(), buffer, kFirstChunk)) co_return false;
    line.expires_after(options.idle_timeout);
  }
  RequestReader reader(options);
  const HttpError ec = co_await read_request(line.stream(), buffer, reader);
  if (ec) {
    auto refused = refusal(ec, options);
    if (!refused) co_return false;
    log::info("http.refused",
              {{"remote", line.remote()}, {"status", std::to_string(refused->status)}});
    auto text = to_text(*refused, Framing());
    co_await send(line.stream(), std::move(text));
    co_await linger(line);
    co_return false;
  }
  Framing framing = reader.framing();
  IncomingRequest request = reader.release();
  request.remote = line.remote();
  request.peer_certificate = certificate;
  line.expires_never();
  const auto response = co_await answer(service.handler, std::move(request));
  const auto wish = response.headers.find("Connection");
  if (wish && boost::beast::iequals(*wish, "close")) framing.keep_alive = false;
  line.expires_after(options.idle_timeout);
  auto text = to_text(response, framing);
  if (!co_await send(line.stream(), std::move(text))) co_return false;
  co_return framing.keep_alive;
}

Task<void> serve_all(const HttpService& service, Line& line,
                     std::optional<crypto::Certificate> certificate) {
  Buffer buffer;
  while (co_await serve_one(service, line, buffer, certificate)) {
  }
  line.stream().close();
}

Task<void> serve_tls(Service service, tcp::socket socket, std::string remote) {
  auto owned = std::make_unique<TlsStream>(std::move(socket), *service->tls);
  const TlsStream& tls = *owned;
  const auto line = std::make_shared<Line>(std::move(owned), std::move(remote));
  line->expires_after(service->options.idle_timeout);
  const auto shaken = co_await line->stream().handshake();
  if (!shaken) {
    log::info("http.tls_failed", {{"remote", line->remote()}, {"error", shaken.error().message()}});
    co_return;
  }
  co_await serve_all(*service, *line, tls.peer_certificate());
}

Task<void> serve_plain(Service service, tcp::socket socket, std::string remote) {
  auto stream = std::make_unique<PlainStream>(std::move(socket));
  const auto line = std::make_shared<Line>(std::move(stream), std::move(remote));
  co_await serve_all(*service, *line, std::nullopt);
}

}  // namespace

Task<void> serve_connection(std::shared_ptr<const HttpService> service, tcp::socket socket) {
  HttpError ec;
  const auto endpoint = socket.remote_endpoint(ec);
  if (ec) co_return;  // gone already
  std::string remote = HostPort{endpoint.address().to_string(), endpoint.port()}.text();
  if (service->tls) {
    co_await serve_tls(service, std::move(socket), std::move(remote));
  } else {
    co_await serve_plain(service, std::move(socket), std::move(remote));
  }
}

}  // namespace understudy::net
