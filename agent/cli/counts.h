#pragma once

/// What a process did, counted from its events: what is said as an event line is what is counted.

#include <map>
#include <string>

#include "agent/cli/tally.h"
#include "agent/session/events.h"

namespace understudy::agent::cli {

/// How many commands got which status: "Acknowledged", "NotNow". One that is answered again is not
/// counted again.
using Statuses = std::map<std::string, std::size_t>;

class Counts {
 public:
  void see(const AgentEvent& event);

  const Statuses& statuses() const { return statuses_; }
  std::size_t conversations() const { return conversations_; }
  /// Those conversations that failed, by kind.
  const Tally& failures() const { return failures_; }

 private:
  Statuses statuses_;
  std::size_t conversations_ = 0;
  Tally failures_;
};

}  // namespace understudy::agent::cli
