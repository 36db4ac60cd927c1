#include "agent/device/user_channel.h"

#include <algorithm>
#include <functional>

#include "agent/device/device.h"

namespace understudy::agent {

bool has_user_channels(const Device& device) {
  const bool has_users = device.hardware.platform == mdm::Platform::macos || device.shared_ipad;
  return has_users && device.enrollment &&
         device.enrollment->server_can("com.apple.mdm.per-user-connections");
}

void open_user_channel(Device& device, const std::string& user, Rng rng) {
  UserChannel channel;
  channel.user = user;
  channel.push_magic = rng.uuid();
  device.enrollment->user_channel = std::move(channel);
}

bool awaits_user_configuration(const Device& device) {
  const plist::Value set(device.settings.shared_device);
  const plist::Value* wait = set.find("AwaitUserConfiguration");
  return device.shared_ipad && wait != nullptr && wait->bool_at("Enabled").value_or(false);
}

void end_shared_session(Device& device) {
  if (!device.shared_ipad) return;
  device.setup.awaiting_user = false;
  if (device.enrollment) device.enrollment->user_channel.reset();
}

const User* user_on_channel(const Device& device) {
  if (!device.enrollment || !device.enrollment->user_channel) return nullptr;
  const auto user =
      std::ranges::find(device.users, device.enrollment->user_channel->user, &User::name);
  return user != device.users.end() && user->logged_in ? &*user : nullptr;
}

std::size_t push_mark(const Device& device) {
  if (!device.enrollment) return 0;
  std::string mark = std::to_string(device.restarts) + device.enrollment->push_magic;
  if (user_on_channel(device) != nullptr) mark += device.enrollment->user_channel->push_magic;
  return std::hash<std::string>()(mark);
}

bool is_not_on_console(const Device& device) {
  const User* user = user_on_channel(device);
  return user != nullptr && !device.console_user.empty() && device.console_user != user->name;
}

}  // namespace understudy::agent
