#pragma once

/// The REST API: every route of it, behind basic authentication.

#include <functional>
#include <optional>
#include <string>

#include "server-mock/console/apns_routes.h"
#include "server-mock/console/portal_routes.h"
#include "server-mock/console/router.h"
#include "server-mock/store/store.h"
#include "server-mock/workflow/command_watch.h"
#include "server-mock/workflow/console_action.h"
#include "shared/core/clock.h"
#include "shared/core/rng.h"

namespace understudy::server {

/// What the routes work on; all of it outlives the API.
struct ConsoleParts {
  Store& store;
  ConsoleAction& actions;
  CommandWatch& watch;
  const Clock& clock;
  VirtualClock* virtual_clock = nullptr;  ///< null: time cannot be set
  Rng& rng;
  std::string enrollment_identifier;  ///< what break_mdm removes
  std::function<void()> push_certificate_changed;
  std::function<void()> clock_changed;
  std::string api_key;
  std::optional<ApnsAccess> apns = {};      ///< our own push service's; none: no routes for it
  apns_mock::PushPortal* portal = nullptr;  ///< likewise
};

/// Its executor only.
class ConsoleApi {
 public:
  explicit ConsoleApi(ConsoleParts parts);
  ConsoleApi(const ConsoleApi&) = delete;
  ConsoleApi& operator=(const ConsoleApi&) = delete;
  ~ConsoleApi() = default;

  Task<net::HttpResponse> handle(net::IncomingRequest request) const;
  const std::vector<Route>& routes() const { return router_.routes(); }

 private:
  ConsoleParts parts_;
  Router router_;
};

// Each adds its group of routes, which refer to `parts`.
void add_nanomdm_routes(Router& router, const ConsoleParts& parts);
void add_push_certificate_routes(Router& router, const ConsoleParts& parts);
void add_notification_routes(Router& router, const ConsoleParts& parts);
void add_device_routes(Router& router, const ConsoleParts& parts);
void add_command_routes(Router& router, const ConsoleParts& parts);
void add_system_routes(Router& router, const ConsoleParts& parts);

}  // namespace understudy::server
