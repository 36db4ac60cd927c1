#pragma once

/// A certificate speaks for one device: the one whose Authenticate it was used in first. A device
/// may have several, each good until it expires.

#include <optional>
#include <string>

#include "server-mock/device_services/errc.h"
#include "server-mock/store/store.h"
#include "shared/crypto/certificate.h"

namespace understudy::server {

/// Why a device that is not enrolled is refused: unrecognized, unless it is about to enroll (or is
/// enrolled, and the refusal is one user's).
device_errc not_enrolled(const std::optional<DeviceRecord>& device);

/// One thread, that of its Store.
class CertificateBinding {
 public:
  explicit CertificateBinding(Store& store) : store_(store) {}

  /// At Authenticate: binds a certificate that belongs to nobody, also when the device has another
  /// one (a renewal, docs/protocol/device-facts.md 1.24; the older one stays its
  /// own, since the device may go back to it when the renewal fails, 1.23).
  /// Errors: device_errc::forbidden (another device's).
  Result<void> bind(const crypto::Certificate& certificate, const std::string& device_id);
  /// For every other message. Errors: device_errc::forbidden, and unrecognized for a device that
  /// is as unknown as its certificate.
  Result<void> require(const crypto::Certificate& certificate, const std::string& device_id);

 private:
  Store& store_;
};

}  // namespace understudy::server
