#pragma once

/// Private to net/.

#include <exception>
#include <string>

namespace understudy::net {

/// Logs how the coroutine called `name` ended: an exception as an error, a cancellation at debug
/// level only, anything else not at all.
void log_coroutine_end(const std::string& name, const std::exception_ptr& error);

}  // namespace understudy::net
