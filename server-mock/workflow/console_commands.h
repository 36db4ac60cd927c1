#pragma once

/// What a console action means as an MDM command. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "server-mock/store/records.h"
#include "shared/core/result.h"
#include "shared/plist/value.h"

namespace understudy::server {

enum class Action { lock, clear_passcode, wipe, break_mdm, command };
/// "lock", "clear_passcode", "wipe", "break_mdm", "command".
std::optional<Action> action_from_name(std::string_view name);

struct ActionParameters {
  std::string message, phone_number;  ///< lock
  std::string pin;                    ///< lock and wipe of a Mac: six characters
  plist::Dict command;                ///< command: the Command dictionary
};

/// The Command dictionary for that device. `enrollment_identifier`: the PayloadIdentifier of the
/// enrollment profile, which break_mdm removes (docs/protocol/device-facts.md 11.5).
/// Errors: errc::unsupported (clear_passcode without an unlock token in escrow),
/// errc::invalid_argument (command without RequestType).
Result<plist::Dict> command_for(Action action, const ActionParameters& parameters,
                                const DeviceRecord& device,
                                const std::string& enrollment_identifier);

/// A command as it goes to the device.
struct CommandText {
  std::string command_uuid, request_type, body;
};
/// Errors: errc::invalid_argument, plist::errc.
Result<CommandText> write_command(std::string command_uuid, plist::Dict command);
/// Checks a whole command that a caller wrote; the body stays as it is.
/// Errors: plist::errc, mdm::errc, naming what is missing.
Result<CommandText> read_command(std::string_view body);

}  // namespace understudy::server
