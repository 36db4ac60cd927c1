/// RefreshCellularPlans. Source: mdm/commands/device.esim.yaml.

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome refresh_cellular_plans(Device& device, const mdm::Command& command, const Surroundings&) {
  if (device.hardware.imei.empty()) {
    return Outcome::refusal(codes::kInvalidRequestType,
                            "RefreshCellularPlans: this device has no modem.");
  }
  const std::string url = text_argument(command, "eSIMServerURL").value_or("");
  if (!url.starts_with("https://")) {
    return Outcome::refusal(codes::kInvalidUrl, "eSIMServerURL is no https URL.");
  }
  device.esim_server = url;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
