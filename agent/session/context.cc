#include "agent/session/context.h"

#include "shared/core/log.h"

namespace understudy::agent {

void AgentContext::note(const std::string& device, const witness::Findings& findings) const {
  for (const witness::Finding& finding : findings) {
    const auto is_first = store.findings().add(device, finding, clock.now());
    if (!is_first) {
      log::error("finding.not_stored", {{"device", device}, {"error", is_first.error().message()}});
    } else if (*is_first) {
      const auto tell = finding.level == witness::Level::info ? &log::info : &log::warn;
      tell("server.finding", {{"device", device},
                              {"id", finding.id},
                              {"level", std::string(witness::level_name(finding.level))},
                              {"what", finding.what},
                              {"command_uuid", finding.command_uuid},
                              {"source", finding.source}});
    }
  }
}

}  // namespace understudy::agent
