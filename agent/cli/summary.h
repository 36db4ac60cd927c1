#pragma once

/// What enroll, connect, unenroll and run end with.

#include <map>
#include <optional>

#include "agent/cli/counts.h"
#include "agent/cli/process.h"
#include "agent/cli/tally.h"

namespace understudy::agent::cli {

/// How many devices have keys of which kind: "unique", "pool:8", "p256".
using KeyKinds = std::map<std::string, std::size_t>;

struct Summary {
  std::string verb;       ///< "enrolled"
  std::size_t count = 0;  ///< how many it was to be
  const Tally& tally;
  Duration elapsed{};
  KeyKinds keys;
  std::optional<Statuses> statuses{};  ///< where there were conversations
};

/// A few lines for people.
std::string summary_text(const Summary& summary, AgentContext& context);
/// One JSON line on standard output, {"event":"summary", ...}.
void print_summary_event(const Summary& summary, AgentContext& context);
/// The same of `run`, which has no end to be measured by: `failed` conversations, not devices.
void print_run_summary(std::size_t devices, const std::string& keys, const Counts& counts,
                       AgentContext& context);

}  // namespace understudy::agent::cli
