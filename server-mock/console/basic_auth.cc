#include "server-mock/console/basic_auth.h"

#include "server-mock/console/json_text.h"
#include "shared/crypto/key.h"

namespace understudy::server {
namespace {

constexpr std::string_view kUser = "nanomdm";
constexpr std::string_view kScheme = "basic ";  // compared without regard to case

bool starts_with_basic(std::string_view text) {
  if (text.size() < kScheme.size()) return false;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((text[i] | 0x20) != kScheme[i]) return false;
  }
  return true;
}

}  // namespace

bool is_authorized(const net::IncomingRequest& request, const std::string& api_key) {
  const std::string header = request.headers.find("Authorization").value_or("");
  if (!starts_with_basic(header)) return false;
  const Result<Bytes> given = base64_decode(std::string_view(header).substr(kScheme.size()));
  if (!given) return false;
  const std::string wanted = std::string(kUser) + ":" + api_key;
  return crypto::equal_in_constant_time(*given, as_bytes(wanted));
}

net::HttpResponse unauthorized() {
  net::HttpResponse response =
      error_response(401, "user nanomdm and the API key of the ready line are needed");
  response.headers.set("WWW-Authenticate", "Basic realm=\"understudy\"");
  return response;
}

}  // namespace understudy::server
