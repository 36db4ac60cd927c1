#pragma once

/// Private to tools/catalog: what messages and payloads have in common, from YAML to JSON. A word
/// of the schema that is not known throws std::runtime_error with its place.

#include <yaml-cpp/yaml.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace understudy::catalog {

using Json = nlohmann::ordered_json;

/// What a key takes over from what it stands in, for one platform.
struct Span {
  std::optional<std::string> introduced;  ///< nullopt: does not exist there
  std::optional<std::string> removed;
};
inline constexpr std::size_t kPlatforms = 5;
using Spans = std::array<Span, kPlatforms>;

/// Where we are, for the error: Apple's next release may hold a word we have not seen.
[[noreturn]] void unknown(const std::string& where, const std::string& what);

/// `supportedOS` of a message, payload or key; empty where it says nothing.
Json platforms(const YAML::Node& node, Spans& spans, const std::string& where);
Json convert_keys(const YAML::Node& keys, const Spans& outer, const std::string& where);

/// A line for each key: what a release changed shows as the lines it changed.
void write_keys(std::string& to, const Json& keys);

}  // namespace understudy::catalog
