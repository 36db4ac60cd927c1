#include "agent/device/default_users.h"

namespace understudy::agent {

std::vector<User> default_users(mdm::Platform platform, const Rng& seed, std::uint64_t number) {
  if (platform != mdm::Platform::macos) return {};
  constexpr std::uint64_t kFirstUid = 501;
  User owner;
  owner.name = "owner";
  owner.full_name = "Owner " + std::to_string(number);
  owner.guid = seed.derive("device/" + std::to_string(number) + "/users").uuid();
  owner.uid = kFirstUid;
  owner.logged_in = owner.administrator = owner.secure_token = true;
  return {owner};
}

}  // namespace understudy::agent
