#include "agent/payloads/file_vault.h"

#include "agent/payloads/in_force.h"
#include "shared/crypto/cms.h"
#include "shared/crypto/key.h"

namespace understudy::agent {
namespace {

/// The certificate that a payload of this profile brought.
Bytes certificate_of(const Device& device, const std::string& profile, const std::string& uuid) {
  for (const KeychainItem& item : device.keychain) {
    if (item.profile_identifier == profile && item.payload_uuid == uuid) {
      return item.certificate_der;
    }
  }
  return {};
}

Bytes institutional_certificate(const Device& device, const PayloadInForce& payload) {
  if (device.hardware.apple_silicon) return {};  // not supported there
  if (auto certificate = payload.keys.data_at("Certificate")) return *std::move(certificate);
  return certificate_of(device, payload.profile,
                        payload.keys.string_at("PayloadCertificateUUID").value_or(""));
}

}  // namespace

std::string new_personal_key() {
  constexpr std::string_view kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  constexpr std::size_t kLetters = 24;
  constexpr std::size_t kGroup = 4;
  const Bytes random = crypto::random_bytes(kLetters);
  std::string key;
  for (std::size_t i = 0; i < kLetters; ++i) {
    if (i != 0 && i % kGroup == 0) key.push_back('-');
    key.push_back(kAlphabet[random[i] % kAlphabet.size()]);
  }
  return key;
}

void switch_on_file_vault(Device& device) {
  FileVault& vault = device.mac.file_vault;
  if (device.hardware.platform != mdm::Platform::macos || vault.enabled) return;
  for (const auto& payload : payloads_in_force(device, {"com.apple.MCX.FileVault2"})) {
    if (payload.keys.string_at("Enable").value_or("") != "On") continue;
    vault.enabled = true;
    vault.institutional_certificate = institutional_certificate(device, payload);
    if (payload.keys.bool_at("UseRecoveryKey").value_or(true)) {
      vault.personal_key = new_personal_key();
    }
    return;
  }
}

plist::Dict escrowed_key(const Device& device) {
  plist::Dict out;
  const FileVault& vault = device.mac.file_vault;
  if (!vault.enabled || vault.personal_key.empty()) return out;
  for (const auto& payload :
       payloads_in_force(device, {"com.apple.security.FDERecoveryKeyEscrow"})) {
    const auto certificate = crypto::Certificate::from_der(certificate_of(
        device, payload.profile, payload.keys.string_at("EncryptCertPayloadUUID").value_or("")));
    if (!certificate) continue;
    auto envelope = crypto::cms::encrypt(as_bytes(vault.personal_key), *certificate,
                                         crypto::cms::Cipher::aes_256_cbc);
    if (!envelope) continue;
    out.emplace("FDE_PersonalRecoveryKeyCMS", *std::move(envelope));
    out.emplace("FDE_PersonalRecoveryKeyDeviceKey",
                payload.keys.string_at("DeviceKey").value_or(device.hardware.serial_number));
    return out;
  }
  return out;
}

}  // namespace understudy::agent
