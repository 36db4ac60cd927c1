#include "server-mock/device_services/checkin_service.h"

#include "server-mock/device_services/enrollment_end.h"
#include "shared/core/log.h"

namespace understudy::server {
namespace {

/// What every user of a Shared iPad sends as UserID (7.5).
constexpr std::string_view kSharedIpadUser = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

net::HttpResponse accepted() {
  net::HttpResponse response;
  response.status = 200;
  return response;
}

void introduce(DeviceRecord& device, const mdm::Authenticate& message) {
  device.serial_number = message.serial_number;
  device.model = message.model;
  device.model_name = message.model_name;
  device.product_name = message.product_name;
  device.device_name = message.device_name;
  device.os_version = message.os_version;
  device.build_version = message.build_version;
  device.imei = message.imei;
  device.meid = message.meid;
}

}  // namespace

std::string enrollment_id(const mdm::Sender& sender) {
  if (!sender.user_channel()) return sender.device_id();
  const bool is_shared = sender.user_id == kSharedIpadUser;
  return sender.device_id() + ":" + (is_shared ? sender.user_short_name : sender.user_id);
}

CheckinService::CheckinService(Store& store, Timeline& timeline, OutboundPushQueue& pushes,
                               CommandWatch& watch, EnrollmentService& enrollments,
                               ServiceTokens& tokens, const Clock& clock,
                               std::string enrollment_identifier)
    : store_(store),
      timeline_(timeline),
      pushes_(pushes),
      watch_(watch),
      enrollments_(enrollments),
      tokens_(tokens),
      clock_(clock),
      enrollment_identifier_(std::move(enrollment_identifier)),
      binding_(store) {}

Result<net::HttpResponse> CheckinService::handle(const plist::Value& value,
                                                 const crypto::Certificate& certificate) {
  UNDERSTUDY_TRY(const mdm::Checkin message, mdm::parse_checkin(value));
  if (const auto* authenticate_message = std::get_if<mdm::Authenticate>(&message)) {
    return authenticate(*authenticate_message, certificate);
  }
  UNDERSTUDY_CHECK(binding_.require(certificate, mdm::sender_of(message).device_id()));
  if (const auto* update = std::get_if<mdm::TokenUpdate>(&message)) {
    return token_update(*update, certificate);
  }
  if (const auto* leaving = std::get_if<mdm::CheckOut>(&message)) return check_out(*leaving);
  return other(std::get<mdm::OtherCheckin>(message));
}

Result<net::HttpResponse> CheckinService::authenticate(const mdm::Authenticate& message,
                                                       const crypto::Certificate& certificate) {
  const std::string id = message.sender.device_id();
  const TimePoint now = clock_.now();
  std::vector<std::string> cancelled;
  const auto work = [&]() -> Result<void> {
    UNDERSTUDY_CHECK(binding_.bind(certificate, id));
    UNDERSTUDY_TRY(std::optional<DeviceRecord> known, store_.device(id));
    // A renewal begins with the same message, and may stop here: the enrollment stays as it is
    // until TokenUpdate (1.23), and what is in escrow stays anyhow (1.25). A device that left and
    // comes back is another one to us.
    const bool is_renewal = known && known->state == DeviceRecord::State::enrolled;
    const bool stayed = known && (is_renewal || known->state == DeviceRecord::State::authenticated);
    DeviceRecord device = stayed ? std::move(*known) : DeviceRecord();
    device.id = id;
    device.certificate = certificate.fingerprint();
    device.last_seen_at = now;
    introduce(device, message);
    const EndOfWork end{now, "enrolled anew"};
    if (!is_renewal) UNDERSTUDY_CHECK(require_topic("Authenticate", message.topic, device));
    if (is_renewal) {
      UNDERSTUDY_TRY(cancelled, cancel_unfinished(store_, timeline_, id, end));
      return store_.put_device(device);
    }
    UNDERSTUDY_TRY(cancelled,
                   end_enrollment(store_, timeline_, id, DeviceRecord::State::checked_out, end));
    device.state = DeviceRecord::State::authenticated;
    device.topic = message.topic;
    return store_.put_device(device);
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  for (const std::string& uuid : cancelled) watch_.changed(uuid);
  log::info("device.authenticated", {{"device", id}});
  return accepted();
}

Result<net::HttpResponse> CheckinService::token_update(const mdm::TokenUpdate& message,
                                                       const crypto::Certificate& certificate) {
  const std::string id = enrollment_id(message.sender);
  const auto work = [&]() -> Result<void> {
    UNDERSTUDY_TRY(std::optional<DeviceRecord> record, store_.device(message.sender.device_id()));
    const bool is_known = record && (record->state == DeviceRecord::State::enrolled ||
                                     record->state == DeviceRecord::State::authenticated);
    if (!is_known) {
      return fail(not_enrolled(record), "TokenUpdate of device " + id + " without Authenticate",
                  "send Authenticate first");
    }
    UNDERSTUDY_CHECK(require_topic("TokenUpdate", message.topic, *record));
    DeviceRecord device = std::move(*record);
    if (message.sender.user_channel()) {
      UNDERSTUDY_TRY(const std::optional<DeviceRecord> user, store_.device(id));
      device.unlock_token.clear();
      device.bootstrap_token.clear();
      device.bootstrap_token_at = {};
      device.user_short_name = message.sender.user_short_name;
      device.user_long_name = message.sender.user_long_name;
      device.state = user ? user->state : DeviceRecord::State::authenticated;
      device.id = id;
    }
    if (device.state != DeviceRecord::State::enrolled) device.enrolled_at = clock_.now();
    device.state = DeviceRecord::State::enrolled;
    device.topic = message.topic;
    device.push_magic = message.push_magic;
    device.push_token = message.token;
    device.awaiting_configuration = message.awaiting_configuration.value_or(false);
    device.not_on_console = message.not_on_console.value_or(false);
    device.certificate = certificate.fingerprint();
    device.last_seen_at = clock_.now();
    if (message.unlock_token && !message.unlock_token->empty()) {
      device.unlock_token = *message.unlock_token;
    }
    UNDERSTUDY_CHECK(store_.put_device(device));
    return wake_for_open_commands(id);
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  log::info("device.enrolled", {{"device", id}, {"topic", message.topic}});
  return accepted();
}

/// A topic that we cannot push to would make an enrollment that nobody can wake. A device that has
/// one keeps it: its certificate may have been replaced since (12.8).
Result<void> CheckinService::require_topic(std::string_view message, const std::string& topic,
                                           const DeviceRecord& device) {
  if (topic == device.topic) return {};
  std::string ours;
  for (const char* environment : kPushEnvironments) {
    UNDERSTUDY_TRY(const auto certificate, store_.push_certificate(environment));
    if (!certificate) continue;
    if (certificate->topic == topic) return {};
    ours += (ours.empty() ? "" : " or ") + certificate->topic;
  }
  return fail(device_errc::bad_request,
              std::string(message) + " of device " + device.id + " for topic '" + topic + "'",
              "repeat the enrollment profile's topic; this server pushes for " +
                  (ours.empty() ? "none" : ours));
}

/// What was queued while the token was stale reached nobody (7.13, 12.9).
Result<void> CheckinService::wake_for_open_commands(const std::string& id) {
  UNDERSTUDY_TRY(const std::optional<CommandRecord> open, store_.next_command(id));
  if (!open) return {};
  UNDERSTUDY_TRY(const std::string apns_id, pushes_.enqueue(id, open->uuid));
  log::debug("device.woken_for_open_commands", {{"device", id}, {"apns_id", apns_id}});
  return {};
}

Result<net::HttpResponse> CheckinService::check_out(const mdm::CheckOut& message) {
  const std::string id = enrollment_id(message.sender);
  const TimePoint now = clock_.now();
  std::vector<std::string> cancelled;
  const auto work = [&]() -> Result<void> {
    UNDERSTUDY_TRY(std::optional<DeviceRecord> device, store_.device(id));
    if (!device) {
      return fail(device_errc::forbidden, "CheckOut of device " + id + ", which is not enrolled");
    }
    device->last_seen_at = now;
    UNDERSTUDY_CHECK(store_.put_device(*device));
    UNDERSTUDY_CHECK(finish_removal(id));
    const EndOfWork end{now, "checked out"};
    UNDERSTUDY_TRY(cancelled,
                   end_enrollment(store_, timeline_, id, DeviceRecord::State::checked_out, end));
    return {};
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  for (const std::string& uuid : cancelled) watch_.changed(uuid);
  log::info("device.checked_out", {{"device", id}});
  return accepted();
}

/// A device that leaves because it was told to has done as told, whether its Acknowledged comes
/// (before or after the CheckOut) or not: docs/protocol/device-facts.md 11.5.
Result<void> CheckinService::finish_removal(const std::string& device_id) {
  UNDERSTUDY_TRY(const std::optional<CommandRecord> command, store_.next_command(device_id));
  if (!command || command->status != CommandRecord::Status::sent) return {};
  if (!removes_enrollment(*command, enrollment_identifier_)) return {};
  UNDERSTUDY_CHECK(store_.set_command_status(command->uuid, device_id,
                                             CommandRecord::Status::acknowledged, command->result,
                                             clock_.now()));
  watch_.changed(command->uuid);
  return timeline_.add(command->uuid, device_id, hop::kResult, "CheckOut: the device left");
}

}  // namespace understudy::server
