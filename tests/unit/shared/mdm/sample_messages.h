#pragma once

/// Messages made out of the catalog: every key that may stand there, with a value of its type.

#include <array>
#include <string>
#include <vector>

#include "shared/mdm/catalog.h"
#include "shared/mdm/rules.h"
#include "shared/mdm/validate.h"

namespace understudy::mdm::samples {

inline constexpr std::array<Platform, kPlatforms> kAllPlatforms = {
    Platform::ios, Platform::macos, Platform::tvos, Platform::visionos, Platform::watchos};

/// The release the schema describes: iOS 18.1 and its sisters.
inline Version latest(Platform platform) {
  switch (platform) {
    case Platform::macos:
      return {{15, 1}};
    case Platform::visionos:
      return {{2, 1}};
    case Platform::watchos:
      return {{11, 1}};
    default:
      return {{18, 1}};
  }
}

/// A device for which nothing but the platform is in the way.
inline Target willing(Platform platform) {
  Target target;
  target.platform = platform;
  target.os = latest(platform);
  target.supervised = true;
  target.automated = true;
  return target;
}

inline bool here(const KeySpec& key, const Target& target) {
  const auto& entry = key.platforms.at(static_cast<std::size_t>(target.platform));
  return !entry || refusals(*entry, target).empty();
}

plist::Dict inline dict_of(const std::vector<KeySpec>& keys, const Target& target);

inline plist::Value value_of(const KeySpec& key, const Target& target) {
  switch (key.type) {
    case KeyType::boolean:
      return true;
    case KeyType::integer:
      return key.choices.empty() ? plist::Value(1) : plist::Value(std::stoi(key.choices.front()));
    case KeyType::real:
      return 0.5;
    case KeyType::string:
      for (const KeySpec& name : key.subkeys) {  // it names one of them
        if (here(name, target)) return name.name;
      }
      return key.choices.empty() ? "text" : key.choices.front();
    case KeyType::data:
      return to_bytes("data");
    case KeyType::date:
      return plist::Date{700000000};
    case KeyType::array: {
      plist::Array items;
      for (const KeySpec& alternative : key.subkeys) {
        if (here(alternative, target)) items.push_back(value_of(alternative, target));
      }
      return items;
    }
    case KeyType::dictionary:
      return dict_of(key.subkeys, target);
    case KeyType::any:
      return "anything";
  }
  return {};
}

plist::Dict inline dict_of(const std::vector<KeySpec>& keys, const Target& target) {
  plist::Dict out;
  for (const KeySpec& key : keys) {
    if (!here(key, target)) continue;
    const bool wildcard = key.name.starts_with("ANY");
    out[wildcard ? "some name" : key.name] = value_of(key, target);
  }
  return out;
}

inline plist::Dict command(const MessageSpec& spec, const Target& target) {
  plist::Dict body = dict_of(spec.request, target);
  body["RequestType"] = spec.name;
  return {{"CommandUUID", "c-1"}, {"Command", std::move(body)}};
}

inline plist::Dict response(const MessageSpec& spec, const Target& target) {
  plist::Dict out = dict_of(spec.response, target);
  out["Status"] = "Acknowledged";
  out["CommandUUID"] = "c-1";
  out["UDID"] = "u-1";
  return out;
}

inline plist::Dict checkin(const MessageSpec& spec, const Target& target) {
  plist::Dict out = dict_of(spec.request, target);
  const bool user = target.enrollment == EnrollmentKind::user;
  if (!out.contains("UDID") && !out.contains("EnrollmentID"))
    out[user ? "EnrollmentID" : "UDID"] = "u-1";
  return out;
}

/// "kind path" of each, for readable comparisons.
inline std::vector<std::string> text_of(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  out.reserve(problems.size());
  for (const Problem& problem : problems)
    out.push_back(std::string(problem_name(problem.kind)) + " " + problem.path);
  return out;
}

}  // namespace understudy::mdm::samples
