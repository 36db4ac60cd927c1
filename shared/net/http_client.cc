#include "shared/net/http_client.h"

#include <unordered_set>

#include "shared/core/errc.h"
#include "shared/net/curl_transfer.h"

namespace understudy {

std::string ErrcTraits<net::http_errc>::describe(net::http_errc code) {
  switch (code) {
    case net::http_errc::connect:
      return "no connection";
    case net::http_errc::tls:
      return "TLS failed";
    case net::http_errc::timeout:
      return "no answer in time";
    case net::http_errc::too_large:
      return "the answer is too large";
    case net::http_errc::bad_url:
      return "the URL cannot be used";
    case net::http_errc::redirect:
      return "a redirect cannot be followed";
    case net::http_errc::protocol:
      return "HTTP failed";
  }
  return "unknown HTTP error";
}

namespace net {

struct HttpClient::Impl {
  explicit Impl(const asio::any_io_executor& on)
      : executor(on), multi(std::make_shared<CurlMulti>(on)) {}

  asio::any_io_executor executor;
  std::shared_ptr<CurlMulti> multi;
  CredentialCache cache;
  std::unordered_set<CurlTransfer*> active;
  bool closed = false;
  static Task<Result<HttpResponse>> send(std::shared_ptr<Impl> impl, HttpRequest request);
};

namespace {

/// In the set for as long as its coroutine waits, however that ends.
struct Entry {
  Entry(std::unordered_set<CurlTransfer*>& in, CurlTransfer* it) : set(in), transfer(it) {
    set.insert(transfer);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { set.erase(transfer); }
  std::unordered_set<CurlTransfer*>& set;
  CurlTransfer* transfer;
};

}  // namespace

Task<Result<HttpResponse>> HttpClient::Impl::send(std::shared_ptr<Impl> impl, HttpRequest request) {
  if (impl->closed) {
    co_return fail(errc::cancelled, request.method + ": the HTTP client is closed");
  }
  CurlTransfer transfer(impl->multi, impl->executor, std::move(request));
  UNDERSTUDY_CO_CHECK(transfer.start(impl->cache));
  const Entry entry(impl->active, &transfer);
  co_await transfer.wait();
  co_return transfer.result();
}

HttpClient::HttpClient(const asio::any_io_executor& executor)
    : impl_(std::make_shared<Impl>(executor)) {}

HttpClient::~HttpClient() {
  impl_->closed = true;
  for (CurlTransfer* transfer : impl_->active) transfer->cancel();
}

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
  return Impl::send(impl_, std::move(request));
}

}  // namespace net
}  // namespace understudy
