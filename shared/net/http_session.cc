#include "shared/net/http_session.h"

#include <openssl/ssl.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "shared/core/log.h"

namespace understudy::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using TlsSocket = asio::ssl::stream<beast::tcp_stream>;
using Parser = http::request_parser<http::string_body>;
using ErrorCode = boost::system::error_code;
using Service = std::shared_ptr<const HttpService>;

/// How long a client that was refused may go on sending before the connection is cut.
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kFirstChunk = 4096;  ///< read while nothing is known of a request

struct Peer {
  std::string remote;
  std::optional<crypto::Certificate> certificate;
};

/// What a request that cannot be read deserves; 0: nothing, the connection just ends.
int refusal(const ErrorCode& ec) {
  static const auto& category = make_error_code(http::error::bad_method).category();
  if (ec == http::error::body_limit) return 413;
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) return 431;
  if (ec == http::error::end_of_stream || ec == http::error::partial_message) return 0;
  return ec.category() == category ? 400 : 0;
}

HttpResponse refusal_response(int status, const ErrorCode& ec, const HttpServerOptions& options) {
  std::string why = "this is no HTTP/1.1 request: " + ec.message();
  if (status == 413) {
    why = "the body is over " + std::to_string(options.max_body_bytes) + " octets";
  } else if (status == 431) {
    why = "the header is over " + std::to_string(options.max_header_bytes) + " octets";
  }
  return HttpResponse::text(status, why + "\n");
}

IncomingRequest to_incoming(Parser& parser, const Peer& peer) {
  auto& message = parser.get();
  IncomingRequest request;
  request.method = std::string_view(message.method_string());
  request.target = std::string_view(message.target());
  for (const auto& field : message) {
    request.headers.items.emplace_back(std::string_view(field.name_string()),
                                       std::string_view(field.value()));
  }
  request.body = std::move(message.body());
  request.remote = peer.remote;
  request.peer_certificate = peer.certificate;
  return request;
}

/// How an answer is framed: by what the request said.
struct Framing {
  unsigned version = 11;
  bool keep_alive = false;
  bool is_head = false;
};

/// A line break in a value would start a header of somebody else's choice; framing is ours.
constexpr std::string_view kForbiddenInHeaders("\r\n\0", 3);

bool may_send(const std::string& name, const std::string& value) {
  const auto field = http::string_to_field(name);
  if (field == http::field::content_length || field == http::field::transfer_encoding ||
      field == http::field::connection) {
    return false;
  }
  if (!name.empty() && name.find_first_of(" :\r\n\t") == std::string::npos &&
      value.find_first_of(kForbiddenInHeaders) == std::string::npos) {
    return true;
  }
  log::error("http.header_dropped", {{"name", name}});
  return false;
}

template <class Body>
http::response<Body> to_message(const HttpResponse& response, const Framing& framing) {
  http::response<Body> message;
  message.version(framing.version);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers.items) {
    if (may_send(name, value)) message.insert(name, value);
  }
  message.keep_alive(framing.keep_alive);
  const bool has_body = response.status >= 200 && response.status != 204 && response.status != 304;
  if (has_body) message.content_length(response.body.size());
  if constexpr (std::is_same_v<Body, http::string_body>) {
    if (has_body) message.body() = response.body;
  }
  return message;
}

template <class Stream>
Task<ErrorCode> send(Stream& stream, HttpResponse response, Framing framing) {
  if (framing.is_head) {
    auto head = to_message<http::empty_body>(response, framing);
    auto [ec, size] = co_await http::async_write(stream, head, kAsTuple);
    co_return ec;
  }
  auto message = to_message<http::string_body>(response, framing);
  auto [ec, size] = co_await http::async_write(stream, message, kAsTuple);
  co_return ec;
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

/// Waits for the first octet of a request: being idle and being slow have separate times.
template <class Stream>
Task<bool> wait_for_request(Stream& stream, beast::flat_buffer& buffer) {
  if (buffer.size() > 0) co_return true;
  buffer.shrink_to_fit();
  const auto room = buffer.prepare(kFirstChunk);
  auto [ec, size] = co_await stream.async_read_some(room, kAsTuple);
  if (ec) co_return false;
  buffer.commit(size);
  co_return true;
}

template <class Stream>
Task<ErrorCode> read_request(Stream& stream, beast::flat_buffer& buffer, Parser& parser) {
  auto [ec, size] = co_await http::async_read_header(stream, buffer, parser, kAsTuple);
  if (ec) co_return ec;
  const auto& message = parser.get();
  if (beast::iequals(message[http::field::expect], "100-continue") && !parser.is_done()) {
    http::response<http::empty_body> proceed(http::status::continue_, message.version());
    auto [failed, sent] = co_await http::async_write(stream, proceed, kAsTuple);
    if (failed) co_return failed;
  }
  auto [read_ec, read] = co_await http::async_read(stream, buffer, parser, kAsTuple);
  co_return read_ec;
}

/// Closing with unread octets resets the connection, and the client may never see why: so what it
/// is still sending is taken and dropped for a while.
Task<void> linger(beast::tcp_stream& stream) {
  ErrorCode ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream.expires_after(kLinger);
  std::vector<char> waste(std::size_t{16} * 1024);
  const auto room = asio::buffer(waste);
  for (;;) {
    auto [ec, size] = co_await stream.async_read_some(room, kAsTuple);
    if (ec) co_return;
  }
}

/// One request and its answer. False: the connection is at its end.
template <class Stream>
Task<bool> serve_one(const HttpService& service, Stream& stream, beast::flat_buffer& buffer,
                     const Peer& peer) {
  auto& socket = beast::get_lowest_layer(stream);
  const auto& options = service.options;
  socket.expires_after(options.idle_timeout);
  if (!co_await wait_for_request(stream, buffer)) co_return false;

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser.body_limit(options.max_body_bytes);
  socket.expires_after(options.idle_timeout);
  const ErrorCode ec = co_await read_request(stream, buffer, parser);
  Framing framing;
  if (ec) {
    const int status = refusal(ec);
    if (status == 0) co_return false;
    log::info("http.refused", {{"remote", peer.remote}, {"status", std::to_string(status)}});
    auto response = refusal_response(status, ec, options);
    co_await send(stream, std::move(response), framing);
    co_await linger(socket);
    co_return false;
  }
  framing.version = parser.get().version();
  framing.is_head = parser.get().method() == http::verb::head;
  framing.keep_alive = parser.keep_alive();

  auto request = to_incoming(parser, peer);
  socket.expires_never();
  auto response = co_await answer(service.handler, std::move(request));
  const auto wish = response.headers.find("Connection");
  if (wish && beast::iequals(*wish, "close")) framing.keep_alive = false;
  socket.expires_after(options.idle_timeout);
  const ErrorCode send_ec = co_await send(stream, std::move(response), framing);
  co_return !send_ec && framing.keep_alive;
}

template <class Stream>
Task<void> serve_all(Service service, Stream& stream, Peer peer) {
  beast::flat_buffer buffer;
  while (co_await serve_one(*service, stream, buffer, peer)) {
  }
}

std::optional<crypto::Certificate> certificate_of(TlsSocket& stream) {
  X509* certificate = SSL_get1_peer_certificate(stream.native_handle());
  if (certificate == nullptr) return std::nullopt;
  return crypto::Certificate(std::shared_ptr<X509>(certificate, X509_free));
}

Task<void> serve_tls(Service service, beast::tcp_stream socket, std::string remote) {
  TlsSocket stream(std::move(socket), *service->tls);
  stream.next_layer().expires_after(service->options.idle_timeout);
  auto [ec] = co_await stream.async_handshake(TlsSocket::server, kAsTuple);
  if (ec) {
    log::info("http.tls_failed", {{"remote", remote}, {"error", ec.message()}});
    co_return;
  }
  Peer peer;
  peer.remote = std::move(remote);
  peer.certificate = certificate_of(stream);
  co_await serve_all(service, stream, std::move(peer));
  if (!stream.next_layer().socket().is_open()) co_return;
  stream.next_layer().expires_after(kLinger);
  co_await stream.async_shutdown(kAsTuple);
}

Task<void> serve_plain(Service service, beast::tcp_stream stream, std::string remote) {
  Peer peer;
  peer.remote = std::move(remote);
  co_await serve_all(service, stream, std::move(peer));
}

}  // namespace

Task<void> serve_connection(std::shared_ptr<const HttpService> service, tcp::socket socket) {
  ErrorCode ec;
  const auto endpoint = socket.remote_endpoint(ec);
  if (ec) co_return;  // gone already
  socket.set_option(tcp::no_delay(true), ec);
  std::string remote = HostPort{endpoint.address().to_string(), endpoint.port()}.text();
  beast::tcp_stream stream(std::move(socket));
  if (service->tls) {
    co_await serve_tls(service, std::move(stream), std::move(remote));
  } else {
    co_await serve_plain(service, std::move(stream), std::move(remote));
  }
}

}  // namespace understudy::net
