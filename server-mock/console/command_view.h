#pragma once

/// A command as the API shows it, also while it is on its way into the command store.

#include <optional>
#include <string>
#include <vector>

#include "server-mock/store/store.h"

namespace understudy::server {

struct CommandView {
  std::string uuid, device_id, request_type, status;
  bool finished = false;
  std::string result;  ///< the device's XML
};

/// The command of that uuid; `device_id` tells several apart. Errors: errc::not_found,
/// errc::already_exists (several devices have it and none was named; the context lists them).
Result<CommandView> find_command(Store& store, const std::string& uuid,
                                 const std::optional<std::string>& device_id);

/// {"command_uuid", "device_id", "request_type", "status", "timeline": [{"hop", "at", "detail"}]}
/// as text. Source: docs/openapi.yaml.
Result<std::string> command_json(Store& store, const CommandView& command);

}  // namespace understudy::server
