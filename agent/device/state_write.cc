/// Device -> property list. What is empty, false or zero is left out: ten thousand of these lie in
/// one file.

#include <stdexcept>

#include "agent/device/state_keys.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

using plist::Array;
using plist::Dict;

void put(Dict& dict, const char* key, const std::string& value) {
  if (!value.empty()) dict.emplace(key, value);
}
void put(Dict& dict, const char* key, const Bytes& value) {
  if (!value.empty()) dict.emplace(key, value);
}
void put(Dict& dict, const char* key, bool value) {
  if (value) dict.emplace(key, value);
}
void put(Dict& dict, const char* key, std::uint64_t value) {
  if (value != 0) dict.emplace(key, value);
}
void put(Dict& dict, const char* key, std::int64_t value) {
  if (value != 0) dict.emplace(key, value);
}
void put(Dict& dict, const char* key, const std::vector<Bytes>& values) {
  if (!values.empty()) dict.emplace(key, Array(values.begin(), values.end()));
}
void put(Dict& dict, const char* key, const std::vector<std::string>& values) {
  if (!values.empty()) dict.emplace(key, Array(values.begin(), values.end()));
}
template <class T, class Writer>
void put_all(Dict& dict, const char* key, const std::vector<T>& items, Writer write) {
  if (items.empty()) return;
  Array array;
  for (const T& item : items) array.emplace_back(write(item));
  dict.emplace(key, std::move(array));
}

Dict write_hardware(const Hardware& hardware) {
  Dict dict;
  put(dict, "UDID", hardware.udid);
  put(dict, "ProvisioningUDID", hardware.provisioning_udid);
  put(dict, "SerialNumber", hardware.serial_number);
  dict.emplace("Platform", mdm::platform_name(hardware.platform));
  put(dict, "ModelName", hardware.model_name);
  put(dict, "Model", hardware.model);
  put(dict, "ModelNumber", hardware.model_number);
  put(dict, "ProductName", hardware.product_name);
  put(dict, "OSVersion", hardware.os_version);
  put(dict, "BuildVersion", hardware.build_version);
  put(dict, "IMEI", hardware.imei);
  put(dict, "MEID", hardware.meid);
  put(dict, "WiFiMAC", hardware.wifi_mac);
  put(dict, "BluetoothMAC", hardware.bluetooth_mac);
  put(dict, "EthernetMAC", hardware.ethernet_mac);
  put(dict, "UpdateID", hardware.update_id);
  put(dict, "AppleSilicon", hardware.apple_silicon);
  put(dict, "Battery", hardware.battery);
  dict.emplace("CapacityGB", hardware.capacity_gb);
  return dict;
}

Dict write_profile(const InstalledProfile& profile) {
  Dict dict;
  put(dict, "Identifier", profile.identifier);
  put(dict, "UUID", profile.uuid);
  put(dict, "Raw", profile.raw);
  put(dict, "Managed", profile.managed);
  return dict;
}

Dict write_keychain_item(const KeychainItem& item) {
  Dict dict;
  put(dict, "PayloadUUID", item.payload_uuid);
  put(dict, "ProfileIdentifier", item.profile_identifier);
  put(dict, "CommonName", item.common_name);
  put(dict, "Certificate", item.certificate_der);
  put(dict, "PrivateKey", item.private_key_der);
  return dict;
}

Dict write_app(const InstalledApp& app) {
  Dict dict;
  put(dict, "Identifier", app.identifier);
  put(dict, "Name", app.name);
  put(dict, "Version", app.version);
  put(dict, "ShortVersion", app.short_version);
  put(dict, "BundleSize", app.bundle_size);
  put(dict, "DynamicSize", app.dynamic_size);
  put(dict, "Managed", app.managed);
  return dict;
}

Dict write_mdm(const mdm::MdmPayload& mdm) {
  Dict dict;
  put(dict, "ServerURL", mdm.server_url);
  put(dict, "CheckInURL", mdm.checkin_url);
  put(dict, "Topic", mdm.topic);
  put(dict, "IdentityUUID", mdm.identity_uuid);
  // Written even when zero: zero is not the default.
  dict.emplace("AccessRights", std::uint64_t{mdm.access_rights});
  put(dict, "CheckOutWhenRemoved", mdm.check_out_when_removed);
  put(dict, "SignMessage", mdm.sign_message);
  put(dict, "UseDevelopmentAPNS", mdm.use_development_apns);
  put(dict, "ServerCapabilities", mdm.server_capabilities);
  return dict;
}

Dict write_enrollment(const Enrollment& enrollment) {
  Dict dict;
  dict.emplace("Stage", kStageNames.at(static_cast<std::size_t>(enrollment.stage)));
  dict.emplace("MDM", write_mdm(enrollment.mdm));
  put(dict, "ProfileIdentifier", enrollment.profile_identifier);
  put(dict, "IdentityPayloadUUID", enrollment.identity_payload_uuid);
  put(dict, "Anchors", enrollment.anchors_der);
  put(dict, "PushMagic", enrollment.push_magic);
  put(dict, "UnlockToken", enrollment.unlock_token);
  return dict;
}

Dict write_push(const PushState& push) {
  Dict dict;
  put(dict, "Courier", push.courier);
  put(dict, "CourierAnchors", push.courier_anchors_der);
  put(dict, "Key", push.key_der);
  put(dict, "Certificate", push.certificate_der);
  put(dict, "BaseToken", push.base_token);
  put(dict, "TopicToken", push.topic_token);
  return dict;
}

Dict write_device(const Device& device) {
  Dict dict;
  dict.emplace("Version", kStateVersion);
  put(dict, "ID", device.id);
  put(dict, "Number", device.number);
  dict.emplace("Hardware", write_hardware(device.hardware));
  put(dict, "Name", device.name);
  put(dict, "Supervised", device.supervised);
  put(dict, "Passcode", device.passcode);
  put(dict, "Locked", device.locked);
  put(dict, "LockMessage", device.lock_message);
  put(dict, "LockPhoneNumber", device.lock_phone_number);
  put(dict, "LockPIN", device.lock_pin);
  put_all(dict, "Profiles", device.profiles, write_profile);
  put_all(dict, "Keychain", device.keychain, write_keychain_item);
  put_all(dict, "Apps", device.apps, write_app);
  if (device.enrollment) dict.emplace("Enrollment", write_enrollment(*device.enrollment));
  if (Dict push = write_push(device.push); !push.empty()) dict.emplace("Push", std::move(push));
  put(dict, "WakePending", device.wake_pending);
  put(dict, "ErasedTimes", device.erased_times);
  return dict;
}

}  // namespace

Bytes serialize(const Device& device) {
  auto bytes = plist::write_binary(write_device(device));
  // Strings, data and numbers always have a binary form.
  if (!bytes) throw std::logic_error("device state: " + bytes.error().message());
  return std::move(*bytes);
}

}  // namespace understudy::agent
