#include "agent/session/checkin.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

constexpr std::string_view kUnrecognized = "com.apple.unrecognized.device";
constexpr std::size_t kLongestReason = 200;

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

mdm::Sender sender_of(const Device& device) {
  mdm::Sender sender;
  sender.udid = device.hardware.udid;
  return sender;
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
  if (device.hardware.platform != mdm::Platform::watchos) message.awaiting_configuration = false;
  return message;
}

mdm::CheckOut make_check_out(const Device& device) {
  mdm::CheckOut message;
  message.sender = sender_of(device);
  message.topic = device.enrollment->mdm.topic;
  return message;
}

bool has_unlock_token(mdm::Platform platform, std::uint32_t access_rights) {
  const bool escrows = platform == mdm::Platform::ios || platform == mdm::Platform::visionos ||
                       platform == mdm::Platform::watchos;
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
  std::string line(body.substr(0, std::min(body.find_first_of("\r\n"), kLongestReason)));
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return line.empty() ? text : text + ": " + line;
}

}  // namespace understudy::agent
