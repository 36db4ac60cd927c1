#pragma once

/// Distinguished names, and subject alternative names.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/crypto/errc.h"

namespace understudy::crypto {

/// One attribute: `type` is a dotted OID or a short name OpenSSL knows ("CN", "O", "UID",
/// "serialNumber").
struct Attribute {
  std::string type;
  std::string value;  ///< UTF-8
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// A sequence of RDNs, each a set of attributes, as SCEP payloads spell it:
/// [[["CN","x"]],[["2.5.4.5","y"]]].
struct Name {
  std::vector<std::vector<Attribute>> rdns;

  /// One RDN an attribute.
  static Name of(std::vector<Attribute> attributes);
  /// The first value of that attribute; `type` may be short name or dotted OID, either finds the
  /// other.
  std::optional<std::string> find(std::string_view type) const;
  /// "CN=x, O=y" for people (RFC 2253 style escapes).
  std::string text() const;
  friend bool operator==(const Name&, const Name&) = default;
};

/// The DER form. Errors: errc::malformed with the attribute that cannot be written.
Result<Bytes> name_der(const Name& name);

/// subjectAltName entries; empty lists are left out.
struct AltNames {
  std::vector<std::string> dns;
  std::vector<std::string> ip;     ///< textual IPv4 or IPv6
  std::vector<std::string> email;  ///< rfc822Name
  std::vector<std::string> uri;
  std::vector<std::string> nt_principal;  ///< otherName 1.3.6.1.4.1.311.20.2.3
  bool empty() const {
    return dns.empty() && ip.empty() && email.empty() && uri.empty() && nt_principal.empty();
  }
};

/// The UID attribute (0.9.2342.19200300.100.1.1), an APNs topic (docs/protocol/provider-api.md).
inline constexpr std::string_view kUidOid = "0.9.2342.19200300.100.1.1";

}  // namespace understudy::crypto
