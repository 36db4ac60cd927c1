#pragma once

/// A push that arrived and wakes nobody.

#include <string>

namespace understudy::agent {

enum class PushRefusal { wrong_topic, unknown_token, wrong_payload, stale_magic };

struct RefusedPush {
  PushRefusal reason;
  std::string words;  ///< for people; no secret in it
};

}  // namespace understudy::agent
