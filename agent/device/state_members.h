#pragma once

/// Every stored member of a device under the name it has in the stored form, once: the writer and
/// the reader both go through this list. A visitor has
///   v(key, member)                 left out when empty, false or zero; absent reads as that
///   v.always(key, member)          written even then; absent is damage
///   v.choice(key, member, names)   an enumeration by name; always there

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "agent/device/device.h"

namespace understudy::agent {

/// Of the stored form. Members may be added without counting up: an absent one reads as empty.
inline constexpr std::int64_t kStateVersion = 1;

/// In the order of Enrollment::Stage.
inline constexpr std::array<std::string_view, 4> kStageNames = {"authenticating", "token-pending",
                                                                "enrolled", "leaving"};
/// In the order of mdm::Platform; the names of mdm::platform_name.
inline constexpr std::array<std::string_view, 5> kPlatformNames = {"iOS", "macOS", "tvOS",
                                                                   "visionOS", "watchOS"};

/// T is Of, read or written.
template <class T, class Of>
concept Is = std::same_as<std::remove_const_t<T>, Of>;

template <class V, Is<Hardware> T>
void members(V& v, T& x) {
  v.always("UDID", x.udid);
  v("ProvisioningUDID", x.provisioning_udid);
  v.always("SerialNumber", x.serial_number);
  v.choice("Platform", x.platform, kPlatformNames);
  v("ModelName", x.model_name);
  v("Model", x.model);
  v("ModelNumber", x.model_number);
  v("ProductName", x.product_name);
  v.always("OSVersion", x.os_version);
  v("BuildVersion", x.build_version);
  v("IMEI", x.imei);
  v("MEID", x.meid);
  v("WiFiMAC", x.wifi_mac);
  v("BluetoothMAC", x.bluetooth_mac);
  v("EthernetMAC", x.ethernet_mac);
  v("UpdateID", x.update_id);
  v("AppleSilicon", x.apple_silicon);
  v("Battery", x.battery);
  v("CapacityGB", x.capacity_gb);
}

template <class V, Is<InstalledProfile> T>
void members(V& v, T& x) {
  v.always("Identifier", x.identifier);
  v("UUID", x.uuid);
  v("Raw", x.raw);
  v("Managed", x.managed);
  v("RemoveAt", x.remove_at);
}

template <class V, Is<KeychainItem> T>
void members(V& v, T& x) {
  v("PayloadUUID", x.payload_uuid);
  v("ProfileIdentifier", x.profile_identifier);
  v("CommonName", x.common_name);
  v("Certificate", x.certificate_der);
  v("PrivateKey", x.private_key_der);
}

template <class V, Is<InstalledApp> T>
void members(V& v, T& x) {
  v("Identifier", x.identifier);
  v("Name", x.name);
  v("Version", x.version);
  v("ShortVersion", x.short_version);
  v("BundleSize", x.bundle_size);
  v("DynamicSize", x.dynamic_size);
  v("Managed", x.managed);
}

template <class V, Is<ManagedApp> T>
void members(V& v, T& x) {
  v.always("Identifier", x.identifier);
  v("Name", x.name);
  v("Version", x.version);
  v("Status", x.status);
  v("ChangedAt", x.changed_at);
  v("Flags", x.flags);
  v("Enterprise", x.enterprise);
  v("Validated", x.validated);
  v("Configuration", x.configuration);
  v("Attributes", x.attributes);
  v("Feedback", x.feedback);
}

template <class V, Is<Book> T>
void members(V& v, T& x) {
  v("StoreID", x.store_id);
  v("PersistentID", x.persistent_id);
  v("URL", x.url);
  v("Kind", x.kind);
  v("Version", x.version);
  v("Author", x.author);
  v("Title", x.title);
  v("State", x.state);
}

template <class V, Is<ProvisioningProfile> T>
void members(V& v, T& x) {
  v.always("UUID", x.uuid);
  v("Name", x.name);
  v("Expires", x.expires);
  v("Managed", x.managed);
}

template <class V, Is<User> T>
void members(V& v, T& x) {
  v.always("Name", x.name);
  v("FullName", x.full_name);
  v("GUID", x.guid);
  v("UID", x.uid);
  v("LoggedIn", x.logged_in);
  v("Administrator", x.administrator);
  v("SecureToken", x.secure_token);
  v("MobileAccount", x.mobile_account);
  v("LockedOut", x.locked_out);
  v("KeychainLocked", x.keychain_locked);
  v("HasDataToSync", x.has_data_to_sync);
  v("DataUsed", x.data_used);
  v("MadeByMDM", x.made_by_mdm);
  v("Hidden", x.hidden);
  v("PasswordHash", x.password_hash);
}

template <class V, Is<Setup> T>
void members(V& v, T& x) {
  v("AwaitingConfiguration", x.awaiting_configuration);
  v("AwaitingUser", x.awaiting_user);
  v("ReturnedToService", x.returned_to_service);
  v("SkipPrimaryAccount", x.skip_primary_account);
  v("PrimaryIsRegularUser", x.primary_is_regular_user);
  v("PrimaryFullName", x.primary_full_name);
  v("PrimaryUserName", x.primary_user_name);
  v("LockPrimaryAccount", x.lock_primary_account);
  v("ManagedUser", x.managed_user);
}

template <class V, Is<OsUpdate> T>
void members(V& v, T& x) {
  v.always("ProductKey", x.product_key);
  v("Version", x.version);
  v("Build", x.build);
  v("Action", x.action);
  v("StartedAt", x.started_at);
  v("Downloaded", x.downloaded);
  v("InstallAt", x.install_at);
  v("MaxDeferrals", x.max_deferrals);
}

template <class V, Is<DeviceSettings> T>
void members(V& v, T& x) {
  v("LockWallpaper", x.lock_wallpaper);
  v("HomeWallpaper", x.home_wallpaper);
  v("DataRoaming", x.data_roaming);
  v("VoiceRoaming", x.voice_roaming);
  v("PersonalHotspot", x.personal_hotspot);
  v("BluetoothOff", x.bluetooth_off);
  v("TimeZone", x.time_zone);
  v("HostName", x.host_name);
  v("Diagnostics", x.diagnostics);
  v("AppAnalytics", x.app_analytics);
  v("PasscodeGraceSeconds", x.passcode_grace_seconds);
  v("AutoLockSeconds", x.auto_lock_seconds);
  v("UpdateCadence", x.update_cadence);
  v("Organization", x.organization);
  v("MDMOptions", x.mdm_options);
  v("SharedDevice", x.shared_device);
  v("Accessibility", x.accessibility);
}

template <class V, Is<LostMode> T>
void members(V& v, T& x) {
  v("On", x.on);
  v("Message", x.message);
  v("PhoneNumber", x.phone_number);
  v("Footnote", x.footnote);
  v("Sounds", x.sounds);
}

template <class V, Is<Position> T>
void members(V& v, T& x) {
  v("Latitude", x.latitude);
  v("Longitude", x.longitude);
}

template <class V, Is<Power> T>
void members(V& v, T& x) {
  v("Percent", x.percent);
  v("Unplugged", x.unplugged);
  v("PowerNap", x.power_nap);
}

template <class V, Is<FileVault> T>
void members(V& v, T& x) {
  v("Enabled", x.enabled);
  v("PersonalKey", x.personal_key);
  v("InstitutionalCertificate", x.institutional_certificate);
}

template <class V, Is<FirmwareChange> T>
void members(V& v, T& x) {
  v.always("Password", x.password);
  v("AllowOptionROMs", x.allow_option_roms);
}

template <class V, Is<MacSecurity> T>
void members(V& v, T& x) {
  v("FileVault", x.file_vault);
  v("RecoveryLock", x.recovery_lock);
  v("FirmwarePassword", x.firmware_password);
  v("AllowOptionROMs", x.allow_option_roms);
  v("FirmwareChange", x.firmware_change);
  v("RemoteDesktop", x.remote_desktop);
  v("Unsealed", x.unsealed);
}

template <class V, Is<mdm::MdmPayload> T>
void members(V& v, T& x) {
  v("ServerURL", x.server_url);
  v("CheckInURL", x.checkin_url);
  v("Topic", x.topic);
  v("IdentityUUID", x.identity_uuid);
  v("AccessRights", x.access_rights);
  v("CheckOutWhenRemoved", x.check_out_when_removed);
  v("SignMessage", x.sign_message);
  v("UseDevelopmentAPNS", x.use_development_apns);
  v("ServerCapabilities", x.server_capabilities);
  v("ServerURLPins", x.server_url_pins);
  v("CheckInURLPins", x.checkin_url_pins);
  v("PinningRevocationCheck", x.pinning_revocation_check);
}

template <class V, Is<UserChannel> T>
void members(V& v, T& x) {
  v.always("User", x.user);
  v("PushMagic", x.push_magic);
  v("BaseToken", x.base_token);
  v("TopicToken", x.topic_token);
  v("TokenOwed", x.token_owed);
  v("WakePending", x.wake_pending);
  v("ComesBack", x.comes_back);
  v("PutOff", x.put_off);
}

template <class V, Is<TokenRequest> T>
void members(V& v, T& x) {
  v.always("Service", x.service);
  v("SecurityToken", x.security_token);
  v("PhoneUDID", x.phone_udid);
  v("WatchUDID", x.watch_udid);
}

template <class V, Is<ReturnToService> T>
void members(V& v, T& x) {
  v.always("MDMProfile", x.mdm_profile);
  v("WiFiProfile", x.wifi_profile);
  v("Anchors", x.anchors_der);
  v("AllowHTTP", x.allow_http);
}

template <class V, Is<Enrollment> T>
void members(V& v, T& x) {
  v.choice("Stage", x.stage, kStageNames);
  v.always("MDM", x.mdm);
  v("ProfileIdentifier", x.profile_identifier);
  v("IdentityPayloadUUID", x.identity_payload_uuid);
  v("Anchors", x.anchors_der);
  v("PushMagic", x.push_magic);
  v("UnlockToken", x.unlock_token);
  v("Keys", x.keys);
  v("RemovedByUser", x.removed_by_user);
  v("UserChannel", x.user_channel);
  v("BootstrapToken", x.bootstrap_token);
  v("BootstrapOwed", x.bootstrap_owed);
  v("TokenRequest", x.token_request);
  v("AsksReturn", x.asks_return);
}

template <class V, Is<PushState> T>
void members(V& v, T& x) {
  v("Courier", x.courier);
  v("CourierAnchors", x.courier_anchors_der);
  v("Key", x.key_der);
  v("Certificate", x.certificate_der);
  v("BaseToken", x.base_token);
  v("TopicToken", x.topic_token);
}

template <class V, Is<Device> T>
void members(V& v, T& x) {
  v.always("ID", x.id);
  v("Number", x.number);
  v.always("Hardware", x.hardware);
  v("Name", x.name);
  v("Supervised", x.supervised);
  v("Automated", x.automated);
  v("SharediPad", x.shared_ipad);
  v("Passcode", x.passcode);
  v("OldPasscodes", x.old_passcodes);
  v("Locked", x.locked);
  v("LockMessage", x.lock_message);
  v("LockPhoneNumber", x.lock_phone_number);
  v("LockPIN", x.lock_pin);
  v("Profiles", x.profiles);
  v("Keychain", x.keychain);
  v("Apps", x.apps);
  v("ManagedApps", x.managed_apps);
  v("Books", x.books);
  v("Provisioning", x.provisioning);
  v("Users", x.users);
  v("UserSessions", x.user_sessions);
  v("ConsoleUser", x.console_user);
  v("OSUpdates", x.os_updates);
  v("UpdateScanAt", x.update_scan_at);
  v("Settings", x.settings);
  v("Setup", x.setup);
  v("LostMode", x.lost_mode);
  v("Mac", x.mac);
  v("Position", x.position);
  v("RestrictionsPassword", x.restrictions_password);
  v("MirroringTo", x.mirroring_to);
  v("ESIMServer", x.esim_server);
  v("ProgramInvitation", x.program_invitation);
  v("LogCollectionToken", x.log_collection_token);
  v("Declarative", x.declarative);
  v("BypassCodeAt", x.bypass_code_at);
  v("BypassCodeCleared", x.bypass_code_cleared);
  v("ContentCaching", x.content_caching);
  v("PoweredOff", x.powered_off);
  v("WaitsForFirstUnlock", x.waits_for_first_unlock);
  v("Restarts", x.restarts);
  v("Offline", x.offline);
  v("Tethered", x.tethered);
  v("Power", x.power);
  v("Enrollment", x.enrollment);
  v("ReturnToService", x.return_to_service);
  v("Push", x.push);
  v("WakePending", x.wake_pending);
  v("ComesBack", x.comes_back);
  v("PutOff", x.put_off);
  v("ErasedTimes", x.erased_times);
}

}  // namespace understudy::agent
