/// RestartDevice, ShutDownDevice. Sources: mdm/commands/device.restart.yaml, device.shutdown.yaml;
/// docs/protocol/device-facts.md 11.7.

#include "agent/payloads/restart.h"

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome restart_device(Device& device, const mdm::Command& command, const Surroundings&) {
  // Somebody who is logged in gets a notice that can be dismissed; at the login window nobody is
  // asked.
  const bool asks = device.hardware.platform == mdm::Platform::macos &&
                    flag_argument(command, "NotifyUser") &&
                    std::ranges::any_of(device.users, &User::logged_in);
  if (!asks) restart(device);
  return Outcome::acknowledged();
}

Outcome shut_down_device(Device& device, const mdm::Command&, const Surroundings&) {
  device.powered_off = true;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
