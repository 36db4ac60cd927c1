#include "server-mock/workflow/console_action.h"

#include "shared/core/crash_point.h"
#include "shared/core/log.h"

namespace understudy::server {

ConsoleAction::ConsoleAction(Store& store, Timeline& timeline, OutboundPushQueue& pushes,
                             EventLogQueue& events, const Clock& clock)
    : store_(store), timeline_(timeline), pushes_(pushes), events_(events), clock_(clock) {}

Result<Submitted> ConsoleAction::submit(const Submission& submission,
                                        const std::string& device_id) {
  UNDERSTUDY_CHECK(require_enrolled(device_id));
  ActionEntry action;
  action.command_uuid = submission.command_uuid;
  action.device_id = device_id;
  action.request_type = submission.request_type;
  action.body = submission.body;
  action.push = submission.push;
  action.at = clock_.now();

  bool is_new = false;
  UNDERSTUDY_CHECK(store_.atomically([&]() -> Result<void> {
    UNDERSTUDY_TRY(is_new, store_.put_action(action));
    if (!is_new) return {};
    return timeline_.add_at(action.at, action.command_uuid, device_id, hop::kAction,
                            action.request_type);
  }));
  if (!is_new) {
    UNDERSTUDY_CHECK(require_same(submission, device_id));
    return Submitted{"", true};
  }
  crash_point("server.action");
  UNDERSTUDY_TRY(std::string apns_id, queue(std::move(action)));
  return Submitted{std::move(apns_id), false};
}

Result<std::string> ConsoleAction::push_only(const std::string& device_id) {
  UNDERSTUDY_CHECK(require_enrolled(device_id));
  return pushes_.enqueue(device_id, "");
}

Result<void> ConsoleAction::resume() {
  UNDERSTUDY_TRY(const std::vector<ActionEntry> unfinished, store_.actions());
  for (const ActionEntry& action : unfinished) {
    log::info("action.resumed", {{"command", action.command_uuid}, {"device", action.device_id}});
    UNDERSTUDY_CHECK(queue(action));
  }
  return {};
}

/// Wherever on its way the known command of that uuid is.
Result<void> ConsoleAction::require_same(const Submission& submission,
                                         const std::string& device_id) {
  std::string request_type, body;
  UNDERSTUDY_TRY(const std::optional<CommandRecord> stored,
                 store_.command(submission.command_uuid, device_id));
  if (stored) {
    request_type = stored->request_type;
    body = stored->body;
  } else {
    UNDERSTUDY_TRY(const auto coming, store_.not_stored_yet(submission.command_uuid));
    for (const EventEntry& event : coming) {
      if (event.device_id != device_id) continue;
      request_type = event.request_type;
      body = event.body;
    }
  }
  if (request_type == submission.request_type && body == submission.body) return {};
  return fail(errc::already_exists,
              "CommandUUID " + submission.command_uuid + " is another command's on device " +
                  device_id + ", " + request_type,
              "give every command a uuid of its own");
}

Result<std::string> ConsoleAction::queue(ActionEntry action) {
  if (action.push && action.apns_id.empty()) {
    UNDERSTUDY_CHECK(store_.atomically([&]() -> Result<void> {
      UNDERSTUDY_TRY(action.apns_id, pushes_.enqueue(action.device_id, action.command_uuid));
      return store_.action_push_queued(action.command_uuid, action.device_id, action.apns_id);
    }));
    crash_point("server.push_queued");
  }
  EventEntry event;
  event.command_uuid = action.command_uuid;
  event.device_id = action.device_id;
  event.request_type = action.request_type;
  event.body = action.body;
  event.at = clock_.now();
  const auto hand_over = [&]() -> Result<void> {
    UNDERSTUDY_CHECK(events_.append(event));
    return store_.forget_action(action.command_uuid, action.device_id);
  };
  UNDERSTUDY_CHECK(store_.atomically(hand_over));
  crash_point("server.event_queued");
  return action.apns_id;
}

Result<void> ConsoleAction::require_enrolled(const std::string& device_id) {
  UNDERSTUDY_TRY(const std::optional<DeviceRecord> device, store_.device(device_id));
  if (!device) {
    return fail(errc::not_found, "device " + device_id + " is not known here",
                "GET /v1/devices lists those that are");
  }
  if (device->state == DeviceRecord::State::enrolled) return {};
  return fail(
      errc::unsupported,
      "device " + device_id + " is " + std::string(state_name(device->state)) + ", not enrolled",
      "enroll it first");
}

}  // namespace understudy::server
