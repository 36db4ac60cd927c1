// get-token, pair-watch, renew-bootstrap-token, return-to-service

#include <algorithm>
#include <array>

#include "agent/device/bootstrap_token.h"
#include "agent/hands/motions.h"
#include "shared/core/errc.h"

namespace understudy::agent::hands {
namespace {

Result<void> check_capability(const Device& device, const char* capability) {
  if (!device.enrollment) return fail(errc::unsupported, device.id + " is not enrolled");
  if (device.enrollment->server_can(capability)) return {};
  return fail(errc::unsupported,
              device.id + " never asks: its profile's ServerCapabilities lack " + capability,
              "have the server offer it in its enrollment profile");
}

/// Source: mdm/checkin/gettoken.yaml, supportedOS.
bool knows_get_token(const Device& device) {
  struct Since {
    mdm::Platform platform;
    mdm::Version version;
  };
  static const std::array<Since, 3> rows = {Since{mdm::Platform::ios, {{17}}},
                                            Since{mdm::Platform::macos, {{14}}},
                                            Since{mdm::Platform::visionos, {{1, 1}}}};
  const mdm::Target target = device.target();
  return std::ranges::any_of(rows, [&](const Since& row) {
    return row.platform == target.platform && !(target.os < row.version);
  });
}

Result<void> check_get_token(const Device& device) {
  if (!knows_get_token(device)) return has_no(device, "GetToken (iOS 17, macOS 14, visionOS 1.1)");
  return check_capability(device, "com.apple.mdm.token");
}

}  // namespace

Result<std::string> get_token(Device& device, const std::string& argument, const Rng&) {
  UNDERSTUDY_CHECK(check_get_token(device));
  TokenRequest request;
  request.service = argument == "maid" ? "com.apple.maid" : argument;
  const std::string service = request.service;
  device.enrollment->token_request = std::move(request);
  return "asks its server for a token of " + service;
}

Result<std::string> pair_watch(Device& device, const std::string&, const Rng& seed) {
  const bool is_iphone = device.hardware.product_name.starts_with("iPhone");
  if (!is_iphone) return has_no(device, "watch to pair");
  UNDERSTUDY_CHECK(check_get_token(device));
  const Rng rng = seed.derive("device/" + std::to_string(device.number) + "/watch");
  TokenRequest request;
  request.service = "com.apple.watch.pairing";
  request.security_token = rng.derive("security token").uuid();
  request.phone_udid = device.hardware.udid;
  request.watch_udid = rng.derive("udid").uuid();
  device.enrollment->token_request = std::move(request);
  return "pairs a watch, and asks its server for a token";
}

Result<std::string> renew_bootstrap_token(Device& device, const std::string&, const Rng& seed) {
  UNDERSTUDY_CHECK(check_capability(device, "com.apple.mdm.bootstraptoken"));
  const Bytes old = std::exchange(device.enrollment->bootstrap_token, {});
  const std::string label = device.id + "/bootstrap token/" + hex_encode(old);
  make_bootstrap_token(device, seed.derive(label));
  if (device.enrollment->bootstrap_token.empty()) {
    return fail(errc::unsupported, device.id + " makes no bootstrap token",
                "that takes a supervised Mac with somebody logged in who holds a secure token");
  }
  return "has a new bootstrap token";
}

Result<std::string> return_to_service(Device& device, const std::string&, const Rng&) {
  const mdm::Version twenty_six{{26}};
  if (device.target().os < twenty_six) {
    return has_no(device, "such button: it came with version 26");
  }
  if (!device.enrollment || !device.setup.returned_to_service) {
    return fail(errc::unsupported, device.id + " is not in return to service",
                "EraseDevice with ReturnToService brings it there");
  }
  device.enrollment->asks_return = true;
  return "asks its server how to return to service";
}

}  // namespace understudy::agent::hands
