/// TriggerEnhancedLogCollection, CancelEnhancedLogCollection. Source:
/// tools/catalog/newer/mdm/commands.

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"

namespace understudy::agent {

/// A new token begins a new session. Nobody uploads anything here: it lasts until it is cancelled.
Outcome trigger_enhanced_log_collection(Device& device, const mdm::Command& command,
                                        const Surroundings&) {
  device.log_collection_token = text_argument(command, "AppleCareToken").value_or("");
  return Outcome::acknowledged();
}

/// Also when there is none.
Outcome cancel_enhanced_log_collection(Device& device, const mdm::Command&, const Surroundings&) {
  device.log_collection_token.clear();
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
