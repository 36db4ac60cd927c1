#pragma once

/// The push service in the REST API: what became of pushes, who is there and what waits for whom,
/// and what can be done to tokens and connections. Pushes and counts are of this run; tokens in
/// URLs and answers are whole, which is why all of it is behind the API key.
///
/// `?environment=sandbox` selects the sandbox, production is the default.

#include "server-mock/apns/hub.h"
#include "server-mock/console/router.h"

namespace understudy::server {

/// Both outlive the router.
struct ApnsAccess {
  apns_mock::Hub& production;
  apns_mock::Hub& sandbox;
};

/// All of them. `access` is copied.
void add_apns_routes(Router& router, const ApnsAccess& access);

// Its groups.
/// GET /v1/apns/pushes, .../{apns_id}, /v1/apns/pending, /v1/apns/tokens/{token}/next
void add_apns_push_routes(Router& router, const ApnsAccess& access);
/// GET /v1/apns/tokens, .../{token}, /v1/apns/connections; POST .../{token}/unregister, /expire,
/// /rotate, /v1/apns/disconnect
void add_apns_token_routes(Router& router, const ApnsAccess& access);
/// GET /v1/apns/policies, /v1/apns/snapshot; POST /v1/apns/reset
void add_apns_service_routes(Router& router, const ApnsAccess& access);

}  // namespace understudy::server
