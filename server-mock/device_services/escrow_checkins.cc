// The part of CheckinService that keeps and gives: bootstrap tokens, tokens for services, the way
// back to service.

#include <algorithm>

#include "server-mock/device_services/checkin_service.h"
#include "server-mock/device_services/enrollment_end.h"
#include "shared/core/log.h"
#include "shared/plist/plist.h"

namespace understudy::server {

using State = DeviceRecord::State;

namespace {

Result<net::HttpResponse> reply_with(plist::Dict reply) {
  UNDERSTUDY_TRY(std::string xml, plist::write_xml(plist::Value(std::move(reply))));
  return net::HttpResponse::of(200, "application/xml", std::move(xml));
}

}  // namespace

Result<net::HttpResponse> CheckinService::other(const mdm::OtherCheckin& message) {
  if (message.message_type == "SetBootstrapToken") return set_bootstrap_token(message);
  if (message.message_type == "GetBootstrapToken") return get_bootstrap_token(message);
  if (message.message_type == "GetToken") return get_token(message);
  if (message.message_type == "ReturnToService") return return_to_service(message);
  if (message.message_type == "UserAuthenticate") {
    return fail(device_errc::not_managed, "UserAuthenticate",
                "this server manages no directory users");
  }
  return fail(device_errc::bad_request, "a check-in of type " + message.message_type,
              "this server does not offer it");
}

Result<net::HttpResponse> CheckinService::set_bootstrap_token(const mdm::OtherCheckin& message) {
  UNDERSTUDY_TRY(DeviceRecord device, enrolled_device(message.sender.device_id()));
  const auto token = message.body.find("BootstrapToken");
  const Bytes* bytes = token == message.body.end() ? nullptr : token->second.if_data();
  device.bootstrap_token = bytes == nullptr ? Bytes() : *bytes;
  device.bootstrap_token_at = clock_.now();
  const auto awaiting = message.body.find("AwaitingConfiguration");
  const bool* awaits = awaiting == message.body.end() ? nullptr : awaiting->second.if_bool();
  if (awaits != nullptr) device.awaiting_configuration = *awaits;
  device.last_seen_at = clock_.now();
  UNDERSTUDY_CHECK(store_.put_device(device));
  log::info("bootstrap_token.stored",
            {{"device", device.id}, {"octets", std::to_string(device.bootstrap_token.size())}});
  net::HttpResponse accepted;
  accepted.status = 200;
  return accepted;
}

Result<net::HttpResponse> CheckinService::get_bootstrap_token(const mdm::OtherCheckin& message) {
  UNDERSTUDY_TRY(const DeviceRecord device, enrolled_device(message.sender.device_id()));
  plist::Dict reply;
  if (!device.bootstrap_token.empty()) reply["BootstrapToken"] = device.bootstrap_token;
  return reply_with(std::move(reply));
}

Result<net::HttpResponse> CheckinService::get_token(const mdm::OtherCheckin& message) {
  UNDERSTUDY_CHECK(enrolled_device(message.sender.device_id()));
  UNDERSTUDY_TRY(const std::string token, tokens_.make(message));
  return reply_with({{"TokenData", to_bytes(token)}});
}

/// The device erases itself when it has read the answer, and says no more: its enrollment ends
/// here. With its bootstrap token it keeps its apps (7.12). Whether it read the answer we cannot
/// know: one that asks again did not, and gets the same, token included, until it authenticates.
Result<net::HttpResponse> CheckinService::return_to_service(const mdm::OtherCheckin& message) {
  const std::string id = message.sender.device_id();
  UNDERSTUDY_TRY(const DeviceRecord device, device_in(id, {State::enrolled, State::erased}));
  UNDERSTUDY_TRY(const std::string profile, enrollments_.scep_profile());
  plist::Dict settings = {{"Enabled", true}, {"MDMProfileData", to_bytes(profile)}};
  if (!device.bootstrap_token.empty()) settings["BootstrapToken"] = device.bootstrap_token;
  std::vector<std::string> cancelled;
  const auto work = [&]() -> Result<void> {
    const EndOfWork end{clock_.now(), "the device returns to service"};
    UNDERSTUDY_TRY(cancelled, end_enrollment(store_, timeline_, id, State::erased, end));
    DeviceRecord erased = device;
    erased.state = State::erased;
    erased.unlock_token.clear();
    erased.last_seen_at = end.at;
    return store_.put_device(erased);
  };
  UNDERSTUDY_CHECK(store_.atomically(work));
  for (const std::string& uuid : cancelled) watch_.changed(uuid);
  log::info("device.returns_to_service", {{"device", id}});
  return reply_with({{"ReturnToService", std::move(settings)}});
}

Result<DeviceRecord> CheckinService::enrolled_device(const std::string& id) {
  return device_in(id, {State::enrolled});
}

Result<DeviceRecord> CheckinService::device_in(const std::string& id,
                                               std::initializer_list<State> states) {
  UNDERSTUDY_TRY(std::optional<DeviceRecord> device, store_.device(id));
  if (device && std::find(states.begin(), states.end(), device->state) != states.end()) {
    return std::move(*device);
  }
  return fail(not_enrolled(device), "device " + id + " is not enrolled",
              "send Authenticate and TokenUpdate first");
}

}  // namespace understudy::server
