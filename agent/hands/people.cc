// log-in, log-out

#include <algorithm>

#include "agent/hands/motions.h"
#include "agent/payloads/file_vault.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

Result<void> check_users(const Device& device) {
  if (device.hardware.platform != mdm::Platform::macos && !device.shared_ipad) {
    return has_no(device, "users");
  }
  if (device.powered_off) return fail(errc::unsupported, device.id + " is off", "turn-on first");
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
  }
  user.logged_in = true;
  device.locked = false;
  device.power.power_nap = false;
  switch_on_file_vault(device);
  return "has " + argument + " logged in";
}

Result<std::string> log_out(Device& device, const std::string&, const Rng&) {
  UNDERSTUDY_CHECK(check_users(device));
  for (User& user : device.users) user.logged_in = false;
  switch_on_file_vault(device);
  return "has nobody logged in";
}

}  // namespace understudy::agent::hands
