#pragma once

/// Every handler, one family a file. A handler is called by perform() only: the command is
/// well-formed, for this device, and the access right is there.

#include "agent/commands/perform.h"

namespace understudy::agent {

// account_setup.cc
Handler account_configuration, set_auto_admin_password, device_configured, user_configured;
// activation_lock.cc
Handler activation_lock_bypass_code, clear_activation_lock_bypass_code;
// apps.cc
Handler installed_application_list;
// apps_install.cc
Handler install_application, install_enterprise_application, remove_application;
// apps_managed.cc
Handler managed_application_list, managed_application_attributes, managed_application_configuration,
    managed_application_feedback;
// apps_store.cc
Handler apply_redemption_code, validate_applications, invite_to_program;
// certificates.cc
Handler certificate_list;
// content_caching.cc
Handler content_caching_information;
// declarative.cc
Handler declarative_management;
// erase.cc
Handler erase_device;
// extensions.cc
Handler active_ns_extensions, ns_extension_mappings;
// file_vault.cc
Handler rotate_file_vault_key;
// information.cc
Handler device_information;
// install_profile.cc
Handler install_profile;
// lights_out.cc
Handler lom_device_request, lom_setup_request;
// lock.cc
Handler device_lock, clear_passcode, request_unlock_token;
// log_collection.cc
Handler cancel_enhanced_log_collection, trigger_enhanced_log_collection;
// lost_mode.cc
Handler enable_lost_mode, disable_lost_mode, device_location, play_lost_mode_sound;
// mac_passwords.cc
Handler set_firmware_password, verify_firmware_password, set_recovery_lock, verify_recovery_lock;
// media.cc
Handler install_media, managed_media_list, remove_media;
// network.cc
Handler refresh_cellular_plans;
// os_update.cc
Handler available_os_updates, os_update_status, schedule_os_update, schedule_os_update_scan;
// profiles.cc
Handler remove_profile, profile_list;
// provisioning.cc
Handler install_provisioning_profile, provisioning_profile_list, remove_provisioning_profile;
// remote_screen.cc
Handler enable_remote_desktop, disable_remote_desktop, request_mirroring, stop_mirroring;
// restart.cc
Handler restart_device, shut_down_device;
// restrictions.cc
Handler restrictions, clear_restrictions_password;
// security.cc
Handler security_info;
// settings.cc
Handler settings;
// users.cc
Handler user_list, delete_user, log_out_user, unlock_user_account;

}  // namespace understudy::agent
