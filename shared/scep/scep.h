#pragma once

/// SCEP (RFC 8894) as Apple devices and their servers speak it: words common to both roles.

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "shared/core/errc.h"
#include "shared/core/result.h"
#include "shared/crypto/cms.h"

namespace understudy::scep {

enum class errc {
  malformed = 1,  ///< not a SCEP message
  refused,        ///< pkiStatus FAILURE; the context names the failInfo
  pending,        ///< still pending after the last retry
  weak_ca,        ///< no digest or cipher to accept (docs/protocol/device-facts.md 3.5)
  fingerprint,    ///< the CA certificate is not the one the profile names (3.10)
  wrong_key,      ///< the certificate that came back is over another key (3.12)
  transport,      ///< HTTP status other than 200, or an unexpected content type
};

inline constexpr std::size_t kNonceOctets = 16;
/// By how much the two ends' clocks may differ: certificates begin that long ago.
inline constexpr std::chrono::hours kClockLeeway{1};

/// RFC 8894 3.2.1.2. Renewal and the two queries are read, so that they can be refused in form.
enum class MessageType {
  cert_rep = 3,
  renewal_req = 17,
  pkcs_req = 19,
  cert_poll = 20,
  get_cert = 21,
  get_crl = 22
};
enum class PkiStatus { success = 0, failure = 2, pending = 3 };
enum class FailInfo {
  bad_alg = 0,
  bad_message_check = 1,
  bad_request = 2,
  bad_time = 3,
  bad_cert_id = 4
};

std::string_view fail_info_name(FailInfo info);

/// What GetCACaps answers, one keyword a line.
struct Capabilities {
  std::set<std::string, std::less<>> keywords;

  static Capabilities parse(std::string_view text);
  std::string text() const;
  bool has(std::string_view keyword) const;  ///< case-insensitive
  bool post() const { return has("POSTPKIOperation") || has("SCEPStandard"); }
  /// SHA-256, SHA-512 or SHA-1, the first that is offered. Errors: errc::weak_ca.
  Result<crypto::Digest> digest() const;
  /// AES-128 or triple DES, the first that is offered. Errors: errc::weak_ca.
  Result<crypto::cms::Cipher> cipher() const;
};

inline constexpr std::string_view kTypeCaCert = "application/x-x509-ca-cert";
inline constexpr std::string_view kTypeCaRaCert = "application/x-x509-ca-ra-cert";
inline constexpr std::string_view kTypePkiMessage = "application/x-pki-message";

}  // namespace understudy::scep

template <>
struct understudy::ErrcTraits<understudy::scep::errc> {
  static constexpr const char* kName = "scep";
  static std::string describe(scep::errc code);
};
template <>
struct std::is_error_code_enum<understudy::scep::errc> : std::true_type {};
namespace understudy::scep {
UNDERSTUDY_ERRC(errc)
}
