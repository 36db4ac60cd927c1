#pragma once

/// One stand-in device: everything it is and remembers. A plain value; who changes it, and on which
/// thread, is the owner's business (agent/fleet). Nothing here does I/O.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/device/lost_mode.h"
#include "agent/device/mac_security.h"
#include "agent/device/managed.h"
#include "agent/device/os_update.h"
#include "agent/device/power.h"
#include "agent/device/return_to_service.h"
#include "agent/device/service_token.h"
#include "agent/device/settings.h"
#include "agent/device/user_channel.h"
#include "agent/device/users.h"
#include "shared/core/bytes.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"
#include "shared/mdm/profile.h"
#include "shared/mdm/target.h"

namespace understudy::agent {

/// What was made in the factory and what was installed: does not change while the device lives,
/// except by an OS update.
struct Hardware {
  std::string udid;
  std::string provisioning_udid;  ///< what provisioning profiles name; Macs only, else empty
  std::string serial_number;
  mdm::Platform platform = mdm::Platform::ios;
  std::string model_name;     ///< "iPhone"
  std::string model;          ///< what the system calls it: "MPXV3LL"; a Mac says "Mac14,2"
  std::string model_number;   ///< the order number with its region: "MPXV3LL/A"
  std::string product_name;   ///< "iPhone15,2"
  std::string os_version;     ///< "18.1"
  std::string build_version;  ///< "22B83"
  std::string imei, meid;     ///< empty where the hardware has no modem
  std::string wifi_mac, bluetooth_mac;
  std::string ethernet_mac;  ///< empty where the hardware has no port
  std::string update_id;     ///< SoftwareUpdateDeviceID: "iPhone15,2", a Mac's board "J413AP"
  bool apple_silicon = true;
  bool battery = true;
  double capacity_gb = 128;

  friend bool operator==(const Hardware&, const Hardware&) = default;
};

/// A profile that is installed. The enrollment profile is one of them.
struct InstalledProfile {
  std::string identifier, uuid;
  Bytes raw;                   ///< as received, signature included
  bool managed = false;        ///< came over MDM: goes when MDM goes
  std::int64_t remove_at = 0;  ///< seconds since 1970; 0: stays until somebody removes it

  friend bool operator==(const InstalledProfile&, const InstalledProfile&) = default;
};

struct InstalledApp {
  std::string identifier, name, version, short_version;
  std::int64_t bundle_size = 0, dynamic_size = 0;
  bool managed = false;

  friend bool operator==(const InstalledApp&, const InstalledApp&) = default;
};

/// The key store: identities and certificates, each with the payload that brought it.
struct KeychainItem {
  std::string payload_uuid;
  std::string profile_identifier;
  std::string common_name;
  Bytes certificate_der;
  Bytes private_key_der;  ///< empty for a certificate without key

  friend bool operator==(const KeychainItem&, const KeychainItem&) = default;
};

/// How one MDM relationship stands.
struct Enrollment {
  enum class Stage {
    authenticating,  ///< profile accepted, Authenticate not yet answered by 200
    token_pending,   ///< a TokenUpdate is owed (first one, or push token changed); repeated until
                     ///< 200
    enrolled,
    leaving,  ///< the MDM profile is being removed: results first, then CheckOut, then it all goes
  };
  Stage stage = Stage::authenticating;
  mdm::MdmPayload mdm;
  std::string profile_identifier;
  std::string identity_payload_uuid;  ///< its key and certificate are in the keychain
  std::vector<Bytes> anchors_der;  ///< certificate payloads of the profile, trusted for the server
  std::string push_magic;          ///< new at each enrollment
  Bytes unlock_token;              ///< escrow for ClearPasscode; empty where the platform has none
  std::string keys;                ///< the shortcut that made its keys ("pool:8"); empty: none
  bool removed_by_user =
      false;  ///< with leaving: no server holds it up, and CheckOut is tried once
  std::optional<UserChannel> user_channel;
  Bytes bootstrap_token;        ///< empty: none was made (7.7)
  bool bootstrap_owed = false;  ///< a SetBootstrapToken: repeated until the server takes it
  std::optional<TokenRequest> token_request;  ///< a GetToken that somebody waits for
  bool asks_return = false;                   ///< a ReturnToService check-in is owed

  /// Whether the profile's ServerCapabilities have it ("com.apple.mdm.bootstraptoken").
  bool server_can(std::string_view capability) const;
};

/// The push channel's memory: which courier, which tokens.
struct PushState {
  std::string courier;  ///< host:port; empty: no push channel
  std::vector<Bytes> courier_anchors_der;
  Bytes key_der, certificate_der;  ///< device certificate of apns-security-v3
  Bytes base_token;                ///< 32 octets, as minted by the courier
  Bytes topic_token;               ///< app token for the MDM topic: what TokenUpdate carries

  friend bool operator==(const PushState&, const PushState&) = default;
};

struct Device {
  std::string id;            ///< short and stable, "d1": how the command line names it
  std::uint64_t number = 0;  ///< as given to make_device; part of every seed of this device
  Hardware hardware;
  std::string name;  ///< "Understudy iPhone 1"
  bool supervised = false;
  bool automated = false;    ///< counts as having come by Automated Device Enrollment
  bool shared_ipad = false;  ///< several people, one after the other

  std::string passcode;                    ///< empty: none set
  std::vector<std::string> old_passcodes;  ///< newest first, as many as policies ask about
  bool locked = false;
  std::string lock_message, lock_phone_number;
  std::string lock_pin;  ///< macOS: what DeviceLock asked for, and what unlocks again

  std::vector<InstalledProfile> profiles;
  std::vector<KeychainItem> keychain;
  std::vector<InstalledApp> apps;
  std::vector<ManagedApp> managed_apps;
  std::vector<Book> books;
  std::vector<ProvisioningProfile> provisioning;
  std::vector<User> users;
  std::uint64_t user_sessions = 0;   ///< Shared iPad: how many there were, for their secrets
  std::string console_user;          ///< Macs: whose screen it is; empty: nobody switched users
  std::vector<OsUpdate> os_updates;  ///< asked for by a server
  std::int64_t update_scan_at = 0;   ///< seconds since 1970; 0: never asked for

  DeviceSettings settings;
  Setup setup;
  LostMode lost_mode;
  MacSecurity mac;
  std::optional<Position> position;   ///< nullopt: it cannot tell where it is
  std::string restrictions_password;  ///< empty: none set
  std::string mirroring_to;           ///< the screen it shows itself on; empty: none
  std::string esim_server;            ///< where it was last sent for a cellular plan
  std::string program_invitation;     ///< URL of the last accepted one
  std::string log_collection_token;   ///< AppleCare's, of the running session; empty: none
  bool declarative = false;           ///< DeclarativeManagement was switched on
  std::int64_t bypass_code_at = 0;    ///< seconds since 1970: first asked for; 0: never
  bool bypass_code_cleared = false;
  bool content_caching = false;  ///< Macs: a profile activated it; it stays so without the profile

  bool powered_off = false;
  bool waits_for_first_unlock = false;  ///< restarted, and its passcode not entered since
  std::uint64_t restarts = 0;
  bool offline = false;   ///< in a drawer without network
  bool tethered = false;  ///< its network comes from a Mac by cable; iOS only
  Power power;

  std::optional<Enrollment> enrollment;
  std::optional<ReturnToService> return_to_service;  ///< it was erased, and enrolls by itself
  PushState push;
  bool wake_pending = false;  ///< a push was acknowledged and its conversation has not ended yet
  bool comes_back = false;    ///< its last word was NotNow: it connects by itself once it can
  std::string put_off;        ///< with comes_back: the RequestType of the command that got it
  std::uint64_t erased_times = 0;

  /// What rules ask of it (mdm/validate.h).
  mdm::Target target() const;
  const KeychainItem* find_identity(const std::string& payload_uuid) const;
  const InstalledProfile* find_profile(const std::string& identifier) const;
  ManagedApp* find_managed_app(std::string_view identifier);
  User* find_user(std::string_view user_name);
};

/// The whole device as one binary property list, and back. Errors: errc::corrupt.
Bytes serialize(const Device& device);
Result<Device> deserialize(BytesView bytes);

struct FactoryOptions {
  std::string model = "iphone";  ///< as model_choice.h has it: "ipad", "mix:iphone=7,mac=3", ...
  std::string os_version{};      ///< empty: the newest release that the model runs
  bool supervised = false;
  bool automated = false;       ///< supervised then; waits in Setup Assistant for DeviceConfigured
  bool shared_ipad = false;     ///< iPads only; the personality shared-ipad is one without it
  std::string build_version{};  ///< with os_version: a release that is not known here
};
/// The same seed and number give the same device, whatever else was made. It comes with a passcode
/// where its platform has one, as if its owner had set it up. A watch is supervised, a Shared iPad
/// supervised and automated.
/// Errors: errc::not_found with the names or versions that exist.
Result<Device> make_device(const Rng& seed, std::uint64_t number, const FactoryOptions& options);
/// What make_device would refuse, of each model of a mix.
Result<void> check_options(const FactoryOptions& options);
/// "iphone  iPhone15,2  iOS 17.0 to 18.1" and so on, for help.
std::vector<std::string> model_names();

/// Everything that came over MDM goes: managed profiles and what they brought, managed apps that
/// are flagged for it, books, what the organization set, the enrollment, its identity, the push
/// token of its topic.
void remove_management(Device& device);
/// Back to the factory state. The hardware, the place it is at, the push identity and what Apple's
/// servers know of it (supervision, automated enrollment, Shared iPad) stay.
void erase(Device& device, const Rng& seed, std::uint64_t number);

}  // namespace understudy::agent
