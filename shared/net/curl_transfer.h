#pragma once

/// One request of an HttpClient, from its options to its answer. Private to net/.

#include <curl/curl.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "shared/net/curl_credentials.h"
#include "shared/net/curl_multi.h"
#include "shared/net/http_url.h"

namespace understudy::net {

/// Stays where it was made: libcurl points into it.
class CurlTransfer final : public CurlListener {
 public:
  CurlTransfer(std::shared_ptr<CurlMulti> multi, const asio::any_io_executor& executor,
               HttpRequest request);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;
  /// Ends the transfer if it is under way.
  ~CurlTransfer();

  /// Errors: http_errc, errc::invalid_argument, crypto::errc.
  Result<void> start(CredentialCache& cache);
  /// Until the end, or until the coroutine is cancelled.
  Task<void> wait();
  /// What came of it. Errors: http_errc; errc::cancelled when there was no end yet.
  Result<HttpResponse> result();
  void cancel();

 private:
  void finished(CURLcode code) override;
  Result<void> set_headers();
  void set_method();
  void set_connection();
  void set_callbacks();
  template <class Value>
  void set(CURLoption option, Value value);
  bool is_full(std::size_t more);
  tl::unexpected<Error> failure(CURLcode ended) const;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);

  std::shared_ptr<CurlMulti> multi_;
  HttpRequest request_;
  HttpUrl url_;
  CredentialCache::Prepared credentials_;
  CURL* easy_ = nullptr;
  bool added_ = false;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool is_too_large_ = false;
  asio::steady_timer done_;  ///< never expires; its cancellation is the news
  std::optional<CURLcode> code_;
};

}  // namespace understudy::net
