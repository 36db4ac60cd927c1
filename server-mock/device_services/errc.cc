#include "server-mock/device_services/errc.h"

#include "shared/mdm/errc.h"
#include "shared/plist/plist.h"

namespace understudy::server {

int http_status(const Error& error) {
  const std::error_category& category = error.code.category();
  if (category == errc_category<plist::errc>() || category == errc_category<mdm::errc>()) {
    return 400;
  }
  if (category != errc_category<device_errc>()) return 500;
  switch (static_cast<device_errc>(error.code.value())) {
    case device_errc::bad_request:
    case device_errc::unauthenticated:
      return 400;
    case device_errc::forbidden:
    case device_errc::unrecognized:
      return 403;
    case device_errc::not_managed:
      return 410;
    case device_errc::not_found:
      return 404;
    case device_errc::wrong_method:
      return 405;
    case device_errc::not_ready:
      return 503;
  }
  return 500;
}

}  // namespace understudy::server

std::string understudy::ErrcTraits<understudy::server::device_errc>::describe(
    server::device_errc code) {
  switch (code) {
    case server::device_errc::bad_request:
      return "not a message this server takes";
    case server::device_errc::unauthenticated:
      return "the identity does not verify";
    case server::device_errc::forbidden:
      return "not allowed with this identity";
    case server::device_errc::unrecognized:
      return "this server does not know the device as enrolled";
    case server::device_errc::not_managed:
      return "this user is not managed";
    case server::device_errc::not_found:
      return "no such URL";
    case server::device_errc::wrong_method:
      return "wrong HTTP method";
    case server::device_errc::not_ready:
      return "not ready";
  }
  return "unknown";
}
