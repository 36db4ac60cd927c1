#pragma once

/// What somebody uploads to the portal: a plain CSR, or one that an MDM vendor signed.

#include <optional>

#include "server-mock/apns/vendor_request.h"

namespace understudy::apns_mock {

struct SigningRequest {
  crypto::CertificateRequest csr;
  std::optional<VendorRequest> vendor;  ///< who signed it, when somebody did

  /// For the list of what was issued: the vendor's subject, else the CSR's.
  std::string requester() const;
};

/// Tells PKCS#10 as PEM, PKCS#10 as DER and the vendor's form apart. The CSR's own signature is
/// verified, and its key must be RSA of 2048 bits or EC of 256 at least. Errors: errc::limit,
/// errc::invalid_argument, crypto::errc, each with what to do.
Result<SigningRequest> read_signing_request(BytesView upload, const VendorTrust& trust,
                                            TimePoint now);

}  // namespace understudy::apns_mock
