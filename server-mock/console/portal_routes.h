#pragma once

/// The push certificates portal in the REST API: what was issued, and a certificate for a signing
/// request, new or renewed.

#include "server-mock/apns/push_portal.h"
#include "server-mock/console/router.h"

namespace understudy::server {

/// GET and POST /v1/apns/certificates, POST .../renew, .../{serial}/revoke. Both outlive the
/// router.
void add_portal_routes(Router& router, apns_mock::PushPortal& portal, const Clock& clock);

}  // namespace understudy::server
