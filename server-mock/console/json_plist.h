#pragma once

/// A command's dictionary as JSON. What JSON lacks is spelled {"$data": "<base64>"} and
/// {"$date": "2026-11-24T14:34:05Z"}. Inside console/ only.

#include <nlohmann/json_fwd.hpp>

#include "shared/core/result.h"
#include "shared/plist/value.h"

namespace understudy::server {

/// Errors: errc::invalid_argument (null, nested too deep, bad base64, bad date), naming the key.
Result<plist::Value> plist_from_json(const nlohmann::json& json);

}  // namespace understudy::server
