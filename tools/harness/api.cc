#include "tools/harness/api.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>

#include "shared/core/errc.h"
#include "shared/net/asio.h"
#include "shared/net/http_client.h"

namespace understudy::harness {
namespace {

Result<std::string> body_of(Result<net::HttpResponse> answer, std::string_view what) {
  if (!answer) return tl::unexpected(std::move(answer).error());
  if (answer->status / 100 != 2) {
    return fail(errc::io, std::string(what) + " answered " + std::to_string(answer->status) + ": " +
                              answer->body);
  }
  return std::move(answer->body);
}

}  // namespace

struct Api::Impl {
  std::string url;
  std::string authorization;
  asio::io_context io;
  net::HttpClient client{io.get_executor()};
};

Api::Api(std::string url, const std::string& key) : impl_(std::make_unique<Impl>()) {
  impl_->url = std::move(url);
  impl_->authorization = "Basic " + base64_encode(as_bytes("nanomdm:" + key));
}

Api::~Api() = default;

Result<net::HttpResponse> Api::call(std::string_view method, std::string_view path,
                                    std::string body, std::string_view content_type) {
  net::HttpRequest request;
  request.method = method;
  request.url = impl_->url + std::string(path);
  request.headers.set("Authorization", impl_->authorization);
  if (!body.empty()) request.headers.set("Content-Type", std::string(content_type));
  request.body = std::move(body);
  request.allow_plain_http = true;

  std::optional<Result<net::HttpResponse>> answer;
  std::exception_ptr error;
  auto done = [&](const std::exception_ptr& thrown, Result<net::HttpResponse> result) {
    error = thrown;
    answer.emplace(std::move(result));
  };
  impl_->io.restart();
  asio::co_spawn(impl_->io, impl_->client.send(std::move(request)), done);
  while (!answer && impl_->io.run_one() > 0) {
  }
  if (error) std::rethrow_exception(error);
  if (!answer) return fail(errc::cancelled, "the request ended without an answer");
  return std::move(*answer);
}

Result<std::string> Api::get(std::string_view path) {
  return body_of(call("GET", path), "GET " + std::string(path));
}

Result<std::string> Api::post(std::string_view path, std::string body) {
  return body_of(call("POST", path, std::move(body)), "POST " + std::string(path));
}

Result<std::string> Api::put(std::string_view path, std::string body,
                             std::string_view content_type) {
  return body_of(call("PUT", path, std::move(body), content_type), "PUT " + std::string(path));
}

}  // namespace understudy::harness
