#pragma once

/// The second channel that a Mac's managed user, or whoever is signed in to a Shared iPad, has
/// beside the device's own. Source: docs/protocol/checkin.md 1.19, 7.5, 9.2, 9.3, 9.6.

#include <cstddef>
#include <string>

#include "shared/core/bytes.h"
#include "shared/core/rng.h"
#include "shared/mdm/target.h"

namespace understudy::agent {

struct Device;
struct User;

struct UserChannel {
  std::string user;           ///< User::name
  std::string push_magic;     ///< of its own
  Bytes base_token;           ///< as minted by the courier for this user
  Bytes topic_token;          ///< what its TokenUpdate carries; empty: none minted so far
  bool token_owed = true;     ///< a TokenUpdate: repeated until 200
  bool wake_pending = false;  ///< as Device::wake_pending
  bool comes_back = false;    ///< as Device::comes_back
  std::string put_off;        ///< as Device::put_off

  friend bool operator==(const UserChannel&, const UserChannel&) = default;
};

/// Whether the enrollment profile asks for user channels and the device is of a kind that has them.
bool has_user_channels(const Device& device);
/// Gives `user` the channel, with a PushMagic of its own and no tokens. An enrolled device with
/// user channels only.
void open_user_channel(Device& device, const std::string& user, Rng rng);
/// A Shared iPad whose server wants a word before a log-in is through: the user waits for
/// UserConfigured. Source: mdm/commands/settings.yaml, AwaitUserConfiguration.
bool awaits_user_configuration(const Device& device);
/// A Shared iPad's session is over, and its channel with it (9.6). Others keep theirs.
void end_shared_session(Device& device);
/// Whose channel it is, while they are logged in; null: the channel is not up. It is silent then.
const User* user_on_channel(const Device& device);
/// Another number whenever another connection to the courier is needed: after a restart, a new
/// enrollment, and when a user comes or goes.
std::size_t push_mark(const Device& device);
/// A Mac's user whose screen another one has (fast user switching).
bool is_not_on_console(const Device& device);

}  // namespace understudy::agent
