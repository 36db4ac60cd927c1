#pragma once

#include "shared/core/errc.h"

namespace understudy::mdm {

enum class errc {
  not_a_plist = 1,   ///< the body is no property list; the context says where and why
  missing_key,       ///< a required key is absent; the context names it
  wrong_type,        ///< a key has another type than the schema's
  bad_value,         ///< a key's value is outside what is allowed
  unknown_message,   ///< a MessageType or Status that does not exist
  no_mdm_payload,    ///< the profile has no com.apple.mdm payload
  two_mdm_payloads,  ///< the profile has more than one (MCMDMErrorDomain 12001)
  no_identity,       ///< IdentityCertificateUUID names no identity payload of the profile
  insecure_url,      ///< ServerURL or CheckInURL is not https
  bad_topic,         ///< the topic does not begin with com.apple.mgmt.
  bad_rights,        ///< AccessRights is a sum that cannot be (docs/protocol/profiles.md)
  bad_signature,     ///< Mdm-Signature, or the profile's signature, does not verify
};

}  // namespace understudy::mdm

template <>
struct understudy::ErrcTraits<understudy::mdm::errc> {
  static constexpr const char* kName = "mdm";
  static std::string describe(mdm::errc code);
};
template <>
struct std::is_error_code_enum<understudy::mdm::errc> : std::true_type {};
namespace understudy::mdm {
UNDERSTUDY_ERRC(errc)
}
