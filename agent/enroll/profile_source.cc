#include "agent/enroll/profile_source.h"

#include "agent/identity/trust.h"
#include "agent/session/checkin.h"
#include "shared/io/file.h"

namespace understudy::agent {

bool is_url(const std::string& source) {
  return source.starts_with("http://") || source.starts_with("https://");
}

Result<Bytes> read_profile(const std::string& path) {
  return io::read_file(path, kMaxProfileBytes);
}

Task<Result<net::HttpResponse>> fetch_profile(net::HttpClient& http, std::string url,
                                              std::vector<crypto::Certificate> anchors,
                                              bool allow_http) {
  net::HttpRequest request;
  request.url = url;
  request.headers.set("Accept", std::string(mdm::kProfileContentType));
  request.max_redirects = 5;
  request.max_response_bytes = kMaxProfileBytes;
  request.allow_plain_http = allow_http;
  auto credentials = make_credentials(std::move(anchors));
  UNDERSTUDY_CO_TRY(auto answer, co_await send_trusting(http, std::move(request), credentials));
  if (answer.status != 200) {
    co_return fail(errc::not_found,
                   "fetch " + url + ": " + describe_answer(answer.status, answer.body),
                   "check the URL of the enrollment profile");
  }
  co_return answer;
}

}  // namespace understudy::agent
