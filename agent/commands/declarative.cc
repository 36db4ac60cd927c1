/// DeclarativeManagement: the command that switches it on. What follows is a conversation of
/// check-ins. Source: mdm/commands/declarativemanagement.yaml.

#include "agent/commands/handlers.h"

namespace understudy::agent {

Outcome declarative_management(Device& device, const mdm::Command&, const Surroundings&) {
  device.declarative = true;
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
