#include "shared/net/http_url.h"

#include <curl/curl.h>

#include <boost/asio/ip/address.hpp>
#include <memory>

#include "shared/net/http_client.h"

namespace understudy::net {
namespace {

using Parsed = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Parsed& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return "";
  std::string result(text);
  curl_free(text);
  return result;
}

bool is_loopback_host(std::string host) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (!ec) return address.is_loopback();
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(const std::string& text) {
  const Parsed url(curl_url(), curl_url_cleanup);
  if (!url) throw std::bad_alloc();
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  if (code != CURLUE_OK) {
    // The text is not shown: what cannot be parsed cannot be freed of its secrets either.
    return fail(http_errc::bad_url, std::string("the URL is malformed: ") + curl_url_strerror(code),
                "write https://HOST[:PORT]/PATH");
  }
  const std::string scheme = part(url, CURLUPART_SCHEME);
  const std::string host = part(url, CURLUPART_HOST);
  const std::string port = part(url, CURLUPART_PORT);
  HttpUrl result;
  result.shown =
      scheme + "://" + host + (port.empty() ? "" : ":" + port) + part(url, CURLUPART_PATH);
  result.is_plain = scheme == "http";
  result.is_loopback = is_loopback_host(host);
  if (scheme != "https" && scheme != "http") {
    return fail(http_errc::bad_url, result.shown + ": the scheme is neither https nor http");
  }
  return result;
}

}  // namespace understudy::net
