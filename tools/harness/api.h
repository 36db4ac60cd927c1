#pragma once

/// The reference server's REST API, for the harness and the tests: blocking calls, JSON as text.

#include <memory>
#include <string>
#include <string_view>

#include "shared/core/result.h"
#include "shared/net/http.h"

namespace understudy::harness {

class Api {
 public:
  /// `url` "http://127.0.0.1:8080"; `key` the password of user `nanomdm`.
  Api(std::string url, const std::string& key);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api();

  /// Any status is a success here. Errors: net::http_errc.
  Result<net::HttpResponse> call(std::string_view method, std::string_view path,
                                 std::string body = "",
                                 std::string_view content_type = "application/json");
  /// The body of a 2xx answer. Errors: errc::io with status and body for any other.
  Result<std::string> get(std::string_view path);
  Result<std::string> post(std::string_view path, std::string body);
  Result<std::string> put(std::string_view path, std::string body, std::string_view content_type);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::harness
