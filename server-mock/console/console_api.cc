#include "server-mock/console/console_api.h"

#include <nlohmann/json.hpp>

#include "server-mock/console/basic_auth.h"
#include "server-mock/console/fault_routes.h"
#include "server-mock/console/json_text.h"
#include "server-mock/console/metrics_route.h"
#include "shared/core/errc.h"
#include "shared/crypto/errc.h"
#include "shared/mdm/errc.h"
#include "shared/plist/plist.h"

namespace understudy::server {
namespace {

Task<net::HttpResponse> refused() {
  co_return unauthorized();
}

}  // namespace

int api_status(const Error& error) {
  const std::error_category& category = error.code.category();
  if (category == errc_category<plist::errc>() || category == errc_category<mdm::errc>() ||
      category == errc_category<crypto::errc>() || error.code == errc::invalid_argument) {
    return 400;
  }
  if (error.code == errc::not_found) return 404;
  if (error.code == errc::unsupported || error.code == errc::already_exists) return 409;
  return 500;
}

net::HttpResponse no_content() {
  net::HttpResponse nothing;
  nothing.status = 204;
  return nothing;
}

net::HttpResponse error_response(int status, const std::string& why) {
  return json_response(status, nlohmann::json{{"error", why}});
}

net::HttpResponse error_response(const Error& error) {
  return error_response(api_status(error), error.message());
}

ConsoleApi::ConsoleApi(ConsoleParts parts) : parts_(std::move(parts)) {
  add_nanomdm_routes(router_, parts_);
  add_push_certificate_routes(router_, parts_);
  add_notification_routes(router_, parts_);
  add_device_routes(router_, parts_);
  add_command_routes(router_, parts_);
  add_system_routes(router_, parts_);
  std::vector<MetricsSource> metrics = {server_metrics(parts_.store)};
  if (parts_.apns) {
    add_apns_routes(router_, *parts_.apns);
    add_fault_routes(router_, parts_.apns->production.faults());
    metrics.push_back(apns_metrics(*parts_.apns));
  }
  add_metrics_route(router_, std::move(metrics));
  if (parts_.portal != nullptr) add_portal_routes(router_, *parts_.portal, parts_.clock);
}

Task<net::HttpResponse> ConsoleApi::handle(net::IncomingRequest request) const {
  const bool is_open = request.target == "/version";
  if (!is_open && !is_authorized(request, parts_.api_key)) return refused();
  return router_.handle(std::move(request));
}

}  // namespace understudy::server
