#pragma once

/// Parts without which the server is none: when one breaks, serving on would hide it.

#include <stdexcept>
#include <string>

#include "shared/net/asio.h"

namespace understudy::server {

/// What io_context::run throws when a vital part ended with an exception; names the part.
struct PartFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// As net::spawn, but an exception of `task` comes out of io_context::run as a PartFailed. That it
/// was cancelled is none.
void spawn_vital(const asio::any_io_executor& executor, std::string name, Task<void> task);

}  // namespace understudy::server
