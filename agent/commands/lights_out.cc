/// LOMDeviceRequest, LOMSetupRequest: lights-out management of Macs over the network. Sources:
/// mdm/commands/lom.*.yaml.

#include <array>
#include <cstdio>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/queries.h"

namespace understudy::agent {
namespace {

constexpr int kProtocolVersion = 1;

Outcome no_lights_out() {
  return Outcome::refusal(codes::kInvalidRequestType,
                          "This Mac has no lights-out management: it needs an Ethernet port.");
}

/// The link-local address that follows from an Ethernet address (RFC 4291, appendix A).
std::string link_local(const std::string& mac) {
  std::array<unsigned, 6> part{};
  std::sscanf(mac.c_str(), "%x:%x:%x:%x:%x:%x", &part[0], &part[1], &part[2], &part[3], &part[4],
              &part[5]);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "fe80::%x:%xff:fe%02x:%x", (part[0] ^ 2U) << 8 | part[1],
                part[2], part[3], part[4] << 8 | part[5]);
  return text.data();
}

/// The controller has no other device in its network.
plist::Dict unreached(const plist::Value& request) {
  plist::Dict answer;
  answer.emplace("DeviceRequestUUID", request.string_at("DeviceRequestUUID").value_or(""));
  answer.emplace("DeviceRequestSuccess", false);
  answer.emplace("DeviceRequestReturnError",
                 request.string_at("DeviceDNSName").value_or("") + " did not answer");
  return answer;
}

}  // namespace

Outcome lom_device_request(Device& device, const mdm::Command& command, const Surroundings&) {
  if (!supports_lights_out(device)) return no_lights_out();
  plist::Array answers;
  for (const plist::Value& request : array_argument(command, "RequestList")) {
    answers.emplace_back(unreached(request));
  }
  plist::Dict body;
  body.emplace("ResponseList", std::move(answers));
  return Outcome::acknowledged(std::move(body));
}

Outcome lom_setup_request(Device& device, const mdm::Command&, const Surroundings&) {
  if (!supports_lights_out(device)) return no_lights_out();
  plist::Array first;
  first.emplace_back(link_local(device.hardware.ethernet_mac));
  plist::Array second;
  second.emplace_back(link_local(device.hardware.wifi_mac));
  plist::Dict body;
  body.emplace("PrimaryIPv6AddressList", std::move(first));
  body.emplace("SecondaryIPv6AddressList", std::move(second));
  body.emplace("LOMProtocolVersion", kProtocolVersion);
  return Outcome::acknowledged(std::move(body));
}

}  // namespace understudy::agent
