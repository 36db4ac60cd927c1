/// The commands that are performed. What is not here is answered with 12021, which says so.

#include <array>

#include "agent/commands/handlers.h"

namespace understudy::agent {
namespace {

constexpr bool kInLostMode = true;

constexpr auto kTable = std::to_array<CommandRow>({
    {"AccountConfiguration", account_configuration},
    {"ActivationLockBypassCode", activation_lock_bypass_code},
    {"ActiveNSExtensions", active_ns_extensions},
    {"ApplyRedemptionCode", apply_redemption_code},
    {"AvailableOSUpdates", available_os_updates},
    {"CancelEnhancedLogCollection", cancel_enhanced_log_collection},
    {"CertificateList", certificate_list},
    {"ClearActivationLockBypassCode", clear_activation_lock_bypass_code},
    {"ClearPasscode", clear_passcode},
    {"ClearRestrictionsPassword", clear_restrictions_password},
    {"ContentCachingInformation", content_caching_information},
    {"DeclarativeManagement", declarative_management},
    {"DeleteUser", delete_user},
    {"DeviceConfigured", device_configured},
    {"DeviceInformation", device_information, kInLostMode},
    {"DeviceLocation", device_location, kInLostMode},
    {"DeviceLock", device_lock, kInLostMode},  // its reply has a word for it
    {"DisableLostMode", disable_lost_mode, kInLostMode},
    {"DisableRemoteDesktop", disable_remote_desktop},
    {"EnableLostMode", enable_lost_mode},
    {"EnableRemoteDesktop", enable_remote_desktop},
    {"EraseDevice", erase_device, kInLostMode},
    {"InstallApplication", install_application},
    {"InstallEnterpriseApplication", install_enterprise_application},
    {"InstallMedia", install_media},
    {"InstallProfile", install_profile},
    {"InstallProvisioningProfile", install_provisioning_profile},
    {"InstalledApplicationList", installed_application_list},
    {"InviteToProgram", invite_to_program},
    {"LOMDeviceRequest", lom_device_request},
    {"LOMSetupRequest", lom_setup_request},
    {"LogOutUser", log_out_user},
    {"ManagedApplicationAttributes", managed_application_attributes},
    {"ManagedApplicationConfiguration", managed_application_configuration},
    {"ManagedApplicationFeedback", managed_application_feedback},
    {"ManagedApplicationList", managed_application_list},
    {"ManagedMediaList", managed_media_list},
    {"NSExtensionMappings", ns_extension_mappings},
    {"OSUpdateStatus", os_update_status},
    {"PlayLostModeSound", play_lost_mode_sound, kInLostMode},
    {"ProfileList", profile_list},
    {"ProvisioningProfileList", provisioning_profile_list},
    {"RefreshCellularPlans", refresh_cellular_plans},
    {"RemoveApplication", remove_application},
    {"RemoveMedia", remove_media},
    {"RemoveProfile", remove_profile},
    {"RemoveProvisioningProfile", remove_provisioning_profile},
    {"RequestMirroring", request_mirroring},
    {"RequestUnlockToken", request_unlock_token},
    {"RestartDevice", restart_device},
    {"Restrictions", restrictions},
    {"RotateFileVaultKey", rotate_file_vault_key},
    {"ScheduleOSUpdate", schedule_os_update},
    {"ScheduleOSUpdateScan", schedule_os_update_scan},
    {"SecurityInfo", security_info},
    {"SetAutoAdminPassword", set_auto_admin_password},
    {"SetFirmwarePassword", set_firmware_password},
    {"SetRecoveryLock", set_recovery_lock},
    {"Settings", settings},
    {"ShutDownDevice", shut_down_device},
    {"StopMirroring", stop_mirroring},
    {"TriggerEnhancedLogCollection", trigger_enhanced_log_collection},
    {"UnlockUserAccount", unlock_user_account},
    {"UserConfigured", user_configured},
    {"UserList", user_list},
    {"ValidateApplications", validate_applications},
    {"VerifyFirmwarePassword", verify_firmware_password},
    {"VerifyRecoveryLock", verify_recovery_lock},
});

}  // namespace

std::span<const CommandRow> command_table() {
  return kTable;
}

}  // namespace understudy::agent
