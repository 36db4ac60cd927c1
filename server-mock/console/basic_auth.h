#pragma once

/// HTTP basic authentication as NanoMDM has it: user `nanomdm`, the API key as password.

#include <string>

#include "shared/net/http_server.h"

namespace understudy::server {

bool is_authorized(const net::IncomingRequest& request, const std::string& api_key);
/// 401 with WWW-Authenticate.
net::HttpResponse unauthorized();

}  // namespace understudy::server
