#pragma once

/// What a running agent tells its user: one JSON line each on standard output (agent/cli).

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace understudy::agent {

/// Names: push, push_refused, listening, disconnected, token_update, command, conversation,
/// unenrolled, erased.
struct AgentEvent {
  std::string name;
  std::string device;  ///< its short id, "d1"
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Called on the agent's thread; must not block.
using EventSink = std::function<void(const AgentEvent&)>;

}  // namespace understudy::agent
