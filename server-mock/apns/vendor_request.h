#pragma once

/// The signing request an MDM vendor makes for its customer, which is what Apple's portal takes:
/// base64 of an XML property list with three strings. Pure functions, any thread.
/// Source: docs/protocol/push-certificates.md.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/clock.h"
#include "shared/crypto/certificate.h"

namespace understudy::apns_mock {

struct VendorRequest {
  crypto::CertificateRequest csr;     ///< the customer's; its own signature is not looked at here
  crypto::Certificate vendor;         ///< whose key signed the CSR
  crypto::Certificate root;           ///< of the vendor's chain
  crypto::Digest signature_digest{};  ///< sha256, or sha1 of an old tool
};

/// Whom vendors must chain to.
struct VendorTrust {
  /// Empty, the policy `any`: the chain is taken as presented, up to whatever root it ends with.
  std::vector<crypto::Certificate> anchors;
};

inline constexpr std::size_t kMaxVendorRequest = std::size_t{256} * 1024;  ///< octets
inline constexpr std::size_t kMaxVendorChain = 10;                         ///< certificates

/// Every fault has one error that names the key and what to do: errc::limit (size, length of the
/// chain), errc::invalid_argument (base64, property list, keys), crypto::errc (CSR, certificates,
/// signature, dates, trust).
Result<VendorRequest> parse_vendor_request(std::string_view text, const VendorTrust& trust,
                                           TimePoint now);

}  // namespace understudy::apns_mock
