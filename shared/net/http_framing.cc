#include "shared/net/http_framing.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/serializer.hpp>

#include "shared/core/log.h"

namespace understudy::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

bool may_send(const std::string& name, const std::string& value) {
  const auto field = http::string_to_field(name);
  if (field == http::field::content_length || field == http::field::transfer_encoding ||
      field == http::field::connection) {
    return false;
  }
  if (!name.empty() && name.find_first_of(" :\r\n\t") == std::string::npos && is_one_line(value)) {
    return true;
  }
  log::error("http.header_dropped", {{"name", name}});
  return false;
}

/// The octets of the header alone.
std::string header_text(const http::response<http::empty_body>& message) {
  std::string text;
  http::response_serializer<http::empty_body> serializer(message);
  HttpError ec;
  while (!ec && !serializer.is_header_done()) {
    serializer.next(ec, [&](HttpError&, const auto& buffers) {
      for (const auto buffer : beast::buffers_range_ref(buffers)) {
        text.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      serializer.consume(asio::buffer_size(buffers));
    });
  }
  return text;
}

}  // namespace

RequestReader::RequestReader(const HttpServerOptions& options) {
  parser_.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser_.body_limit(options.max_body_bytes);
}

HttpError RequestReader::take(beast::flat_buffer& buffer) {
  HttpError ec;
  const auto ready = [this] { return parser_.eager() ? is_done() : has_header(); };
  while (!ec && !ready()) {
    if (buffer.size() == 0) return http::error::need_more;
    buffer.consume(parser_.put(buffer.data(), ec));
  }
  return ec;
}

bool RequestReader::expects_continue() const {
  return beast::iequals(parser_.get()[http::field::expect], "100-continue") && !is_done();
}

Framing RequestReader::framing() const {
  Framing framing;
  framing.version = parser_.get().version();
  framing.is_head = parser_.get().method() == http::verb::head;
  framing.keep_alive = parser_.keep_alive();
  return framing;
}

IncomingRequest RequestReader::release() {
  auto& message = parser_.get();
  IncomingRequest request;
  request.method = std::string_view(message.method_string());
  request.target = std::string_view(message.target());
  for (const auto& field : message) {
    request.headers.items.emplace_back(std::string_view(field.name_string()),
                                       std::string_view(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

std::optional<HttpResponse> refusal(const HttpError& ec, const HttpServerOptions& options) {
  static const auto& category = make_error_code(http::error::bad_method).category();
  if (ec == http::error::body_limit) {
    return HttpResponse::text(
        413, "the body is over " + std::to_string(options.max_body_bytes) + " octets\n");
  }
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return HttpResponse::text(
        431, "the header is over " + std::to_string(options.max_header_bytes) + " octets\n");
  }
  if (ec.category() != category) return std::nullopt;
  return HttpResponse::text(400, "this is no HTTP/1.1 request: " + ec.message() + "\n");
}

std::string to_text(const HttpResponse& response, const Framing& framing) {
  http::response<http::empty_body> message;
  message.version(framing.version);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers.items) {
    if (may_send(name, value)) message.insert(name, value);
  }
  message.keep_alive(framing.keep_alive);
  const bool has_body = response.status >= 200 && response.status != 204 && response.status != 304;
  if (has_body) message.content_length(response.body.size());
  std::string text = header_text(message);
  if (has_body && !framing.is_head) text += response.body;
  return text;
}

}  // namespace understudy::net
