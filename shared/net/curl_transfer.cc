#include "shared/net/curl_transfer.h"

#include <new>

#include "shared/core/errc.h"

namespace understudy::net {
namespace {

constexpr long kUploadBuffer = 16L * 1024;
constexpr std::size_t kMaxHeaderBytes = std::size_t{1024} * 1024;

http_errc to_errc(CURLcode code, std::string_view reason) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return http_errc::connect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return http_errc::tls;
    case CURLE_OPERATION_TIMEDOUT:
      return http_errc::timeout;
    case CURLE_FILESIZE_EXCEEDED:
      return http_errc::too_large;
    case CURLE_URL_MALFORMAT:
      return http_errc::bad_url;
    case CURLE_TOO_MANY_REDIRECTS:
      return http_errc::redirect;
    case CURLE_UNSUPPORTED_PROTOCOL:
      // Also what libcurl says of a server that sends no status line. The scheme of the request's
      // own URL has been looked at: this one is a redirect's.
      return reason.find("HTTP/0.9") == std::string_view::npos ? http_errc::redirect
                                                               : http_errc::protocol;
    default:
      // A TLS 1.3 server refuses a client certificate only after the client's handshake is done.
      return reason.find(" alert ") == std::string_view::npos ? http_errc::protocol
                                                              : http_errc::tls;
  }
}

const char* hint_for(http_errc code) {
  switch (code) {
    case http_errc::connect:
      return "check the address and that the server runs";
    case http_errc::tls:
      return "check the trusted CA, the server's name and dates, and the client certificate";
    case http_errc::timeout:
      return "check that the server is healthy, or wait longer";
    case http_errc::too_large:
      return "the limit is the request's max_response_bytes";
    case http_errc::redirect:
      return "have the server redirect less, and to https only";
    default:
      return "";
  }
}

}  // namespace

CurlTransfer::CurlTransfer(std::shared_ptr<CurlMulti> multi, const asio::any_io_executor& executor,
                           HttpRequest request)
    : multi_(std::move(multi)),
      request_(std::move(request)),
      easy_(curl_easy_init()),
      done_(executor, std::chrono::steady_clock::time_point::max()) {
  if (easy_ == nullptr) throw std::bad_alloc();
}

CurlTransfer::~CurlTransfer() {
  if (added_) multi_->remove(easy_);
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
}

template <class Value>
void CurlTransfer::set(CURLoption option, Value value) {
  // Options unknown to libcurl would be a bug, so what is left is a lack of memory.
  if (curl_easy_setopt(easy_, option, value) != CURLE_OK) throw std::bad_alloc();
}

Result<void> CurlTransfer::start(CredentialCache& cache) {
  UNDERSTUDY_TRY(url_, HttpUrl::parse(request_.url));
  if (url_.is_plain && !request_.allow_plain_http) {
    return fail(http_errc::bad_url, url_.shown + ": plain http is not allowed here",
                "use https, or allow http where that is meant");
  }
  if (!is_one_line(request_.method) || request_.method.empty()) {
    return fail(errc::invalid_argument, url_.shown + ": the method is malformed");
  }
  UNDERSTUDY_TRY(credentials_, cache.prepare(request_.credentials));
  UNDERSTUDY_CHECK(set_headers());
  set_connection();
  set_method();
  set_callbacks();
  added_ = multi_->add(easy_);
  if (!added_) return fail(http_errc::protocol, url_.shown + ": libcurl refuses the request");
  return {};
}

Result<void> CurlTransfer::set_headers() {
  const auto append = [this](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    headers_ = longer;
  };
  for (const auto& [name, value] : request_.headers.items) {
    if (name.empty() || !is_one_line(name) || !is_one_line(value)) {
      return fail(errc::invalid_argument, url_.shown + ": the header '" + name + "' is malformed");
    }
    std::string line = name;
    line.append(value.empty() ? ";" : ": ").append(value);
    append(line);
  }
  // libcurl would add these on its own; an empty one takes them away.
  if (!request_.headers.find("Content-Type")) append("Content-Type:");
  if (!request_.headers.find("Expect")) append("Expect:");
  set(CURLOPT_HTTPHEADER, headers_);
  return {};
}

void CurlTransfer::set_method() {
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == "GET" && request_.body.empty()) return;
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDS, request_.body.c_str());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void CurlTransfer::set_connection() {
  const char* schemes = request_.allow_plain_http ? "https,http" : "https";
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, schemes);
  // What began under TLS does not go on without (6.7).
  set(CURLOPT_REDIR_PROTOCOLS_STR, url_.is_plain ? schemes : "https");
  set(CURLOPT_FOLLOWLOCATION, request_.max_redirects > 0 ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(request_.max_redirects));
  set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  set(CURLOPT_HTTP_VERSION,
      static_cast<long>(request_.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PIPEWAIT, request_.http2 ? 1L : 0L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  set(CURLOPT_NOSIGNAL, 1L);
  // Made anew for each request: 64 KB by default, for bodies that are mostly smaller than this.
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  set(CURLOPT_QUICK_EXIT, 1L);  // a name server that is silent must not hold the executor
  // The environment's proxies are honored, except that nobody else's loopback is meant.
  if (url_.is_loopback) set(CURLOPT_PROXY, "");
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  set(CURLOPT_CAPATH, credentials_->connection_key.c_str());
  set(CURLOPT_SSL_CTX_FUNCTION, &PreparedCredentials::install);
  set(CURLOPT_SSL_CTX_DATA, credentials_.get());
  if (credentials_->require_revocation_status) set(CURLOPT_SSL_VERIFYSTATUS, 1L);
}

void CurlTransfer::set_callbacks() {
  set(CURLOPT_PRIVATE, static_cast<CurlListener*>(this));
  set(CURLOPT_ERRORBUFFER, reason_.data());
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_response_bytes));
}

bool CurlTransfer::is_full(std::size_t more) {
  is_too_large_ = is_too_large_ || more > request_.max_response_bytes - response_.body.size();
  return is_too_large_;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  if (transfer->is_full(size * count)) return 0;  // libcurl ends the transfer
  transfer->response_.body.append(data, size * count);
  return size * count;
}

/// One line, with its line break. Each answer begins with its status line: after a redirect or
/// "100 Continue" everything starts again.
std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  std::string_view line(data, size * count);
  transfer->header_bytes_ += line.size();
  if (transfer->header_bytes_ > kMaxHeaderBytes) {
    transfer->is_too_large_ = true;
    return 0;
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    transfer->response_ = HttpResponse();
  } else if (colon != std::string_view::npos) {
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    transfer->response_.headers.items.emplace_back(line.substr(0, colon), value);
  }
  return size * count;
}

void CurlTransfer::finished(CURLcode code) {
  if (code_) return;
  code_ = code;
  done_.cancel();
}

void CurlTransfer::cancel() {
  done_.cancel();
}

Task<void> CurlTransfer::wait() {
  if (!code_) co_await done_.async_wait(kAsTuple);
}

tl::unexpected<Error> CurlTransfer::failure(CURLcode ended) const {
  std::string reason = reason_.front() == '\0' ? curl_easy_strerror(ended) : reason_.data();
  http_errc code = to_errc(ended, reason);
  if (reason.find("application verification failure") != std::string::npos) {
    reason = "the server's certificate chain has none of the " +
             std::to_string(credentials_->pins.size()) + " certificates that are pinned";
  } else if (ended == CURLE_SSL_INVALIDCERTSTATUS) {
    reason = "the revocation status that is required cannot be had from the server: " + reason;
  }
  if (is_too_large_ || code == http_errc::too_large) {
    code = http_errc::too_large;
    reason = "the answer is over " + std::to_string(request_.max_response_bytes) + " octets";
  }
  return fail(code, request_.method + " " + url_.shown + ": " + reason, hint_for(code));
}

Result<HttpResponse> CurlTransfer::result() {
  if (!code_) return fail(errc::cancelled, request_.method + " " + url_.shown + ": stopped");
  if (*code_ != CURLE_OK) return failure(*code_);
  long status = 0;
  long version = 0;
  long redirects = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(easy_, CURLINFO_REDIRECT_COUNT, &redirects);
  if (request_.http2 && version != CURL_HTTP_VERSION_2_0) {
    return fail(http_errc::protocol,
                request_.method + " " + url_.shown + ": the server did not negotiate HTTP/2",
                "this needs a server that speaks HTTP/2 (ALPN h2)");
  }
  response_.status = static_cast<int>(status);
  response_.redirects = static_cast<int>(redirects);
  return std::move(response_);
}

}  // namespace understudy::net
