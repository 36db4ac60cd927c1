#pragma once

/// What the client has to know of a URL before libcurl gets it. Private to net/.

#include <string>

#include "shared/core/result.h"

namespace understudy::net {

struct HttpUrl {
  std::string shown;  ///< for messages: without user info, query and fragment
  bool is_plain = false;
  bool is_loopback = false;  ///< by its text; no name is looked up

  /// Errors: http_errc::bad_url (malformed, or a scheme other than http and https).
  static Result<HttpUrl> parse(const std::string& text);
};

}  // namespace understudy::net
