/// UserList, DeleteUser, LogOutUser, UnlockUserAccount. Sources: mdm/commands/user.*.yaml;
/// docs/protocol/device-facts.md 11.10.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

/// Bytes of a Shared iPad's user, where no quota was set.
constexpr std::int64_t kDefaultQuota = std::int64_t{8} * 1000 * 1000 * 1000;

std::int64_t quota_of(const Device& device) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  const auto megabytes = plist::Value(device.settings.shared_device).int_at("QuotaSize");
  return megabytes && *megabytes > 0 && *megabytes < kDefaultQuota ? *megabytes * kMegabyte
                                                                   : kDefaultQuota;
}

plist::Dict describe(const Device& device, const User& user) {
  plist::Dict entry;
  entry.emplace("UserName", user.name);
  entry.emplace("FullName", user.full_name);
  entry.emplace("UID", user.uid);
  entry.emplace("UserGUID", user.guid);
  entry.emplace("IsLoggedIn", user.logged_in);
  entry.emplace("HasDataToSync", user.has_data_to_sync);
  entry.emplace("DataQuota", quota_of(device));
  entry.emplace("DataUsed", user.data_used);
  entry.emplace("MobileAccount", user.mobile_account);
  entry.emplace("HasSecureToken", user.secure_token);
  return entry;
}

Outcome no_such_user(const std::string& name) {
  return Outcome::refusal(codes::kNoSuchUser, "There is no user \"" + name + "\".");
}

bool is_last_administrator(const Device& device, const User& user) {
  return user.administrator && std::ranges::count(device.users, true, &User::administrator) == 1;
}

/// Everybody who may go, goes; the others make it an error.
Outcome delete_all(Device& device, bool forced) {
  std::erase_if(device.users, [&](const User& user) {
    return !user.logged_in && (forced || !user.has_data_to_sync);
  });
  if (device.users.empty()) return Outcome::acknowledged();
  const bool unsynced = std::ranges::any_of(device.users, &User::has_data_to_sync);
  return Outcome::refusal(unsynced && !forced ? codes::kUserHasDataToSync : codes::kUserLoggedIn,
                          "Not every user could be deleted.");
}

}  // namespace

Outcome user_list(Device& device, const mdm::Command&, const Surroundings&) {
  plist::Array users;
  for (const User& user : device.users) users.emplace_back(describe(device, user));
  plist::Dict body;
  body.emplace("Users", std::move(users));
  return Outcome::acknowledged(std::move(body));
}

Outcome delete_user(Device& device, const mdm::Command& command, const Surroundings&) {
  const bool mac = device.hardware.platform == mdm::Platform::macos;
  const bool forced = !mac && flag_argument(command, "ForceDeletion");
  if (!mac && flag_argument(command, "DeleteAllUsers")) return delete_all(device, forced);
  const std::string name = text_argument(command, "UserName").value_or("");
  const User* user = device.find_user(name);
  if (user == nullptr) return no_such_user(name);
  if (user->logged_in) {
    return Outcome::refusal(codes::kUserLoggedIn, "\"" + name + "\" is logged in.");
  }
  if (user->has_data_to_sync && !forced) {
    return Outcome::refusal(codes::kUserHasDataToSync,
                            "\"" + name + "\" has data that is not in the cloud yet.");
  }
  if (is_last_administrator(device, *user)) {
    return Outcome::refusal(codes::kCannotDeleteUser,
                            "\"" + name + "\" is the last administrator.");
  }
  std::erase_if(device.users, [&](const User& candidate) { return candidate.name == name; });
  return Outcome::acknowledged();
}

Outcome log_out_user(Device& device, const mdm::Command&, const Surroundings&) {
  for (User& user : device.users) user.logged_in = false;
  end_shared_session(device);
  device.setup.awaiting_user = false;
  return Outcome::acknowledged();
}

Outcome unlock_user_account(Device& device, const mdm::Command& command, const Surroundings&) {
  const std::string name = text_argument(command, "UserName").value_or("");
  User* user = device.find_user(name);
  if (user == nullptr) return no_such_user(name);
  user->locked_out = false;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
