#pragma once

/// libcurl's multi interface driven by Asio: HTTP/1.1 and HTTP/2, client certificates from memory,
/// one small CA store shared between requests. No handle exists while nothing is under way, but
/// connections are kept for reuse by the same identity.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/crypto/certificate.h"
#include "shared/net/asio.h"
#include "shared/net/http.h"

namespace understudy::net {

/// Whom to trust and who to be: shared by many requests; make one for each identity, not for each
/// request.
struct ClientCredentials {
  std::vector<crypto::Certificate> anchors;  ///< besides the system's if `system_anchors`
  bool system_anchors = false;  ///< loads the distribution's bundle: 800 KB a store, made once
  std::optional<crypto::Identity> identity;
  /// Not empty: the server's verified chain has to contain one of these.
  std::vector<crypto::Certificate> pins;
  /// The server has to staple an OCSP answer that says its certificate is good.
  bool require_revocation_status = false;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  std::shared_ptr<const ClientCredentials> credentials;  ///< null: system anchors, no identity
  std::chrono::milliseconds timeout{30'000};
  std::size_t max_response_bytes = std::size_t{64} * 1024 * 1024;
  bool http2 = false;             ///< require HTTP/2 (over TLS)
  int max_redirects = 0;          ///< followed with the same method and body, never to plain http
  bool allow_plain_http = false;  ///< otherwise only https URLs are accepted
};

enum class http_errc {
  connect = 1,  ///< no connection: refused, unreachable, name not found
  tls,          ///< handshake or certificate
  timeout,
  too_large,  ///< the answer is over max_response_bytes
  bad_url,    ///< malformed, or plain http without permission
  redirect,   ///< too many in a row, or to a scheme that is not allowed
  protocol,   ///< anything else libcurl reports
};

/// Use from its executor only.
class HttpClient {
 public:
  explicit HttpClient(const asio::any_io_executor& executor);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// Any HTTP status is a success here. Errors: http_errc, with the URL and libcurl's reason.
  Task<Result<HttpResponse>> send(HttpRequest request);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::net

template <>
struct understudy::ErrcTraits<understudy::net::http_errc> {
  static constexpr const char* kName = "http";
  static std::string describe(net::http_errc code);
};
template <>
struct std::is_error_code_enum<understudy::net::http_errc> : std::true_type {};
namespace understudy::net {
UNDERSTUDY_ERRC(http_errc)
}
