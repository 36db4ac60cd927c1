#include "server-mock/device_services/report_service.h"

#include "server-mock/device_services/checkin_service.h"
#include "server-mock/device_services/enrollment_end.h"
#include "shared/core/crash_point.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

CommandRecord::Status status_of(mdm::Status status) {
  switch (status) {
    case mdm::Status::acknowledged:
      return CommandRecord::Status::acknowledged;
    case mdm::Status::command_format_error:
      return CommandRecord::Status::format_error;
    case mdm::Status::not_now:
      return CommandRecord::Status::not_now;
    case mdm::Status::idle:  // has no command; the caller has told it apart
    case mdm::Status::error:
      break;
  }
  return CommandRecord::Status::error;
}

std::string describe(const mdm::Report& report) {
  std::string text(mdm::status_name(report.status));
  if (report.error_chain.empty()) return text;
  const mdm::ErrorEntry& top = report.error_chain.front();
  return text + ": " + top.domain + " " + std::to_string(top.code) + ", " + top.description;
}

/// "Idle, 2 commands waiting, iPhone15,2 18.1": the system as the device introduced itself.
std::string describe_idle(const DeviceRecord& device, std::int64_t waiting) {
  std::string text =
      "Idle, " + std::to_string(waiting) + (waiting == 1 ? " command" : " commands") + " waiting";
  if (!device.product_name.empty()) text += ", " + device.product_name;
  if (!device.os_version.empty()) text += " " + device.os_version;
  return text;
}

net::HttpResponse nothing_more() {
  net::HttpResponse response;
  response.status = 200;
  return response;
}

}  // namespace

ReportService::ReportService(Store& store, Timeline& timeline, CommandWatch& watch,
                             const Clock& clock, std::string enrollment_identifier)
    : store_(store),
      timeline_(timeline),
      watch_(watch),
      clock_(clock),
      enrollment_identifier_(std::move(enrollment_identifier)),
      binding_(store) {}

Result<net::HttpResponse> ReportService::handle(const plist::Value& message, const std::string& raw,
                                                const crypto::Certificate& certificate) {
  UNDERSTUDY_TRY(const mdm::Report report, mdm::parse_report(message));
  const std::string id = enrollment_id(report.sender);
  UNDERSTUDY_CHECK(binding_.require(certificate, report.sender.device_id()));
  UNDERSTUDY_TRY(const std::optional<DeviceRecord> device, store_.device(id));
  UNDERSTUDY_TRY(const std::optional<DeviceRecord> owner, store_.device(report.sender.device_id()));
  // A user channel speaks as long as its device is enrolled.
  const bool is_enrolled = device && device->state == DeviceRecord::State::enrolled && owner &&
                           owner->state == DeviceRecord::State::enrolled;
  // The answer to the command that ended the enrollment may come after the end (11.5), and again
  // when ours got lost (8.5).
  const bool is_leaving = device && report.status != mdm::Status::idle &&
                          (device->state == DeviceRecord::State::checked_out ||
                           device->state == DeviceRecord::State::erased);
  if (!is_enrolled && !is_leaving) {
    return fail(not_enrolled(owner), "a report of device " + id + ", which is not enrolled",
                "send Authenticate and TokenUpdate first");
  }
  if (report.status == mdm::Status::idle) {
    UNDERSTUDY_CHECK(begin(*device));
  } else {
    UNDERSTUDY_CHECK(take_result(*device, report, raw));
    if (is_leaving) return nothing_more();
  }
  return next(id);
}

Result<void> ReportService::begin(DeviceRecord device) {
  device.last_seen_at = clock_.now();
  const auto work = [&]() -> Result<void> {
    UNDERSTUDY_CHECK(store_.put_device(device));
    UNDERSTUDY_CHECK(store_.requeue_not_now(device.id, device.last_seen_at));
    UNDERSTUDY_TRY(const std::int64_t waiting, store_.waiting_commands(device.id));
    log::debug("device.idle", {{"device", device.id}, {"waiting", std::to_string(waiting)}});
    return timeline_.add_to_waiting(device.id, hop::kIdle, describe_idle(device, waiting));
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  crash_point("server.idle");
  return {};
}

Result<void> ReportService::take_result(DeviceRecord device, const mdm::Report& report,
                                        const std::string& raw) {
  UNDERSTUDY_TRY(const std::optional<CommandRecord> command,
                 store_.command(report.command_uuid, device.id));
  if (!command) {
    // Refusing would make the device send it for ever.
    log::warn("result.unknown_command", {{"device", device.id}, {"command", report.command_uuid}});
    return store_.count("results_of_unknown_commands");
  }
  device.last_seen_at = clock_.now();
  const bool is_done = report.status == mdm::Status::acknowledged;
  const auto work = [&]() -> Result<void> {
    UNDERSTUDY_CHECK(store_.put_device(device));
    UNDERSTUDY_CHECK(store_result(*command, report, raw));
    if (is_done && command->request_type == "EraseDevice") {
      return leave(device.id, DeviceRecord::State::erased, "the device was erased");
    }
    if (is_done && removes_enrollment(*command, enrollment_identifier_)) {
      return leave(device.id, DeviceRecord::State::checked_out, "the enrollment was removed");
    }
    return {};
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  crash_point("server.result");
  watch_.changed(report.command_uuid);
  return {};
}

/// A device sends its result again when our answer got lost (8.5): the second is the same result.
/// A result that comes after a cancellation is taken, since it tells what the device really did; a
/// NotNow is not, since the device did nothing and is not asked again.
Result<void> ReportService::store_result(const CommandRecord& command, const mdm::Report& report,
                                         const std::string& raw) {
  const bool is_refusal = report.status == mdm::Status::not_now;
  if (is_refusal && command.finished()) return store_.count("results_repeated");
  const bool was_answered =
      command.finished() && command.status != CommandRecord::Status::cancelled;
  if (was_answered && !command.result.empty()) {
    return store_.count("results_repeated");
  }
  UNDERSTUDY_CHECK(store_.set_command_status(command.uuid, command.device_id,
                                             status_of(report.status), raw, clock_.now()));
  if (was_answered) return {};  // its CheckOut was the result so far
  return timeline_.add(command.uuid, command.device_id, is_refusal ? hop::kNotNow : hop::kResult,
                       describe(report));
}

Result<void> ReportService::leave(const std::string& id, DeviceRecord::State state,
                                  const std::string& why) {
  const EndOfWork end{clock_.now(), why};
  UNDERSTUDY_TRY(const std::vector<std::string> cancelled,
                 end_enrollment(store_, timeline_, id, state, end));
  for (const std::string& uuid : cancelled) watch_.changed(uuid);
  return {};
}

Result<net::HttpResponse> ReportService::next(const std::string& device_id) {
  UNDERSTUDY_TRY(const std::optional<CommandRecord> command, store_.next_command(device_id));
  if (!command) {
    UNDERSTUDY_CHECK(note_empty_wakes(device_id));
    return nothing_more();
  }
  const bool again = command->status == CommandRecord::Status::sent;
  const auto work = [&]() -> Result<void> {
    UNDERSTUDY_CHECK(store_.set_command_status(
        command->uuid, device_id, CommandRecord::Status::sent, command->result, clock_.now()));
    return timeline_.add(command->uuid, device_id, hop::kCommandSent,
                         std::to_string(command->body.size()) + " octets" +
                             (again ? ", again: no answer so far" : ""));
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  crash_point("server.command_sent");
  return net::HttpResponse::of(200, "application/xml", command->body);
}

/// The device came for a command that the queue monitor has not stored yet.
Result<void> ReportService::note_empty_wakes(const std::string& device_id) {
  UNDERSTUDY_TRY(const std::vector<std::string> uuids, store_.pushed_but_not_stored(device_id));
  for (const std::string& uuid : uuids) {
    UNDERSTUDY_CHECK(timeline_.add(uuid, device_id, hop::kEmptyWake,
                                   "the device came before the command was stored"));
    UNDERSTUDY_CHECK(store_.count("empty_wakes"));
  }
  return {};
}

}  // namespace understudy::server
