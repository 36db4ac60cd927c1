#pragma once

/// Writes the hops of a command's way, each with the time it happened.

#include <string>

#include "server-mock/store/store.h"
#include "shared/core/clock.h"

namespace understudy::server {

/// The hops of the documented workflow, in their order, and what may happen besides.
namespace hop {
inline constexpr const char* kAction = "action";
inline constexpr const char* kPushQueued = "push_queued";
inline constexpr const char* kEventQueued = "event_queued";
inline constexpr const char* kCommandStored = "command_stored";
inline constexpr const char* kPushSent = "push_sent";
inline constexpr const char* kPushDelivered = "push_delivered";
inline constexpr const char* kIdle = "idle";
inline constexpr const char* kCommandSent = "command_sent";
inline constexpr const char* kResult = "result";
inline constexpr const char* kEmptyWake = "empty_wake";
inline constexpr const char* kPushRetry = "push_retry";
inline constexpr const char* kPushFailed = "push_failed";
inline constexpr const char* kNotNow = "not_now";
inline constexpr const char* kCancelled = "cancelled";
}  // namespace hop

/// One thread, that of its Store.
class Timeline {
 public:
  Timeline(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  Result<void> add(const std::string& command_uuid, const std::string& device_id,
                   const char* hop_name, std::string detail = "");
  /// For a hop that is written down later than it happened.
  Result<void> add_at(TimePoint at, const std::string& command_uuid, const std::string& device_id,
                      const char* hop_name, std::string detail = "");
  /// The same hop for every unfinished command of a device, unless it is the last one already.
  Result<void> add_to_waiting(const std::string& device_id, const char* hop_name,
                              std::string detail);

 private:
  Store& store_;
  const Clock& clock_;
};

}  // namespace understudy::server
