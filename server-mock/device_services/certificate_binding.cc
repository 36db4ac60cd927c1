#include "server-mock/device_services/certificate_binding.h"

namespace understudy::server {

device_errc not_enrolled(const std::optional<DeviceRecord>& device) {
  const bool may_stay = device && (device->state == DeviceRecord::State::authenticated ||
                                   device->state == DeviceRecord::State::enrolled);
  return may_stay ? device_errc::forbidden : device_errc::unrecognized;
}

Result<void> CertificateBinding::bind(const crypto::Certificate& certificate,
                                      const std::string& device_id) {
  const std::string fingerprint = certificate.fingerprint();
  UNDERSTUDY_TRY(const std::optional<std::string> owner, store_.certificate_owner(fingerprint));
  if (owner && *owner == device_id) return {};
  if (owner && !owner->empty()) {
    return fail(device_errc::forbidden,
                "device " + device_id + " presents the certificate of another device",
                "each device enrolls with an identity of its own");
  }
  return store_.put_certificate(fingerprint, device_id, certificate.not_after());
}

Result<void> CertificateBinding::require(const crypto::Certificate& certificate,
                                         const std::string& device_id) {
  UNDERSTUDY_TRY(const std::optional<std::string> owner,
                 store_.certificate_owner(certificate.fingerprint()));
  if (owner && *owner == device_id) return {};
  const bool is_free = !owner || owner->empty();
  UNDERSTUDY_TRY(const std::optional<DeviceRecord> device, store_.device(device_id));
  return fail(
      is_free && !device ? device_errc::unrecognized : device_errc::forbidden,
      is_free ? "the certificate is bound to no device, and " + device_id + " claims it"
              : "device " + device_id + " presents the certificate of another device",
      "send Authenticate with an identity first: a device speaks with those it has used in it");
}

}  // namespace understudy::server
