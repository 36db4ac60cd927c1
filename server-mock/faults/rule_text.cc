#include "server-mock/faults/rule_text.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "shared/core/errc.h"

namespace understudy::faults {
namespace {

using Json = nlohmann::json;

/// "line 3, column 14" of the octet with this number, from 1.
std::string place_of(std::string_view text, std::size_t octet) {
  const std::string_view before = text.substr(0, std::max<std::size_t>(octet, 1) - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n') + 1;  // 0 where there is none
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - start + 1);
}

tl::unexpected<Error> takes(std::string_view what) {
  return fail(errc::invalid_argument, "not a value of it", "it takes " + std::string(what));
}

Result<std::string> text_of(const Json& json) {
  if (!json.is_string()) return takes("a text");
  return json.get<std::string>();
}

Result<std::int64_t> integer_of(const Json& json) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_number_integer() ||
      (json.is_number_unsigned() && json.get<std::uint64_t>() > kMost)) {
    return takes("an integer of 64 bits");
  }
  return json.get<std::int64_t>();
}

Result<double> number_of(const Json& json) {
  if (!json.is_number()) return takes("a number");
  return json.get<double>();
}

Result<TimePoint> time_of(const Json& json) {
  UNDERSTUDY_TRY(const std::string text, text_of(json));
  return parse_time(text);
}

Result<Value> value_of(const Json& json) {
  if (json.is_string()) return Value(json.get<std::string>());
  if (json.is_number_float()) return Value(json.get<double>());
  if (!json.is_number()) return takes("a text or a number");
  UNDERSTUDY_TRY(const std::int64_t integer, integer_of(json));
  return Value(integer);
}

/// An object whose members `read` understands.
template <class T>
Result<std::map<std::string, T>> members_of(const Json& json, Result<T> (*read)(const Json&)) {
  if (!json.is_object()) return takes("an object");
  std::map<std::string, T> members;
  for (const auto& [name, member] : json.items()) {
    Result<T> value = read(member);
    if (!value) return fail_in(name, std::move(value).error());
    members.emplace(name, std::move(*value));
  }
  return members;
}

template <class To, class T>
Result<void> put(To& to, Result<T> value) {
  if (!value) return tl::unexpected(std::move(value).error());
  to = std::move(*value);
  return {};
}

Result<void> read_member(Rule& rule, const std::string& name, const Json& json) {
  if (name == "id") return put(rule.id, text_of(json));
  if (name == "hop") return put(rule.hop, text_of(json));
  if (name == "action") return put(rule.action, text_of(json));
  if (name == "with") return put(rule.with, members_of<Value>(json, value_of));
  if (name == "match") return put(rule.match, members_of<std::string>(json, text_of));
  if (name == "every_nth") return put(rule.every_nth, integer_of(json));
  if (name == "first_n") return put(rule.first_n, integer_of(json));
  if (name == "percent") return put(rule.percent, number_of(json));
  if (name == "from") return put(rule.from, time_of(json));
  if (name == "until") return put(rule.until, time_of(json));
  if (name == "note") return put(rule.note, text_of(json));
  if (name == "matched" || name == "fired" || name == "last_fired") return {};  // what we wrote
  return fail(errc::invalid_argument, "not a member of a fault rule",
              "there are: id, hop, action, with, match, every_nth, first_n, percent, from, until, "
              "note");
}

Result<Rule> rule_of(const Json& json) {
  if (!json.is_object()) {
    return fail(errc::invalid_argument, "not a JSON object",
                R"(a rule is {"hop": ..., "action": ...})");
  }
  for (const char* name : {"hop", "action"}) {
    if (!json.contains(name)) {
      return fail(errc::invalid_argument, std::string(name) + ": is missing",
                  "every rule has a hop and an action");
    }
  }
  Rule rule;
  for (const auto& [name, member] : json.items()) {
    if (Result<void> read = read_member(rule, name, member); !read)
      return fail_in(name, std::move(read).error());
  }
  return rule;
}

nlohmann::ordered_json json_of(const RuleStatus& status) {
  const Rule& rule = status.rule;
  nlohmann::ordered_json json;
  json["id"] = rule.id;
  json["hop"] = rule.hop;
  json["action"] = rule.action;
  for (const auto& [name, value] : rule.with) {
    std::visit([&](const auto& known) { json["with"][name] = known; }, value);
  }
  for (const auto& [name, text] : rule.match) json["match"][name] = text;
  if (rule.every_nth) json["every_nth"] = *rule.every_nth;
  if (rule.first_n) json["first_n"] = *rule.first_n;
  if (rule.percent) json["percent"] = *rule.percent;
  if (rule.from) json["from"] = format_time(*rule.from);
  if (rule.until) json["until"] = format_time(*rule.until);
  if (!rule.note.empty()) json["note"] = rule.note;
  json["matched"] = status.matched;
  json["fired"] = status.fired;
  if (status.last_fired) json["last_fired"] = format_time(*status.last_fired);
  return json;
}

std::string written(const nlohmann::ordered_json& json) {
  // A command line may hold octets that are no UTF-8.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<std::vector<Rule>> rules_from_json(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    return fail(errc::invalid_argument, "fault rules: bad JSON at " + place_of(text, error.byte),
                "send one rule as an object, or an array of them");
  } catch (const Json::out_of_range&) {
    return fail(errc::invalid_argument, "fault rules: a number is too large for a double",
                "write one of at most 1.7e308");
  }
  std::vector<Rule> rules;
  if (!json.is_array()) {
    Result<Rule> rule = rule_of(json);
    if (!rule) return fail_in("fault rule", std::move(rule).error());
    rules.push_back(std::move(*rule));
    return rules;
  }
  for (const Json& item : json) {
    Result<Rule> rule = rule_of(item);
    if (!rule) {
      return fail_in("fault rule " + std::to_string(rules.size() + 1), std::move(rule).error());
    }
    rules.push_back(std::move(*rule));
  }
  return rules;
}

std::string rules_to_json(const std::vector<RuleStatus>& rules) {
  auto json = nlohmann::ordered_json::array();
  for (const RuleStatus& rule : rules) json.push_back(json_of(rule));
  return written(json);
}

std::string rule_to_json(const RuleStatus& rule) {
  return written(json_of(rule));
}

}  // namespace understudy::faults
