#pragma once

/// A command meets a device: what it answers and what changes. No socket, no database.

#include <span>
#include <string>
#include <string_view>

#include "agent/commands/wanted_identity.h"
#include "agent/device/device.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/mdm/messages.h"

namespace understudy::agent {

/// What a command leads to. Handlers change the Device they are given and nothing else.
struct Outcome {
  mdm::Status status = mdm::Status::acknowledged;
  mdm::ErrorChain errors;  ///< with Status error
  plist::Dict body;        ///< response keys, beside Status and CommandUUID
  enum class Then {
    go_on,
    leave,     ///< the MDM profile was removed: answer, CheckOut if the profile asks for it, then
               ///< remove_management
    erase,     ///< answer once, never again, no CheckOut; the device has already been erased
    check_in,  ///< the enrollment was replaced: as the changed device Authenticate and TokenUpdate;
               ///< the change counts only if the server takes both (1.23)
  } then = Then::go_on;
  /// Not performed yet, nothing changed: these are wanted first (Surroundings::identities).
  std::vector<WantedIdentity> wants;

  static Outcome acknowledged(plist::Dict body = {});
  static Outcome error(std::string domain, std::int64_t code, std::string description);
  static Outcome not_now();
  /// An error of MCMDMErrorDomain.
  static Outcome refusal(std::int64_t code, std::string description);
};

/// Why the device cannot do that now; empty: it can (agent/session/not_now.h).
using NotNowRule = std::string_view(const Device& device, std::string_view request_type,
                                    mdm::Channel channel);

/// What a handler may ask of the world.
struct Surroundings {
  const Clock& clock;
  const Rng& seed;                                ///< of the fleet: derive from it, by device
  std::uint64_t number = 0;                       ///< of the device, as given to make_device
  mdm::Channel channel = mdm::Channel::device;    ///< where the command came from
  NotNowRule* why_not_now = nullptr;              ///< null: it always can
  const FetchedIdentities* identities = nullptr;  ///< null: none was fetched yet
};

/// A generator for what this device would tell the same way each time it is asked.
inline Rng query_rng(const Surroundings& around, std::string_view label) {
  return around.seed.derive("device/" + std::to_string(around.number) + "/" + std::string(label));
}

using Handler = Outcome(Device& device, const mdm::Command& command, const Surroundings& around);

struct CommandRow {
  std::string_view request_type;
  Handler* handler;
  bool in_lost_mode = false;  ///< performed also while the device is lost (11.6)
};
/// Every command that is performed, in one table (agent/commands/table.cc).
std::span<const CommandRow> command_table();

/// Judges the message first: CommandFormatError for a dictionary that is not one of the schema,
/// Error 12021 for a command that does not exist or is not for this device, the access right's
/// error where one is missing, 12078 in Lost Mode, NotNow by the rule; then runs the handler. What
/// is under way on the device (progress.h) goes on first. `message` is the whole property list the
/// server sent.
Outcome perform(Device& device, const plist::Value& message, const Surroundings& around);

}  // namespace understudy::agent
