#pragma once

/// HTTP/1.1 between octets and messages, by Beast's parser and serializer; no I/O. Private to net/.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "shared/net/http_server.h"

namespace understudy::net {

using HttpError = boost::system::error_code;

/// How an answer is framed: by what the request said.
struct Framing {
  unsigned version = 11;
  bool keep_alive = false;
  bool is_head = false;
};

/// One request, out of octets as they come.
class RequestReader {
 public:
  explicit RequestReader(const HttpServerOptions& options);

  /// Takes octets from the front of `buffer`, up to the end of the header or, once the body is
  /// asked for, of the request. `need_more`: not there yet. Any other error: no request comes.
  HttpError take(boost::beast::flat_buffer& buffer);
  void ask_for_body() { parser_.eager(true); }
  bool has_header() const { return parser_.is_header_done(); }
  bool is_done() const { return parser_.is_done(); }
  /// The client sends its body only when it is told to (RFC 9110 10.1.1).
  bool expects_continue() const;
  Framing framing() const;
  /// The request; the reader is empty afterwards.
  IncomingRequest release();

 private:
  boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
};

/// The answer that a request which cannot be read deserves; nothing: the connection just ends.
std::optional<HttpResponse> refusal(const HttpError& ec, const HttpServerOptions& options);

/// Status line, header and body. A header that would split the answer is dropped and logged, and
/// so are those that frame it: they are written here.
std::string to_text(const HttpResponse& response, const Framing& framing);

}  // namespace understudy::net
