/// Property list -> Device. Absent members keep their defaults; a member of another type is damage.

#include <algorithm>
#include <limits>

#include "agent/device/state_keys.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

using plist::Dict;
using plist::Value;

/// Reads the members of one dictionary. The first thing that is wrong is kept in `fault`, with its
/// path; after that nothing is read any more.
class Reader {
 public:
  Reader(const Dict& dict, std::string path, std::string& fault)
      : dict_(dict), path_(std::move(path)), fault_(fault) {}

  void read(std::string_view key, std::string& out) { copy(key, &Value::if_string, out); }
  void read(std::string_view key, Bytes& out) { copy(key, &Value::if_data, out); }
  void read(std::string_view key, bool& out) { copy(key, &Value::if_bool, out); }
  void read(std::string_view key, double& out) { copy(key, &Value::if_real, out); }
  void read(std::string_view key, std::int64_t& out) {
    const Value* value = find(key);
    if (value == nullptr) return;
    if (const auto number = value->if_int()) {
      out = *number;
    } else {
      blame(key, "is no integer");
    }
  }
  void read(std::string_view key, std::uint64_t& out) {
    const Value* value = find(key);
    if (value == nullptr) return;
    if (const auto number = value->if_uint()) {
      out = *number;
    } else {
      blame(key, "is no unsigned integer");
    }
  }
  void read(std::string_view key, std::uint32_t& out) {
    std::uint64_t wide = out;
    read(key, wide);
    if (wide > std::numeric_limits<std::uint32_t>::max()) return blame(key, "is too large");
    out = static_cast<std::uint32_t>(wide);
  }
  void read(std::string_view key, std::vector<Bytes>& out) { copy_all(key, &Value::if_data, out); }
  void read(std::string_view key, std::vector<std::string>& out) {
    copy_all(key, &Value::if_string, out);
  }

  /// `visit` runs for the dictionary under `key`; a false return means there is none.
  template <class Visit>
  bool child(std::string_view key, Visit visit) {
    const Value* value = find(key);
    if (value == nullptr) return false;
    const Dict* dict = value->if_dict();
    if (dict == nullptr) {
      blame(key, "is no dictionary");
      return false;
    }
    Reader inner(*dict, path_of(key), fault_);
    visit(inner);
    return true;
  }

  /// One element of `out` for each dictionary of the array under `key`.
  template <class T, class Visit>
  void children(std::string_view key, std::vector<T>& out, Visit visit) {
    const Value* value = find(key);
    if (value == nullptr) return;
    const plist::Array* array = value->if_array();
    if (array == nullptr) return blame(key, "is no array");
    for (const Value& element : *array) {
      const Dict* dict = element.if_dict();
      if (dict == nullptr) return blame(key, "has an element that is no dictionary");
      Reader inner(*dict, path_of(key) + "[" + std::to_string(out.size()) + "]", fault_);
      visit(inner, out.emplace_back());
    }
  }

  void require(std::string_view key) {
    if (!dict_.contains(key)) blame(key, "is missing");
  }
  void blame(std::string_view key, std::string_view what) {
    if (fault_.empty()) fault_ = path_of(key) + " " + std::string(what);
  }

 private:
  const Value* find(std::string_view key) const {
    if (!fault_.empty()) return nullptr;
    const auto found = dict_.find(key);
    return found == dict_.end() ? nullptr : &found->second;
  }
  std::string path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }
  template <class T>
  void copy(std::string_view key, const T* (Value::*get)() const, T& out) {
    const Value* value = find(key);
    if (value == nullptr) return;
    const T* content = (value->*get)();
    if (content == nullptr) {
      return blame(key, "cannot be " + std::string(plist::type_name(value->type())));
    }
    out = *content;
  }
  template <class T>
  void copy_all(std::string_view key, const T* (Value::*get)() const, std::vector<T>& out) {
    const Value* value = find(key);
    if (value == nullptr) return;
    const plist::Array* array = value->if_array();
    if (array == nullptr) return blame(key, "is no array");
    for (const Value& element : *array) {
      const T* content = (element.*get)();
      if (content == nullptr) return blame(key, "has an element of another type");
      out.push_back(*content);
    }
  }

  const Dict& dict_;
  std::string path_;
  std::string& fault_;
};

void read_hardware(Reader& in, Hardware& out) {
  for (const char* key : {"UDID", "SerialNumber", "Platform", "OSVersion"}) in.require(key);
  in.read("UDID", out.udid);
  in.read("ProvisioningUDID", out.provisioning_udid);
  in.read("SerialNumber", out.serial_number);
  std::string platform;
  in.read("Platform", platform);
  if (const auto known = mdm::platform_from_name(platform)) {
    out.platform = *known;
  } else {
    in.blame("Platform", "is unknown");
  }
  in.read("ModelName", out.model_name);
  in.read("Model", out.model);
  in.read("ModelNumber", out.model_number);
  in.read("ProductName", out.product_name);
  in.read("OSVersion", out.os_version);
  if (!mdm::Version::parse(out.os_version)) in.blame("OSVersion", "is no version");
  in.read("BuildVersion", out.build_version);
  in.read("IMEI", out.imei);
  in.read("MEID", out.meid);
  in.read("WiFiMAC", out.wifi_mac);
  in.read("BluetoothMAC", out.bluetooth_mac);
  in.read("EthernetMAC", out.ethernet_mac);
  in.read("UpdateID", out.update_id);
  out.apple_silicon = false;
  in.read("AppleSilicon", out.apple_silicon);
  out.battery = false;
  in.read("Battery", out.battery);
  in.read("CapacityGB", out.capacity_gb);
}

void read_profile(Reader& in, InstalledProfile& out) {
  in.require("Identifier");
  in.read("Identifier", out.identifier);
  in.read("UUID", out.uuid);
  in.read("Raw", out.raw);
  in.read("Managed", out.managed);
}

void read_keychain_item(Reader& in, KeychainItem& out) {
  in.read("PayloadUUID", out.payload_uuid);
  in.read("ProfileIdentifier", out.profile_identifier);
  in.read("CommonName", out.common_name);
  in.read("Certificate", out.certificate_der);
  in.read("PrivateKey", out.private_key_der);
}

void read_app(Reader& in, InstalledApp& out) {
  in.read("Identifier", out.identifier);
  in.read("Name", out.name);
  in.read("Version", out.version);
  in.read("ShortVersion", out.short_version);
  in.read("BundleSize", out.bundle_size);
  in.read("DynamicSize", out.dynamic_size);
  in.read("Managed", out.managed);
}

void read_mdm(Reader& in, mdm::MdmPayload& out) {
  in.read("ServerURL", out.server_url);
  in.read("CheckInURL", out.checkin_url);
  in.read("Topic", out.topic);
  in.read("IdentityUUID", out.identity_uuid);
  in.read("AccessRights", out.access_rights);
  in.read("CheckOutWhenRemoved", out.check_out_when_removed);
  in.read("SignMessage", out.sign_message);
  in.read("UseDevelopmentAPNS", out.use_development_apns);
  in.read("ServerCapabilities", out.server_capabilities);
}

void read_enrollment(Reader& in, Enrollment& out) {
  std::string stage;
  in.read("Stage", stage);
  const auto known = std::ranges::find(kStageNames, stage);
  if (known == kStageNames.end()) return in.blame("Stage", "is unknown");
  out.stage = static_cast<Enrollment::Stage>(known - kStageNames.begin());
  in.require("MDM");
  in.child("MDM", [&](Reader& mdm) { read_mdm(mdm, out.mdm); });
  in.read("ProfileIdentifier", out.profile_identifier);
  in.read("IdentityPayloadUUID", out.identity_payload_uuid);
  in.read("Anchors", out.anchors_der);
  in.read("PushMagic", out.push_magic);
  in.read("UnlockToken", out.unlock_token);
}

void read_push(Reader& in, PushState& out) {
  in.read("Courier", out.courier);
  in.read("CourierAnchors", out.courier_anchors_der);
  in.read("Key", out.key_der);
  in.read("Certificate", out.certificate_der);
  in.read("BaseToken", out.base_token);
  in.read("TopicToken", out.topic_token);
}

void read_device(Reader& in, Device& out) {
  for (const char* key : {"ID", "Hardware"}) in.require(key);
  in.read("ID", out.id);
  in.read("Number", out.number);
  in.child("Hardware", [&](Reader& hardware) { read_hardware(hardware, out.hardware); });
  in.read("Name", out.name);
  in.read("Supervised", out.supervised);
  in.read("Passcode", out.passcode);
  in.read("Locked", out.locked);
  in.read("LockMessage", out.lock_message);
  in.read("LockPhoneNumber", out.lock_phone_number);
  in.read("LockPIN", out.lock_pin);
  in.children("Profiles", out.profiles, read_profile);
  in.children("Keychain", out.keychain, read_keychain_item);
  in.children("Apps", out.apps, read_app);
  Enrollment enrollment;
  if (in.child("Enrollment", [&](Reader& inner) { read_enrollment(inner, enrollment); })) {
    out.enrollment = std::move(enrollment);
  }
  in.child("Push", [&](Reader& push) { read_push(push, out.push); });
  in.read("WakePending", out.wake_pending);
  in.read("ErasedTimes", out.erased_times);
}

}  // namespace

Result<Device> deserialize(BytesView bytes) {
  const auto value = plist::read_binary(bytes);
  if (!value) return fail(errc::corrupt, "device state: " + value.error().message());
  const Dict* dict = value->if_dict();
  if (dict == nullptr) return fail(errc::corrupt, "device state: it is no dictionary");
  if (value->int_at("Version") != kStateVersion) {
    return fail(errc::corrupt, "device state: its version is not 1",
                "use the program that wrote it, or a newer one");
  }
  Device device;
  std::string fault;
  Reader reader(*dict, "", fault);
  read_device(reader, device);
  if (!fault.empty()) return fail(errc::corrupt, "device state: " + fault);
  return device;
}

}  // namespace understudy::agent
