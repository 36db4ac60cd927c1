#pragma once

/// What a person sets so that a well-known MDM server, unchanged, pushes to us: environment
/// variables, lines of /etc/hosts. Pure text. Source: the servers' own code and
/// documentation, as docs/protocol/provider-api.md says.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace understudy::apns_mock {

enum class HintTarget { nanomdm, micromdm, zentral, fleet, hosts };

/// nullopt for a name that is none of them.
std::optional<HintTarget> hint_target(std::string_view name);

/// Where the push service is.
struct HintFacts {
  std::string host = "127.0.0.1";  ///< of every URL
  std::uint16_t provider_port = 0, sandbox_port = 0;
  std::uint16_t proxy_port = 0;  ///< 0: it has no proxy
  std::string ca;                ///< file: the CA that signed the provider API's certificate
  std::string bundle;            ///< file: that CA and the system's; empty: no system bundle found
};

/// Lines for a POSIX shell: `export`s, and comments. For `hosts` the lines of /etc/hosts, also
/// between comments.
std::string hint(HintTarget target, const HintFacts& facts);

}  // namespace understudy::apns_mock
