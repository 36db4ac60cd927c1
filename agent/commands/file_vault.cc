/// RotateFileVaultKey. Sources: mdm/commands/rotate.file.vault.key.yaml;
/// docs/protocol/device-facts.md 11.14.

#include "agent/payloads/file_vault.h"

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "shared/crypto/cms.h"
#include "shared/crypto/pkcs12.h"

namespace understudy::agent {
namespace {

Outcome wrong_unlock() {
  return Outcome::error(codes::kPasscodeDomain, codes::kWrongPasscode,
                        "FileVaultUnlock does not open this volume.");
}

/// A user's password would open it too, but users have none here: it is the recovery key's.
bool opens_volume(const FileVault& vault, const std::string& password) {
  return !password.empty() && password == vault.personal_key;
}

bool is_institutional_key(const FileVault& vault, const plist::Value& unlock) {
  const auto identity =
      crypto::read_pkcs12(unlock.data_at("PrivateKeyExport").value_or(Bytes{}),
                          unlock.string_at("PrivateKeyExportPassword").value_or(""));
  return identity && identity->certificate.der() == vault.institutional_certificate;
}

Outcome rotate_personal(FileVault& vault, const mdm::Command& command) {
  const auto recipient =
      crypto::Certificate::from_der(data_argument(command, "ReplyEncryptionCertificate"));
  if (!recipient) {
    return Outcome::error(codes::kCertificateDomain, codes::kMalformedCertificate,
                          "ReplyEncryptionCertificate: " + recipient.error().message());
  }
  std::string key = new_personal_key();
  auto envelope = crypto::cms::encrypt(as_bytes(key), *recipient, crypto::cms::Cipher::aes_256_cbc);
  if (!envelope) {
    return Outcome::error(codes::kCertificateDomain, codes::kMalformedCertificate,
                          "ReplyEncryptionCertificate: " + envelope.error().message());
  }
  vault.personal_key = std::move(key);
  plist::Dict result;
  result.emplace("EncryptedNewRecoveryKey", *std::move(envelope));
  plist::Dict body;
  body.emplace("RotateResult", std::move(result));
  return Outcome::acknowledged(std::move(body));
}

Outcome rotate_institutional(FileVault& vault, const mdm::Command& command) {
  Bytes certificate = data_argument(command, "NewCertificate");
  if (const auto read = crypto::Certificate::from_der(certificate); !read) {
    return Outcome::error(codes::kCertificateDomain, codes::kMalformedCertificate,
                          "NewCertificate: " + read.error().message());
  }
  vault.institutional_certificate = std::move(certificate);
  return Outcome::acknowledged();
}

}  // namespace

Outcome rotate_file_vault_key(Device& device, const mdm::Command& command, const Surroundings&) {
  FileVault& vault = device.mac.file_vault;
  const std::string type = text_argument(command, "KeyType").value_or("");
  if (type != "personal" && type != "institutional") {
    return Outcome::refusal(codes::kMalformedRequest,
                            "KeyType is neither \"personal\" nor \"institutional\".");
  }
  // mdm/profiles/com.apple.MCX.FileVault2.yaml, Certificate.
  if (type == "institutional" && device.hardware.apple_silicon) {
    return Outcome::refusal(codes::kInvalidRequestType,
                            "A Mac with Apple silicon has no institutional recovery key.");
  }
  if (!vault.enabled) {
    return Outcome::refusal(codes::kInternalInconsistency, "FileVault is not on.");
  }
  const plist::Value unlock(dict_argument(command, "FileVaultUnlock"));
  const bool opened = opens_volume(vault, unlock.string_at("Password").value_or("")) ||
                      (type == "institutional" && is_institutional_key(vault, unlock));
  if (!opened) return wrong_unlock();
  return type == "personal" ? rotate_personal(vault, command)
                            : rotate_institutional(vault, command);
}

}  // namespace understudy::agent
