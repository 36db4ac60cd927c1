#pragma once

/// JSON answers. Inside console/ only.

#include <string>

#include "shared/core/result.h"
#include "shared/net/http.h"

namespace understudy::server {

/// `Json` is nlohmann::json; a template keeps that library out of headers.
template <class Json>
net::HttpResponse json_response(int status, const Json& body) {
  // Octets that are no UTF-8 (a device's own words) are replaced, never a reason to fail.
  return net::HttpResponse::of(status, "application/json",
                               body.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

/// 204
net::HttpResponse no_content();
/// {"error": why}
net::HttpResponse error_response(int status, const std::string& why);
/// 404, 409, 400 by the error's code, 500 for what is our own fault.
int api_status(const Error& error);
net::HttpResponse error_response(const Error& error);

}  // namespace understudy::server
