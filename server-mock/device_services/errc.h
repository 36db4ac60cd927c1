#pragma once

/// Why device services refuse a request, and which HTTP status says so to a device.

#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::server {

/// Never 401: a device reads it as "you are not managed any more"
/// (docs/protocol/device-facts.md 6.8).
enum class device_errc {
  bad_request = 1,  ///< 400: not the message it should be
  unauthenticated,  ///< 400: no identity, or one that does not verify
  forbidden,        ///< 403: a good identity, but not of this device, or the device is not enrolled
  unrecognized,     ///< 403, by which a device unenrolls: it never came, left, or was erased
  not_managed,      ///< 410: UserAuthenticate, for a user who shall not be managed
  not_found,        ///< 404: no such URL
  wrong_method,     ///< 405
  not_ready,        ///< 503: something has to be set up first
};

/// 500 for what is no fault of the device's.
int http_status(const Error& error);

}  // namespace understudy::server

template <>
struct understudy::ErrcTraits<understudy::server::device_errc> {
  static constexpr const char* kName = "device_services";
  static std::string describe(server::device_errc code);
};
template <>
struct std::is_error_code_enum<understudy::server::device_errc> : std::true_type {};
namespace understudy::server {
UNDERSTUDY_ERRC(device_errc)
}
