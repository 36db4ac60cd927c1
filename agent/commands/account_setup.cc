/// AccountConfiguration, SetAutoAdminPassword, DeviceConfigured, UserConfigured. Sources:
/// mdm/commands/account.configuration.yaml, set.auto.admin.password.yaml, device.configured.yaml,
/// user.configured.yaml; docs/protocol/device-facts.md 11.13.

#include <algorithm>
#include <utility>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/device/bootstrap_token.h"
#include "agent/device/default_users.h"

namespace understudy::agent {
namespace {

/// Above every account there is.
std::uint64_t next_uid(const Device& device) {
  std::uint64_t uid = 500;
  for (const User& user : device.users) uid = std::max(uid, user.uid);
  return uid + 1;
}

void add_administrator(Device& device, const plist::Value& account, const Surroundings& around) {
  User user;
  user.name = account.string_at("shortName").value_or("");
  user.full_name = account.string_at("fullName").value_or(user.name);
  user.password_hash = account.data_at("passwordHash").value_or(Bytes{});
  user.hidden = account.bool_at("hidden").value_or(false);
  user.guid = query_rng(around, "administrator/" + user.name).uuid();
  user.uid = next_uid(device);
  user.administrator = user.made_by_mdm = true;
  std::erase_if(device.users, [&](const User& old) { return old.name == user.name; });
  device.users.push_back(std::move(user));
}

/// Setup Assistant goes on, and whoever sits there makes the account it asks for. It is managed
/// unless AccountConfiguration named another.
void make_primary_account(Device& device, const Surroundings& around) {
  Setup& setup = device.setup;
  if (setup.skip_primary_account) return;
  User user = default_users(device.hardware.platform, around.seed, around.number).front();
  if (!setup.primary_user_name.empty()) user.name = setup.primary_user_name;
  if (!setup.primary_full_name.empty()) user.full_name = setup.primary_full_name;
  if (device.find_user(user.name) != nullptr) return;
  user.uid = next_uid(device);
  user.administrator = !setup.primary_is_regular_user;
  if (setup.managed_user.empty()) setup.managed_user = user.name;
  if (setup.managed_user == user.name && has_user_channels(device)) {
    open_user_channel(device, user.name, query_rng(around, "user channel"));
  }
  device.users.push_back(std::move(user));
  make_bootstrap_token(device, query_rng(around, "bootstrap token"));
}

}  // namespace

Outcome account_configuration(Device& device, const mdm::Command& command,
                              const Surroundings& around) {
  if (!device.setup.awaiting_configuration) {
    return Outcome::refusal(codes::kInvalidRequestType,
                            "AccountConfiguration: Setup Assistant does not wait for it.");
  }
  const plist::Array accounts = array_argument(command, "AutoSetupAdminAccounts");
  const bool skip = flag_argument(command, "SkipPrimarySetupAccountCreation");
  const bool regular = flag_argument(command, "SetPrimarySetupAccountAsRegularUser");
  if ((skip || regular) && accounts.empty()) {
    return Outcome::refusal(codes::kMalformedRequest,
                            "AccountConfiguration: without AutoSetupAdminAccounts there would be "
                            "no administrator.");
  }
  // Setup Assistant uses the first and ignores the others.
  if (!accounts.empty()) add_administrator(device, accounts.front(), around);
  Setup& setup = device.setup;
  setup.skip_primary_account = skip;
  setup.primary_is_regular_user = regular;
  if (!flag_argument(command, "DontAutoPopulatePrimaryAccountInfo")) {
    setup.primary_full_name = text_argument(command, "PrimaryAccountFullName").value_or("");
    setup.primary_user_name = text_argument(command, "PrimaryAccountUserName").value_or("");
    setup.lock_primary_account = flag_argument(command, "LockPrimaryAccountInfo");
  }
  setup.managed_user = text_argument(command, "ManagedLocalUserShortName").value_or("");
  return Outcome::acknowledged();
}

Outcome set_auto_admin_password(Device& device, const mdm::Command& command, const Surroundings&) {
  const std::string guid = text_argument(command, "GUID").value_or("");
  const auto user = std::ranges::find_if(device.users, [&](const User& candidate) {
    return candidate.made_by_mdm && candidate.guid == guid;
  });
  if (user == device.users.end()) {
    return Outcome::refusal(codes::kNoSuchUser,
                            "No administrator that MDM made has the GUID \"" + guid + "\".");
  }
  user->password_hash = data_argument(command, "passwordHash");
  return Outcome::acknowledged();
}

Outcome device_configured(Device& device, const mdm::Command&, const Surroundings& around) {
  // Outside Setup Assistant there is nothing to go on with; what a real device answers then is not
  // documented (11.13). Return to service is over (11.4).
  const bool waited = std::exchange(device.setup.awaiting_configuration, false);
  const bool mac = device.hardware.platform == mdm::Platform::macos;
  if (waited && mac) make_primary_account(device, around);
  return Outcome::acknowledged();
}

Outcome user_configured(Device& device, const mdm::Command&, const Surroundings&) {
  device.setup.awaiting_user = false;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
