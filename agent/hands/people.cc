// log-in, log-out, lock-out, fill-data, lock-keychain, unlock-keychain

#include <algorithm>

#include "agent/device/bootstrap_token.h"
#include "agent/hands/motions.h"
#include "agent/payloads/file_vault.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

Result<void> check_users(const Device& device) {
  if (device.hardware.platform != mdm::Platform::macos && !device.shared_ipad) {
    return has_no(device, "users");
  }
  if (device.lock_pin.empty()) return {};
  return fail(errc::unsupported, device.id + " is locked with a PIN", "unlock comes first");
}

tl::unexpected<Error> nobody(const Device& device, const std::string& name) {
  std::string known;
  for (const User& user : device.users) known += (known.empty() ? "" : ", ") + user.name;
  return fail(errc::not_found, device.id + " has no user '" + name + "'",
              known.empty() ? "it has none" : "there are " + known);
}

/// Whoever signs in to a Shared iPad for the first time gets an account there.
void welcome(Device& device, const std::string& name, const Rng& seed) {
  User user;
  user.name = user.full_name = name;
  user.guid = seed.derive("device/" + std::to_string(device.number) + "/user/" + name).uuid();
  device.users.push_back(std::move(user));
}

/// Everybody on a Shared iPad (9.6). On a Mac whoever enrolled it has had it since; one that was
/// set up with an administrator only has it from when that one comes.
bool gets_channel(const Device& device, const std::string& name) {
  if (!has_user_channels(device)) return false;
  return device.shared_ipad ||
         (!device.enrollment->user_channel && name == device.setup.managed_user);
}

/// A Mac's, who is logged in.
Result<User*> keychain_owner(Device& device, const std::string& name) {
  if (device.hardware.platform != mdm::Platform::macos) return has_no(device, "user's keychain");
  UNDERSTUDY_CHECK(check_users(device));
  User* user = device.find_user(name);
  if (user == nullptr) return nobody(device, name);
  if (user->logged_in) return user;
  return fail(errc::unsupported, name + " is not logged in on " + device.id, "log-in comes first");
}

}  // namespace

Result<std::string> log_in(Device& device, const std::string& argument, const Rng& seed) {
  UNDERSTUDY_CHECK(check_users(device));
  if (device.find_user(argument) == nullptr) {
    if (!device.shared_ipad) return nobody(device, argument);
    welcome(device, argument, seed);
  }
  User& user = *device.find_user(argument);
  if (user.locked_out) {
    return fail(errc::unsupported, argument + " is locked out of " + device.id,
                "UnlockUserAccount lets them in again");
  }
  // On a Mac the others stay logged in behind the new one; a Shared iPad has one at a time.
  if (device.shared_ipad) {
    for (User& other : device.users) other.logged_in = false;
  } else {
    device.console_user = argument;
  }
  const bool comes_anew = !std::exchange(user.logged_in, true);
  user.keychain_locked = user.has_data_to_sync = false;
  device.locked = false;
  device.power.power_nap = false;
  if (comes_anew && gets_channel(device, argument)) {
    const std::string session = std::to_string(++device.user_sessions);
    open_user_channel(device, argument, seed.derive(device.id + "/user channel/" + session));
    device.setup.awaiting_user = awaits_user_configuration(device);
  }
  make_bootstrap_token(device, seed.derive(device.id + "/bootstrap token"));
  switch_on_file_vault(device);
  return "has " + argument + " logged in";
}

Result<std::string> log_out(Device& device, const std::string&, const Rng&) {
  UNDERSTUDY_CHECK(check_users(device));
  for (User& user : device.users) user.logged_in = false;
  device.console_user.clear();
  end_shared_session(device);
  switch_on_file_vault(device);
  return "has nobody logged in";
}

Result<std::string> lock_out(Device& device, const std::string& argument, const Rng&) {
  if (device.hardware.platform != mdm::Platform::macos) return has_no(device, "user to lock out");
  UNDERSTUDY_CHECK(check_users(device));
  User* user = device.find_user(argument);
  if (user == nullptr) return nobody(device, argument);
  user->locked_out = true;
  return "lets " + argument + " in no more";
}

Result<std::string> fill_data(Device& device, const std::string& argument, const Rng&) {
  constexpr std::uint64_t kMegabyte = 1'000'000;
  if (!device.shared_ipad) return has_no(device, "users with data in a cloud");
  User* user = device.find_user(argument);
  if (user == nullptr) return nobody(device, argument);
  user->has_data_to_sync = true;
  user->data_used += kMegabyte;
  return "has data of " + argument + " that is in no cloud yet";
}

Result<std::string> lock_keychain(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_TRY(User * user, keychain_owner(device, argument));
  user->keychain_locked = true;
  return "has " + argument + "'s keychain locked";
}

Result<std::string> unlock_keychain(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_TRY(User * user, keychain_owner(device, argument));
  user->keychain_locked = false;
  return "has " + argument + "'s keychain open";
}

}  // namespace understudy::agent::hands
