#pragma once

/// What stands behind the question mark. Inside console/ only.

#include <cstdint>

#include "shared/core/result.h"
#include "shared/net/http.h"

namespace understudy::server {

/// How long a request may wait for something to happen, in seconds.
inline constexpr std::int64_t kMaxWaitSeconds = 300;

/// A whole number from 0 to `most`; `preset` when the parameter is not there. Errors:
/// errc::invalid_argument, with the range.
Result<std::int64_t> query_number(const net::Target& target, const char* name, std::int64_t preset,
                                  std::int64_t most);

}  // namespace understudy::server
