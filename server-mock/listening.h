#pragma once

/// Which address a listener binds, by which address this machine reaches it, and by which name
/// others do.

#include <cstdint>
#include <string>

#include "shared/core/result.h"
#include "shared/net/asio.h"

namespace understudy::server {

/// The wanted port; for 0 the one of the last start if nobody took it meanwhile, else 0.
net::HostPort choose_address(const asio::any_io_executor& executor, const std::string& listen,
                             std::uint16_t wanted, std::uint16_t last);

/// What can be said of --listen and --host before anything is made. Errors: errc::invalid_argument
/// for a host that cannot stand in URLs and certificates; errc::io when nothing can listen there.
Result<void> check_addresses(const asio::any_io_executor& executor, const std::string& listen,
                             const std::string& host);

/// `listen` itself, but loopback where it means every address of the machine.
std::string own_address(const std::string& listen);

}  // namespace understudy::server
