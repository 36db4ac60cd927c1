#pragma once

/// --courier and --ca, which enroll and run share.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/process.h"
#include "agent/push/courier.h"

namespace understudy::agent::cli {

/// The certificates of a PEM file; none without a path. Errors: those of io::read_file,
/// crypto::errc.
Result<std::vector<crypto::Certificate>> read_anchors(const std::string& path);
/// "HOST:PORT"; nothing when it is empty. Errors: errc::invalid_argument, also when there are no
/// anchors for a courier that needs them.
Result<std::optional<CourierAddress>> read_courier(const std::string& address,
                                                   const std::vector<crypto::Certificate>& anchors);
/// Null without an address. Errors: those of Courier::make.
Result<std::shared_ptr<Courier>> make_courier(std::optional<CourierAddress> address,
                                              const std::vector<crypto::Certificate>& anchors,
                                              Process& process);

}  // namespace understudy::agent::cli
