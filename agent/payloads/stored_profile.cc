#include "agent/payloads/stored_profile.h"

namespace understudy::agent {
namespace {

Result<crypto::Identity> own_identity(const Device& device) {
  const KeychainItem* item =
      device.enrollment ? device.find_identity(device.enrollment->identity_payload_uuid) : nullptr;
  if (item == nullptr)
    return fail(errc::not_found, "the enrollment's identity is not in the keychain");
  UNDERSTUDY_TRY(auto key, crypto::PrivateKey::from_der(item->private_key_der));
  UNDERSTUDY_TRY(auto certificate, crypto::Certificate::from_der(item->certificate_der));
  return crypto::Identity{std::move(key), std::move(certificate), {}};
}

}  // namespace

Result<mdm::Profile> read_profile(const Device& device, BytesView raw) {
  const auto identity = own_identity(device);
  return mdm::parse_profile(raw, identity ? &*identity : nullptr);
}

}  // namespace understudy::agent
