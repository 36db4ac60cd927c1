/// EnableRemoteDesktop, DisableRemoteDesktop, RequestMirroring, StopMirroring. Sources:
/// mdm/commands/remotedesktop.*.yaml, mirroring.*.yaml.

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome enable_remote_desktop(Device& device, const mdm::Command&, const Surroundings&) {
  device.mac.remote_desktop = true;
  return Outcome::acknowledged();
}

Outcome disable_remote_desktop(Device& device, const mdm::Command&, const Surroundings&) {
  device.mac.remote_desktop = false;
  return Outcome::acknowledged();
}

Outcome request_mirroring(Device& device, const mdm::Command& command, const Surroundings&) {
  const auto name = text_argument(command, "DestinationName");
  const auto address = text_argument(command, "DestinationDeviceID");
  const std::string destination = name.value_or(address.value_or(""));
  if (destination.empty()) {
    return Outcome::refusal(codes::kMalformedRequest,
                            "RequestMirroring needs DestinationName or DestinationDeviceID.");
  }
  // Every screen is in reach, and whoever holds the device says yes to the prompt.
  device.mirroring_to = destination;
  plist::Dict body;
  body.emplace("MirroringResult", "Prompting");
  return Outcome::acknowledged(std::move(body));
}

Outcome stop_mirroring(Device& device, const mdm::Command&, const Surroundings&) {
  device.mirroring_to.clear();
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
