/// SecurityInfo. Source: mdm/commands/information.security.yaml. Each platform's own part is chosen
/// by the schema (reply.h): this file says what is true, not where it exists.

#include <algorithm>

#include "agent/commands/handlers.h"
#include "agent/payloads/file_vault.h"
#include "agent/payloads/firewall.h"
#include "agent/payloads/passcode_policy.h"

namespace understudy::agent {
namespace {

using plist::Dict;

void add_passcode(Dict& info, const Device& device) {
  constexpr int kBlockAndFileLevel = 3;
  info.emplace("HardwareEncryptionCaps", kBlockAndFileLevel);
  info.emplace("PasscodePresent", !device.passcode.empty());
  // Accounts ask for nothing of their own here: profiles are all there is to comply with.
  const PasscodePolicy policy = passcode_policy(device);
  const bool compliant = broken_rule(policy, device.passcode).empty();
  info.emplace("PasscodeCompliant", compliant);
  info.emplace("PasscodeCompliantWithProfiles", compliant);
  const std::int64_t grace = device.settings.passcode_grace_seconds;
  info.emplace("PasscodeLockGracePeriod", grace);
  info.emplace("PasscodeLockGracePeriodEnforced",
               std::min(grace, policy.grace_seconds.value_or(grace)));
  if (device.shared_ipad) {
    constexpr std::int64_t kAutoLockOfANewIpad = 120;
    const std::int64_t set = device.settings.auto_lock_seconds;
    info.emplace("AutoLockTime", set == 0 ? kAutoLockOfANewIpad : set);
  }
}

Dict management_status(const Device& device) {
  const mdm::Target target = device.target();
  Dict status;
  status.emplace("EnrolledViaDEP", target.automated);
  status.emplace("UserApprovedEnrollment", true);
  status.emplace("IsUserEnrollment", target.enrollment == mdm::EnrollmentKind::user);
  status.emplace("IsActivationLockManageable", device.supervised);
  return status;
}

Dict secure_boot(bool apple_silicon) {
  Dict boot;
  boot.emplace("SecureBootLevel", "full");
  boot.emplace("ExternalBootLevel", apple_silicon ? "allowed" : "disallowed");
  return boot;
}

/// Recovery lock is Apple silicon's, the firmware password Intel's (11.14).
void add_start_up(Dict& info, const Device& device) {
  const bool apple_silicon = device.hardware.apple_silicon;
  info.emplace("SecureBoot", secure_boot(apple_silicon));
  if (apple_silicon) {
    info.emplace("IsRecoveryLockEnabled", !device.mac.recovery_lock.empty());
    return;
  }
  Dict password;
  password.emplace("PasswordExists", !device.mac.firmware_password.empty());
  password.emplace("ChangePending", device.mac.firmware_change.has_value());
  password.emplace("AllowOroms", device.mac.allow_option_roms);
  info.emplace("FirmwarePasswordStatus", std::move(password));
}

void add_bootstrap_token(Dict& info, const Device& device) {
  const bool apple_silicon = device.hardware.apple_silicon;
  // What the Settings command said goes before what the enrollment profile promises.
  const plist::Value options(device.settings.mdm_options);
  const bool promised =
      device.enrollment && device.enrollment->server_can("com.apple.mdm.bootstraptoken");
  const bool offered = options.bool_at("BootstrapTokenAllowed").value_or(promised);
  const char* allowed = offered ? "allowed" : "disallowed";
  info.emplace("BootstrapTokenAllowedForAuthentication", apple_silicon ? allowed : "not supported");
  info.emplace("BootstrapTokenRequiredForSoftwareUpdate", apple_silicon);
  info.emplace("BootstrapTokenRequiredForKernelExtensionApproval", apple_silicon);
}

void add_mac(Dict& info, const Device& device) {
  const FileVault& vault = device.mac.file_vault;
  info.emplace("FDE_Enabled", vault.enabled);
  if (vault.enabled) {
    info.emplace("FDE_HasPersonalRecoveryKey", !vault.personal_key.empty());
    info.merge(escrowed_key(device));
    info.emplace("FDE_HasInstitutionalRecoveryKey", !vault.institutional_certificate.empty());
  }
  info.emplace("SystemIntegrityProtectionEnabled", true);
  info.emplace("FirewallSettings", firewall_settings(device));
  info.emplace("RemoteDesktopEnabled", device.mac.remote_desktop);
  info.emplace("AuthenticatedRootVolumeEnabled", true);
  add_start_up(info, device);
  add_bootstrap_token(info, device);
}

}  // namespace

Outcome security_info(Device& device, const mdm::Command&, const Surroundings&) {
  Dict info;
  info.emplace("ManagementStatus", management_status(device));
  if (device.hardware.platform == mdm::Platform::macos) {
    add_mac(info, device);
  } else {
    add_passcode(info, device);
  }
  Dict body;
  body.emplace("SecurityInfo", std::move(info));
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
