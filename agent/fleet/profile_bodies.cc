#include "agent/fleet/profile_bodies.h"

#include "shared/crypto/key.h"
#include "shared/io/deflate.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1024} * 1024 * 1024;  // more is damage

/// One array, in the order of the profiles.
Result<Bytes> joined(const std::vector<InstalledProfile>& profiles) {
  plist::Array bodies;
  for (const InstalledProfile& profile : profiles) bodies.emplace_back(profile.raw);
  return plist::write_binary(bodies);
}

Result<void> part(const plist::Value& bodies, std::vector<InstalledProfile>& profiles) {
  const plist::Array* array = bodies.if_array();
  if (array == nullptr || array->size() != profiles.size()) {
    return fail(errc::corrupt,
                "the octets are not those of " + std::to_string(profiles.size()) + " profiles");
  }
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const Bytes* body = (*array)[i].if_data();
    if (body == nullptr) return fail(errc::corrupt, "the octets of a profile are none");
    profiles[i].raw = *body;
  }
  return {};
}

}  // namespace

Result<bool> ProfileBodies::is_stored(const std::string& device_id, BytesView digest) {
  UNDERSTUDY_TRY(auto query,
                 database_.prepare("SELECT 1 FROM devices WHERE id = ? AND bodies_digest = ?"));
  return query.bind(1, device_id).bind(2, digest).step();
}

const Bytes& ProfileBodies::packed(BytesView bodies, const Bytes& digest) {
  if (last_.digest != digest) last_ = {digest, io::deflate(bodies)};
  return last_.octets;
}

Result<void> ProfileBodies::save(const Device& device) {
  UNDERSTUDY_TRY(const Bytes bodies, joined(device.profiles));
  const Bytes digest = crypto::digest(crypto::Digest::sha256, bodies);
  UNDERSTUDY_TRY(const bool known, is_stored(device.id, digest));
  if (known) return {};
  UNDERSTUDY_TRY(auto update,
                 database_.prepare("UPDATE devices SET bodies_digest = ?, bodies_size = ?, "
                                   "bodies = ? WHERE id = ?"));
  update.bind(1, digest).bind(2, static_cast<std::int64_t>(bodies.size()));
  return update.bind(3, packed(bodies, digest)).bind(4, device.id).run();
}

Result<void> ProfileBodies::load_into(Device& device) {
  UNDERSTUDY_TRY(auto query,
                 database_.prepare("SELECT bodies_size, bodies FROM devices WHERE id = ?"));
  UNDERSTUDY_TRY(const bool row, query.bind(1, device.id).step());
  if (!row || query.is_null(1)) return {};
  const std::int64_t size = query.integer(0);
  if (size < 0 || size > kLargest) {
    return fail(errc::corrupt, "profiles of " + std::to_string(size) + " octets cannot be");
  }
  UNDERSTUDY_TRY(const Bytes bodies, io::inflate(query.blob(1), static_cast<std::size_t>(size)));
  const auto read = plist::read_binary(bodies);
  if (!read) return fail(errc::corrupt, "profiles: " + read.error().message());
  return part(*read, device.profiles);
}

}  // namespace understudy::agent
