#pragma once

/// JSON answers. Inside console/ only.

#include <nlohmann/json.hpp>
#include <string>

#include "shared/core/result.h"
#include "shared/net/http.h"

namespace understudy::server {

inline net::HttpResponse json_response(int status, const nlohmann::json& body) {
  // Octets that are no UTF-8 (a device's own words) are replaced, never a reason to fail.
  const auto handling = nlohmann::json::error_handler_t::replace;
  return net::HttpResponse::of(status, "application/json",
                               body.dump(2, ' ', false, handling) + "\n");
}

inline net::HttpResponse error_response(int status, const std::string& why) {
  return json_response(status, nlohmann::json{{"error", why}});
}

/// 404, 409, 400 by the error's code, 500 for what is our own fault.
int api_status(const Error& error);
inline net::HttpResponse error_response(const Error& error) {
  return error_response(api_status(error), error.message());
}

}  // namespace understudy::server
