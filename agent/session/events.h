#pragma once

/// What a running agent tells its user: one JSON line each on standard output (agent/cli).

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace understudy::agent {

/// Names: push, push_refused, listening, disconnected, token_update, bootstrap_token,
/// service_token, command, conversation, hand, unenrolled, erased, returned. What happens on a user
/// channel names its `user`.
struct AgentEvent {
  std::string name;
  std::string device;  ///< its short id, "d1"
  using Fields = std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>>;
  Fields fields;
};

/// Called on the agent's thread; must not block.
using EventSink = std::function<void(const AgentEvent&)>;

}  // namespace understudy::agent
