#include "agent/session/checkin.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

constexpr std::string_view kUnrecognized = "com.apple.unrecognized.device";
constexpr std::size_t kLongestReason = 400;
/// What every user of a Shared iPad sends as UserID: nobody authenticates (7.5).
constexpr const char* kSharedIpadUser = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

/// The body is JSON or a property list, as its Content-Type says; the first octet says it too.
bool is_unrecognized_device(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json.contains("code") && json["code"] == kUnrecognized;
  plist::ReadOptions options;
  options.mode = plist::Mode::tolerant;
  const auto value = plist::read(as_bytes(body), options);
  return value && value->string_at("code") == kUnrecognized;
}

}  // namespace

mdm::Sender sender_of(const Device& device, mdm::Channel channel) {
  mdm::Sender sender;
  sender.udid = device.hardware.udid;
  const User* user = user_on_channel(device);
  if (channel == mdm::Channel::device || user == nullptr) return sender;
  sender.user_id = device.shared_ipad ? kSharedIpadUser : user->guid;
  sender.user_short_name = user->name;
  if (!device.shared_ipad) sender.user_long_name = user->full_name;
  return sender;
}

std::optional<bool> not_on_console(const Device& device, mdm::Channel channel) {
  const bool has_key =
      channel == mdm::Channel::user && device.hardware.platform == mdm::Platform::macos;
  return has_key ? std::optional<bool>(is_not_on_console(device)) : std::nullopt;
}

mdm::Authenticate make_authenticate(const Device& device) {
  const Hardware& hardware = device.hardware;
  mdm::Authenticate message;
  message.sender = sender_of(device);
  message.topic = device.enrollment->mdm.topic;
  if (hardware.platform == mdm::Platform::macos) {
    message.device_name = device.name;
    message.model_name = hardware.model_name;
    message.model = hardware.model;
  }
  if ((device.enrollment->mdm.access_rights & mdm::rights::kDeviceInformation) != 0) {
    message.os_version = hardware.os_version;
    message.build_version = hardware.build_version;
    message.product_name = hardware.product_name;
    message.serial_number = hardware.serial_number;
    message.imei = hardware.imei;
    message.meid = hardware.meid;
  }
  return message;
}

mdm::TokenUpdate make_token_update(const Device& device) {
  mdm::TokenUpdate message;
  message.sender = sender_of(device);
  message.topic = device.enrollment->mdm.topic;
  message.token = device.push.topic_token;
  message.push_magic = device.enrollment->push_magic;
  if (!device.enrollment->unlock_token.empty()) {
    message.unlock_token = device.enrollment->unlock_token;
  }
  // The key does not exist on watchOS; elsewhere it is false outside Setup Assistant.
  if (device.hardware.platform != mdm::Platform::watchos) {
    message.awaiting_configuration = device.setup.awaiting_configuration;
  }
  return message;
}

mdm::TokenUpdate make_user_token_update(const Device& device) {
  mdm::TokenUpdate message;
  message.sender = sender_of(device, mdm::Channel::user);
  message.topic = device.enrollment->mdm.topic;
  message.token = device.enrollment->user_channel->topic_token;
  message.push_magic = device.enrollment->user_channel->push_magic;
  if (device.shared_ipad) message.awaiting_configuration = device.setup.awaiting_user;
  message.not_on_console = not_on_console(device, mdm::Channel::user);
  return message;
}

mdm::CheckOut make_check_out(const Device& device) {
  mdm::CheckOut message;
  message.sender = sender_of(device);
  message.topic = device.enrollment->mdm.topic;
  return message;
}

mdm::OtherCheckin make_bootstrap_message(const Device& device, std::string message_type) {
  mdm::OtherCheckin message;
  message.sender = sender_of(device);
  if (message_type == "SetBootstrapToken" && !device.enrollment->bootstrap_token.empty()) {
    message.body["BootstrapToken"] = device.enrollment->bootstrap_token;
  }
  if (device.setup.awaiting_configuration) message.body["AwaitingConfiguration"] = true;
  message.message_type = std::move(message_type);
  return message;
}

mdm::OtherCheckin make_get_token(const Device& device) {
  const TokenRequest& request = *device.enrollment->token_request;
  mdm::OtherCheckin message;
  message.sender = sender_of(device);
  message.message_type = "GetToken";
  message.body["TokenServiceType"] = request.service;
  if (!request.security_token.empty()) {
    message.body["TokenParameters"] = plist::Dict{{"SecurityToken", request.security_token},
                                                  {"PhoneUDID", request.phone_udid},
                                                  {"WatchUDID", request.watch_udid}};
  }
  return message;
}

mdm::OtherCheckin make_return_to_service(const Device& device) {
  mdm::OtherCheckin message;
  message.sender = sender_of(device);
  message.message_type = "ReturnToService";
  return message;
}

bool has_unlock_token(const Device& device, std::uint32_t access_rights) {
  const mdm::Platform platform = device.hardware.platform;
  // A Shared iPad has no passcode of its own.
  const bool escrows = !device.shared_ipad &&
                       (platform == mdm::Platform::ios || platform == mdm::Platform::visionos ||
                        platform == mdm::Platform::watchos);
  return escrows && (access_rights & mdm::rights::kLockAndClearPasscode) != 0;
}

bool heeds_unrecognized_device(const mdm::Target& target) {
  static const std::array<mdm::Version, mdm::kPlatforms> since = {
      mdm::Version{{17, 0}}, mdm::Version{{14, 0}}, mdm::Version{{17, 0}}, mdm::Version{{1, 1}},
      mdm::Version{{10, 0}}};  // in the order of mdm::Platform
  return !(target.os < since.at(static_cast<std::size_t>(target.platform)));
}

Verdict judge(int status, std::string_view body, bool heeds_unrecognized) {
  if (status >= 200 && status < 300) return Verdict::accepted;
  if (status == 401) return Verdict::unenroll;
  if (status == 403 && heeds_unrecognized && is_unrecognized_device(body)) {
    return Verdict::unenroll;
  }
  return Verdict::failed;
}

std::string describe_answer(int status, std::string_view body) {
  std::string text = "HTTP " + std::to_string(status);
  // One line, each white space one blank.
  std::string line;
  for (const char c : body) {
    if (line.size() > kLongestReason) break;
    const bool is_blank = static_cast<unsigned char>(c) <= 0x20;
    if (is_blank && (line.empty() || line.back() == ' ')) continue;
    line += is_blank ? ' ' : c;
  }
  if (line.ends_with(' ')) line.pop_back();
  if (line.size() > kLongestReason) line.replace(kLongestReason, std::string::npos, "...");
  return line.empty() ? text : text + ": " + line;
}

}  // namespace understudy::agent
