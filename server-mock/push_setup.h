#pragma once

/// What --policy, --fault and --faults say about the push service, for both programs.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server-mock/apns/policies.h"
#include "server-mock/faults/engine.h"
#include "shared/core/rng.h"

namespace understudy::server {

/// Each "NAME=VALUE". Errors: errc::invalid_argument, naming what there is.
Result<apns_mock::Policies> read_policies(const std::vector<std::string>& settings);

struct FaultFlags {
  std::vector<std::string> rules;            ///< HOP:ACTION[,KEY=VALUE...] or a JSON object
  std::vector<std::filesystem::path> files;  ///< JSON; their rules come first
};

/// With the rules set. Errors: errc::invalid_argument and errc::already_exists (a bad rule, with
/// its file), errc::limit, errc::io.
Result<std::shared_ptr<faults::Engine>> read_faults(const FaultFlags& flags, const Rng& rng);

/// Whether both can be read: before a start leaves anything behind. Errors: as theirs.
Result<void> check_push_setup(const std::vector<std::string>& policies, const FaultFlags& faults);

}  // namespace understudy::server
