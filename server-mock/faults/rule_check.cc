#include <algorithm>

#include "server-mock/faults/rule.h"
#include "shared/core/errc.h"

namespace understudy::faults {
namespace {

constexpr std::size_t kMaxId = 64;

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

Result<void> check_id(const std::string& id) {
  // It stands in a URL's path.
  if (id.size() <= kMaxId && std::all_of(id.begin(), id.end(), is_id_character)) return {};
  return fail(errc::invalid_argument, "id: not what names a rule",
              "use letters, digits, '.', '_' and '-', at most " + std::to_string(kMaxId));
}

bool in_range(const Parameter& parameter, double number) {
  return number >= parameter.least && number <= parameter.most;  // false for what is no number
}

/// Whether the value is one of the parameter's; an integer becomes a number where one is wanted.
bool fits(const Parameter& parameter, Value& value) {
  if (parameter.otherwise == value) return true;  // what a rule shows that was given none
  if (parameter.type == Parameter::Type::text) {
    const auto* text = std::get_if<std::string>(&value);
    const auto& values = parameter.values;
    return text != nullptr &&
           (values.empty() || std::find(values.begin(), values.end(), *text) != values.end());
  }
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (parameter.type == Parameter::Type::integer)
    return integer != nullptr && in_range(parameter, static_cast<double>(*integer));
  if (integer != nullptr) value = static_cast<double>(*integer);
  const auto* number = std::get_if<double>(&value);
  return number != nullptr && in_range(parameter, *number);
}

Result<void> check_parameters(Rule& rule, const Action& action) {
  for (auto& [name, value] : rule.with) {
    const Parameter* parameter = find_parameter(action, name);
    if (parameter == nullptr) {
      return fail(errc::invalid_argument,
                  "with: action " + action.name + " has no parameter '" + name + "'",
                  "it has: " + names_of(action.parameters));
    }
    if (!fits(*parameter, value)) {
      return fail(errc::invalid_argument, "with." + name + ": not a value of it",
                  "it takes " + parameter->describe());
    }
  }
  for (const Parameter& parameter : action.parameters) {
    if (rule.with.contains(parameter.name)) continue;
    if (!parameter.otherwise) {
      return fail(errc::invalid_argument,
                  "with: action " + action.name + " needs '" + parameter.name + "'",
                  "give it " + parameter.describe());
    }
    rule.with.emplace(parameter.name, *parameter.otherwise);
  }
  return {};
}

Result<void> check_match(const Rule& rule, const Hop& hop) {
  for (const auto& [attribute, text] : rule.match) {
    if (has_attribute(hop, attribute)) continue;
    return fail(errc::invalid_argument,
                "match: hop " + hop.name + " has no attribute '" + attribute + "'",
                "it has: " + names_of(hop.attributes));
  }
  return {};
}

Result<void> check_conditions(const Rule& rule) {
  const auto below_one = [](const std::optional<std::int64_t>& count) {
    return count && *count < 1;
  };
  if (below_one(rule.every_nth))
    return fail(errc::invalid_argument, "every_nth: must be 1 or more", "1 is every subject");
  if (below_one(rule.first_n)) {
    return fail(errc::invalid_argument, "first_n: must be 1 or more",
                "leave it out for no limit, remove the rule to stop it");
  }
  if (rule.percent && !(*rule.percent >= 0 && *rule.percent <= 100))
    return fail(errc::invalid_argument, "percent: must be from 0 to 100");
  if (rule.from && rule.until && *rule.from >= *rule.until) {
    return fail(errc::invalid_argument, "from " + format_time(*rule.from) +
                                            " is not before until " + format_time(*rule.until));
  }
  return {};
}

}  // namespace

Result<void> check(Rule& rule, const std::vector<Hop>& vocabulary) {
  UNDERSTUDY_CHECK(check_id(rule.id));
  UNDERSTUDY_TRY(const Hop* hop, find_hop(vocabulary, rule.hop));
  UNDERSTUDY_TRY(const Action* action, find_action(*hop, rule.action));
  UNDERSTUDY_CHECK(check_parameters(rule, *action));
  UNDERSTUDY_CHECK(check_match(rule, *hop));
  return check_conditions(rule);
}

}  // namespace understudy::faults
