#include "server-mock/console/apns_request.h"

#include "server-mock/console/json_text.h"
#include "shared/core/errc.h"

namespace understudy::server {

Result<apns_mock::Hub*> hub_of(const ApnsAccess& access, const net::Target& target) {
  const std::string name = target.parameter("environment").value_or("production");
  UNDERSTUDY_TRY(const apns_mock::Environment environment, apns_mock::parse_environment(name));
  const bool is_sandbox = environment == apns_mock::Environment::sandbox;
  return is_sandbox ? &access.sandbox : &access.production;
}

SimpleHandler on_hub(const ApnsAccess& access, HubHandler handler) {
  return [access, handler = std::move(handler)](const RoutedRequest& request) {
    const Result<apns_mock::Hub*> hub = hub_of(access, request.target);
    return hub ? handler(**hub, request) : error_response(hub.error());
  };
}

Result<apns::Token> parse_token(const std::string& text) {
  const Result<apns::Token> token = apns::token_from_hex(text);
  if (token) return *token;
  return fail(errc::invalid_argument, "not a token", "a token is 64 hexadecimal digits");
}

Result<std::optional<apns::Token>> query_token(const net::Target& target) {
  const std::optional<std::string> text = target.parameter("token");
  if (!text) return std::optional<apns::Token>();
  UNDERSTUDY_TRY(const apns::Token token, parse_token(*text));
  return std::optional(token);
}

}  // namespace understudy::server
