#pragma once

/// Configuration profiles as containers, and the enrollment profile in particular. No I/O.
/// Sources: mdm/profiles/TopLevel.yaml, CommonPayloadKeys.yaml, com.apple.mdm.yaml;
/// docs/protocol/profiles.md.

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/crypto/cms.h"
#include "shared/mdm/errc.h"
#include "shared/plist/value.h"

namespace understudy::mdm {

/// One element of PayloadContent.
struct Payload {
  std::string type, identifier, uuid, display_name;
  std::int64_t version = 1;
  plist::Dict body;  ///< all of it, headers included
};

/// A profile, bare or signed.
struct Profile {
  std::string identifier, uuid, display_name, description, organization;
  std::int64_t version = 1;
  bool removal_disallowed = false;
  bool encrypted = false;  ///< its body was EncryptedPayloadContent
  std::vector<Payload> payloads;
  std::vector<crypto::Certificate> signers;  ///< signer first; empty: not signed
  plist::Dict top;                           ///< the top level, without PayloadContent
  Bytes raw;                                 ///< the bytes as received
};

/// Bare XML or binary, or CMS SignedData around one (BER too). `decrypt_with`: for
/// EncryptedPayloadContent. Errors: errc::not_a_plist, missing_key, wrong_type, bad_value (two
/// payloads of one PayloadUUID, more than 16 MiB), bad_signature.
Result<Profile> parse_profile(BytesView bytes, const crypto::Identity* decrypt_with = nullptr);

/// com.apple.security.scep, its inner dictionary. Source: com.apple.security.scep.yaml.
struct ScepPayload {
  std::string url, name, challenge;
  crypto::Name subject;
  crypto::AltNames alt_names;
  int key_size = 1024;
  int key_usage = 0;  ///< 1 signing, 4 encryption, 5 both; 0: not given
  int retries = 3;
  std::chrono::seconds retry_delay{10};
  Bytes ca_fingerprint;
};
/// com.apple.security.pkcs12.
struct Pkcs12Payload {
  Bytes file;
  std::string password;
};
using IdentityPayload = std::variant<ScepPayload, Pkcs12Payload>;

/// Errors: errc::missing_key, wrong_type, bad_value.
Result<ScepPayload> parse_scep_payload(const Payload& payload);
Result<Pkcs12Payload> parse_pkcs12_payload(const Payload& payload);
/// Certificates of com.apple.security.root, .pkcs1, .pem and .cer-like payloads of the profile.
Result<std::vector<crypto::Certificate>> certificates_of(const Profile& profile);

/// com.apple.mdm.
struct MdmPayload {
  std::string server_url, checkin_url;  ///< checkin_url equals server_url when absent
  std::string topic;
  std::string identity_uuid;
  std::uint32_t access_rights = 8191;
  bool check_out_when_removed = false;
  bool sign_message = false;
  bool use_development_apns = false;
  std::vector<std::string> server_capabilities;
  /// PayloadUUIDs of certificates of which the chain of that URL's server must contain one (1.11).
  std::vector<std::string> server_url_pins, checkin_url_pins;
  bool pinning_revocation_check = false;
};

struct EnrollmentProfile {
  Profile profile;
  MdmPayload mdm;
  IdentityPayload identity;
  std::vector<crypto::Certificate> anchors;
};

struct EnrollmentRules {
  bool allow_http = false;  ///< some servers expect a proxy in front that does TLS
};

/// parse_profile plus every rule on the MDM payload. Errors: those, no_mdm_payload,
/// two_mdm_payloads, no_identity, insecure_url, bad_topic, bad_rights.
Result<EnrollmentProfile> parse_enrollment_profile(BytesView bytes,
                                                   const EnrollmentRules& rules = {});

/// The server's side: what goes into an enrollment profile.
struct EnrollmentProfileSpec {
  std::string identifier, display_name, organization;
  std::string profile_uuid, mdm_uuid, identity_uuid;
  MdmPayload mdm;  ///< identity_uuid is taken from above; checkin_url left out when equal
  IdentityPayload identity;
  std::vector<crypto::Certificate> anchors;  ///< one com.apple.security.root payload each
};
Result<plist::Value> make_enrollment_profile(const EnrollmentProfileSpec& spec);

/// Replaces %ComputerName%, %HardwareUUID%, %SerialNumber%, %HostName%, %LocalHostName%,
/// %MACAddress% (macOS does, in subject values); others stay.
struct DeviceVariables {
  std::string computer_name{}, hardware_uuid{}, serial_number{}, host_name{}, local_host_name{},
      mac_address{};
};
std::string expand_variables(std::string_view text, const DeviceVariables& variables);

}  // namespace understudy::mdm
