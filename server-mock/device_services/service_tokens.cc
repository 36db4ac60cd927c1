#include "server-mock/device_services/service_tokens.h"

#include <nlohmann/json.hpp>

#include "server-mock/device_services/errc.h"

namespace understudy::server {
namespace {

constexpr std::string_view kAccounts = "com.apple.maid";
constexpr std::string_view kWatchPairing = "com.apple.watch.pairing";

/// RFC 7515 section 2: the alphabet for URLs, no padding.
std::string base64url(BytesView bytes) {
  std::string text = base64_encode(bytes);
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text.substr(0, text.find('='));
}

Result<std::string> parameter(const plist::Value& message, const char* name) {
  const plist::Value* parameters = message.find("TokenParameters");
  const auto value = parameters == nullptr ? std::nullopt : parameters->string_at(name);
  if (value && !value->empty()) return *value;
  return fail(device_errc::bad_request,
              std::string("GetToken for a watch without TokenParameters.") + name,
              "com.apple.watch.pairing needs SecurityToken, PhoneUDID and WatchUDID");
}

Result<void> add_watch(const plist::Value& message, nlohmann::ordered_json& claims) {
  UNDERSTUDY_TRY(const std::string security_token, parameter(message, "SecurityToken"));
  UNDERSTUDY_TRY(claims["phone_udid"], parameter(message, "PhoneUDID"));
  UNDERSTUDY_TRY(claims["watch_udid"], parameter(message, "WatchUDID"));
  claims["security_token_sha256"] =
      hex_encode(crypto::digest(crypto::Digest::sha256, as_bytes(security_token)));
  return {};
}

}  // namespace

Result<std::string> ServiceTokens::make(const mdm::OtherCheckin& get_token) {
  const plist::Value message(get_token.body);
  const std::string service = message.string_at("TokenServiceType").value_or("");
  if (service != kAccounts && service != kWatchPairing) {
    return fail(device_errc::bad_request, "GetToken for the service '" + service + "'",
                "there are com.apple.maid and com.apple.watch.pairing");
  }
  nlohmann::ordered_json claims;
  claims["iss"] = server_uuid_;
  claims["iat"] = to_unix_us(clock_.now()) / 1'000'000;
  claims["jti"] = rng_.uuid();
  claims["service_type"] = service;
  if (service == kWatchPairing) UNDERSTUDY_CHECK(add_watch(message, claims));

  std::string signed_part = base64url(as_bytes(R"({"alg":"RS256","typ":"JWT"})"));
  const std::string payload =
      claims.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  signed_part.append(".").append(base64url(as_bytes(payload)));
  UNDERSTUDY_TRY(const Bytes signature, key_.sign(crypto::Digest::sha256, as_bytes(signed_part)));
  return signed_part + "." + base64url(signature);
}

}  // namespace understudy::server
