#pragma once

/// Which fault rule struck a push, for whoever looks at the push afterwards.

#include <memory>
#include <string>

namespace understudy::apns_mock {

struct FaultNote {
  std::string hop, action;  ///< as fault_points.h names them
  std::string rule;         ///< its id
};
using FaultNotePtr = std::shared_ptr<const FaultNote>;  ///< null: none

}  // namespace understudy::apns_mock
