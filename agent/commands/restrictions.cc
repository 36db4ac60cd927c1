/// Restrictions, ClearRestrictionsPassword. Sources: mdm/commands/device.restrictions.*.yaml.

#include <algorithm>
#include <set>

#include "agent/commands/arguments.h"
#include "agent/commands/handlers.h"
#include "agent/payloads/in_force.h"

namespace understudy::agent {
namespace {

using plist::Array;
using plist::Dict;
using plist::Value;

constexpr const char* kBools = "restrictedBool";
constexpr const char* kNumbers = "restrictedValue";
constexpr const char* kIntersection = "intersection";
constexpr const char* kUnion = "union";

/// A list of what is allowed shrinks with each profile, a list of what is not grows.
bool is_allow_list(std::string_view name) {
  return name.starts_with("allow") || name.starts_with("whitelist") ||
         name.starts_with("autonomous");
}

Dict& part(Dict& all, const char* name) {
  return *all.try_emplace(name, Dict{}).first->second.if_dict();
}

Dict with(const char* key, Value value) {
  Dict dict;
  dict.emplace(key, std::move(value));
  return dict;
}

/// Most restrictions allow something and bind when false; these demand something.
bool binds_when_true(std::string_view name) {
  return name.starts_with("force") || name.starts_with("require") ||
         name == "safariForceFraudWarning";
}

/// Most numbers are limits, of which the smaller binds; of these the greater. That updates wait for
/// the longest delay is how Apple combines the declarations (softwareupdate.settings, Deferrals).
bool binds_when_greater(std::string_view name) {
  return name.starts_with("min") || name == "enforcedSoftwareUpdateDelay" || name == "pinHistory";
}

void add_bool(Dict& all, const std::string& name, bool value) {
  const bool binding = binds_when_true(name);
  Value& entry = part(all, kBools).try_emplace(name, with("value", value)).first->second;
  if (entry.bool_at("value") != binding && value == binding) entry = with("value", value);
}

void add_number(Dict& all, const std::string& name, std::int64_t value) {
  Value& entry = part(all, kNumbers).try_emplace(name, with("value", value)).first->second;
  const std::int64_t old = entry.int_at("value").value_or(value);
  entry = with("value", binds_when_greater(name) ? std::max(old, value) : std::min(old, value));
}

std::set<std::string> texts_of(const Value* list) {
  std::set<std::string> texts;
  const Array* array = list == nullptr ? nullptr : list->if_array();
  if (array == nullptr) return texts;
  for (const Value& element : *array) {
    if (const std::string* text = element.if_string()) texts.insert(*text);
  }
  return texts;
}

void add_list(Dict& all, const std::string& name, const Value& list) {
  const bool shrinks = is_allow_list(name);
  const std::set<std::string> texts = texts_of(&list);
  Dict& lists = part(all, shrinks ? kIntersection : kUnion);
  const auto old = lists.find(name);
  std::set<std::string> result = texts;
  if (old != lists.end()) {
    const std::set<std::string> before = texts_of(old->second.find("values"));
    if (shrinks) {
      std::erase_if(result, [&](const std::string& text) { return !before.contains(text); });
    } else {
      result.insert(before.begin(), before.end());
    }
  }
  lists.insert_or_assign(name, with("values", Array(result.begin(), result.end())));
}

void add_payload(Dict& all, const Dict& keys) {
  for (const auto& [name, value] : keys) {
    if (const bool* flag = value.if_bool()) add_bool(all, name, *flag);
    if (const auto number = value.if_int()) add_number(all, name, *number);
    // safariAcceptCookies. The reply has whole numbers only, and its 1.5 means what 1 does.
    if (const double* real = value.if_real()) {
      add_number(all, name, static_cast<std::int64_t>(*real));
    }
    if (value.if_array() != nullptr) add_list(all, name, value);
  }
}

}  // namespace

Outcome restrictions(Device& device, const mdm::Command& command, const Surroundings&) {
  Dict global;
  Dict by_profile;
  for (const auto& payload : payloads_in_force(
           device, {"com.apple.applicationaccess", "com.apple.mobiledevice.passwordpolicy"})) {
    const Dict& keys = *payload.keys.if_dict();
    if (keys.empty()) continue;
    add_payload(global, keys);
    add_payload(part(by_profile, payload.profile.c_str()), keys);
  }
  // The schema wants the key in every reply; what it holds is for those who ask.
  if (!flag_argument(command, "ProfileRestrictions")) by_profile.clear();
  Dict body;
  body.emplace("GlobalRestrictions", std::move(global));
  body.emplace("ProfileRestrictions", std::move(by_profile));
  return Outcome::acknowledged(std::move(body));
}

Outcome clear_restrictions_password(Device& device, const mdm::Command&, const Surroundings&) {
  device.restrictions_password.clear();
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
