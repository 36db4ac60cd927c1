#include "server-mock/workflow/console_commands.h"

#include "server-mock/witness/platform.h"
#include "shared/core/errc.h"
#include "shared/mdm/messages.h"
#include "shared/plist/plist.h"

namespace understudy::server {
namespace {

constexpr std::size_t kPinLength = 6;

void set_if_given(plist::Dict& command, const char* key, const std::string& value) {
  if (!value.empty()) command[key] = value;
}

/// Only a Mac takes one, and needs it (mdm/commands/device.lock.yaml). A device that we
/// cannot place gets what was asked for.
Result<void> check_lock_pin(const DeviceRecord& device, const std::string& pin) {
  const auto platform = platform_of(device.product_name);
  if (!platform) return {};
  const bool is_mac = platform == mdm::Platform::macos;
  if (is_mac && pin.size() != kPinLength) {
    return fail(errc::invalid_argument, "a Mac is locked with a PIN of six characters",
                "give \"pin\"");
  }
  if (!is_mac && !pin.empty()) {
    return fail(errc::invalid_argument,
                "only a Mac is locked with a PIN, and this is " + device.product_name,
                "leave \"pin\" out");
  }
  return {};
}

}  // namespace

std::optional<Action> action_from_name(std::string_view name) {
  if (name == "lock") return Action::lock;
  if (name == "clear_passcode") return Action::clear_passcode;
  if (name == "wipe") return Action::wipe;
  if (name == "break_mdm") return Action::break_mdm;
  if (name == "command") return Action::command;
  return std::nullopt;
}

Result<plist::Dict> command_for(Action action, const ActionParameters& parameters,
                                const DeviceRecord& device,
                                const std::string& enrollment_identifier) {
  plist::Dict command;
  switch (action) {
    case Action::lock:
      UNDERSTUDY_CHECK(check_lock_pin(device, parameters.pin));
      command["RequestType"] = "DeviceLock";
      set_if_given(command, "Message", parameters.message);
      set_if_given(command, "PhoneNumber", parameters.phone_number);
      set_if_given(command, "PIN", parameters.pin);
      return command;
    case Action::clear_passcode:
      if (device.unlock_token.empty()) {
        return fail(errc::unsupported, "device " + device.id + " gave no unlock token",
                    "only a device that escrowed one in TokenUpdate can have its passcode cleared");
      }
      command["RequestType"] = "ClearPasscode";
      command["UnlockToken"] = device.unlock_token;
      return command;
    case Action::wipe:
      command["RequestType"] = "EraseDevice";
      set_if_given(command, "PIN", parameters.pin);
      return command;
    case Action::break_mdm:
      command["RequestType"] = "RemoveProfile";
      command["Identifier"] = enrollment_identifier;
      return command;
    case Action::command:
      break;
  }
  const auto type = parameters.command.find("RequestType");
  if (type == parameters.command.end() || type->second.if_string() == nullptr) {
    return fail(errc::invalid_argument, "the command has no RequestType",
                "give the Command dictionary, such as {\"RequestType\": \"ProfileList\"}");
  }
  return parameters.command;
}

Result<CommandText> write_command(std::string command_uuid, plist::Dict command) {
  const auto type = command.find("RequestType");
  if (type == command.end() || type->second.if_string() == nullptr) {
    return fail(errc::invalid_argument, "the command has no RequestType");
  }
  mdm::Command message;
  message.uuid = command_uuid;
  message.request_type = *type->second.if_string();
  message.body = std::move(command);
  UNDERSTUDY_TRY(std::string body, plist::write_xml(mdm::to_plist(message)));
  return CommandText{std::move(command_uuid), std::move(message.request_type), std::move(body)};
}

Result<CommandText> read_command(std::string_view body) {
  UNDERSTUDY_TRY(const plist::Value value, plist::read_xml(as_bytes(body)));
  UNDERSTUDY_TRY(const mdm::Command command, mdm::parse_command(value));
  // Its result could not be told from an Idle, and so it would be sent for ever.
  if (command.uuid.empty()) {
    return fail(errc::invalid_argument, "the command's CommandUUID is empty",
                "give every command a uuid of its own");
  }
  return CommandText{command.uuid, command.request_type, std::string(body)};
}

}  // namespace understudy::server
