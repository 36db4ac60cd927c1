#pragma once

/// How an enrollment ends, whoever says so: the device with CheckOut or a result, or its next
/// Authenticate. To be called inside the caller's transaction.

#include <string>
#include <vector>

#include "server-mock/workflow/timeline.h"

namespace understudy::server {

/// Why and when, for the timelines of what is cancelled.
struct EndOfWork {
  TimePoint at;
  std::string why;
};

/// Cancels what a device and its user channels will never answer, with the hop `cancelled`. The
/// uuids, for CommandWatch.
Result<std::vector<std::string>> cancel_unfinished(Store& store, Timeline& timeline,
                                                   const std::string& device_id,
                                                   const EndOfWork& end);
/// The same, and nobody is enrolled any more: a user channel is nothing without its device. `id`
/// may be that of one user channel, which ends alone.
Result<std::vector<std::string>> end_enrollment(Store& store, Timeline& timeline,
                                                const std::string& id, DeviceRecord::State state,
                                                const EndOfWork& end);
/// Whether a command, as stored, removes the enrollment profile.
bool removes_enrollment(const CommandRecord& command, const std::string& enrollment_identifier);

}  // namespace understudy::server
