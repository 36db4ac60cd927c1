#pragma once

/// HTTP messages, common to our client and our server.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/crypto/certificate.h"

namespace understudy::net {

/// In order, names kept as received; looked up without regard to case.
struct Headers {
  std::vector<std::pair<std::string, std::string>> items;
  std::optional<std::string> find(std::string_view name) const;
  void set(std::string_view name, std::string value);
};

/// What may stand in a header: an octet that ends its line would begin one of somebody else's.
bool is_one_line(std::string_view text);

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  int redirects = 0;  ///< that our client followed to get it

  static HttpResponse text(int status,
                           std::string body);  ///< text/plain; a line of reason for people
  static HttpResponse of(int status, std::string content_type, std::string body);
};

/// A decoded URL path and query, "/v1/push/A,B?force=1".
struct Target {
  std::string path;  ///< percent-decoded
  std::vector<std::pair<std::string, std::string>> query;
  static Target parse(std::string_view target);
  std::optional<std::string> parameter(std::string_view name) const;
};

std::string percent_encode(std::string_view text);

}  // namespace understudy::net
