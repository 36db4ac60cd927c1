#pragma once

/// What requests of the push service's routes have in common. Inside console/ only.

#include <functional>
#include <optional>

#include "server-mock/console/apns_routes.h"

namespace understudy::server {

using HubHandler = std::function<net::HttpResponse(apns_mock::Hub&, const RoutedRequest&)>;

/// Calls the handler with the hub that `environment` names; 400 for another name.
SimpleHandler on_hub(const ApnsAccess& access, HubHandler handler);
/// Errors: errc::invalid_argument.
Result<apns_mock::Hub*> hub_of(const ApnsAccess& access, const net::Target& target);

/// 64 hexadecimal digits. Errors: errc::invalid_argument.
Result<apns::Token> parse_token(const std::string& text);
/// The query's `token`.
Result<std::optional<apns::Token>> query_token(const net::Target& target);

/// What a list may hold: default and at most.
inline constexpr std::int64_t kDefaultList = 1000, kMaxList = 100'000;

}  // namespace understudy::server
