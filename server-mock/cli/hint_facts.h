#pragma once

/// What `apns hint` finds out from a data directory and from the system.

#include <filesystem>

#include "server-mock/apns/hints.h"
#include "shared/core/result.h"

namespace understudy::server {

/// The ports of the server that runs, or ran last, on the folder. Writes `ca-bundle.pem` there when
/// the system has a bundle of CAs. Errors: errc::not_found when no push service ever ran on it,
/// errc::unsupported when that one has no proxy and `target` needs one, errc::io, errc::corrupt.
Result<apns_mock::HintFacts> hint_facts(apns_mock::HintTarget target,
                                        const std::filesystem::path& data_dir);

}  // namespace understudy::server
