#pragma once

/// Apple runs two push services that know nothing of each other: production, and the sandbox for
/// development (UseDevelopmentAPNS in the MDM payload; mdm/profiles/com.apple.mdm.yaml).

#include <string_view>

#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::apns_mock {

enum class Environment { production, sandbox };

inline std::string_view environment_name(Environment environment) {
  return environment == Environment::sandbox ? "sandbox" : "production";
}

/// Errors: errc::invalid_argument, naming the two.
inline Result<Environment> parse_environment(std::string_view name) {
  if (name == "production") return Environment::production;
  if (name == "sandbox") return Environment::sandbox;
  return fail(errc::invalid_argument, "there is no APNs environment '" + std::string(name) + "'",
              "there are production and sandbox");
}

}  // namespace understudy::apns_mock
