#pragma once

/// Where the workflow begins: a console action for one device becomes an entry of the outbound push
/// queue and, after it, one of the event log queue. That order is the documented product's.

#include <string>

#include "server-mock/workflow/event_log_queue.h"
#include "server-mock/workflow/outbound_push_queue.h"
#include "server-mock/workflow/timeline.h"

namespace understudy::server {

struct Submission {
  std::string command_uuid, request_type;
  std::string body;  ///< the whole command as XML, sent to the device as it is
  bool push = true;
};

struct Submitted {
  std::string apns_id;  ///< of the push; empty without one
  bool known = false;   ///< that command was the device's already: nothing was done
};

/// One thread, that of its Store.
class ConsoleAction {
 public:
  ConsoleAction(Store& store, Timeline& timeline, OutboundPushQueue& pushes, EventLogQueue& events,
                const Clock& clock);

  /// Each hop is durable before the next begins. Asking twice is not doing twice. Errors:
  /// errc::not_found (no such device), errc::unsupported (the device is not enrolled),
  /// errc::already_exists (the uuid is another command's).
  Result<Submitted> submit(const Submission& submission, const std::string& device_id);
  /// Errors: as above, but for the last.
  Result<void> require_enrolled(const std::string& device_id);
  /// A push without a command. Errors as above.
  Result<std::string> push_only(const std::string& device_id);
  /// At start: carries on what a crash cut off between two hops.
  Result<void> resume();

 private:
  Result<void> require_same(const Submission& submission, const std::string& device_id);
  Result<std::string> queue(ActionEntry action);

  Store& store_;
  Timeline& timeline_;
  OutboundPushQueue& pushes_;
  EventLogQueue& events_;
  const Clock& clock_;
};

}  // namespace understudy::server
