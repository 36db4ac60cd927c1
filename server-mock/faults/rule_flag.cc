#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "server-mock/faults/rule_text.h"
#include "shared/core/errc.h"

namespace understudy::faults {
namespace {

using Json = nlohmann::json;

constexpr std::array kTextConditions = {"id", "from", "until", "note"};
constexpr std::array kNumberConditions = {"every_nth", "first_n", "percent"};
constexpr std::string_view kMatch = "match.";
constexpr std::string_view kWith = "with.";

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A number where the text is one; what is none stays a text, which whoever wants a number refuses.
Json number_or_text(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_number() ? json : Json(text);
}

/// Collects the members of the rule as a JSON object, so that there is one reader of rules.
class FlagReader {
 public:
  FlagReader(const Hop& hop, const Action& action) : hop_(hop), action_(action) {
    rule_["hop"] = hop.name;
    rule_["action"] = action.name;
  }

  Result<void> member(std::string_view item) {
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      return fail(errc::invalid_argument, "'" + std::string(item) + "' is not KEY=VALUE",
                  "a value with a comma needs a rule in JSON");
    }
    const std::string key(item.substr(0, equals));
    const std::string value(item.substr(equals + 1));
    if (is_one_of(kTextConditions, key)) return put(rule_, key, value);
    if (is_one_of(kNumberConditions, key)) return put(rule_, key, number_or_text(value));
    if (key.starts_with(kMatch)) return put(rule_["match"], key.substr(kMatch.size()), value);
    if (key.starts_with(kWith)) return parameter(key.substr(kWith.size()), value);
    const bool known = find_parameter(action_, key) != nullptr;
    if (!known && !has_attribute(hop_, key)) return unknown(key);
    if (!known) return put(rule_["match"], key, value);
    if (!has_attribute(hop_, key)) return parameter(key, value);
    return fail(errc::invalid_argument,
                key + ": both an attribute of hop " + hop_.name + " and a parameter of action " +
                    action_.name,
                "write match." + key + " or with." + key);
  }

  Result<Rule> rule() const {
    const std::string text = rule_.dump(-1, ' ', false, Json::error_handler_t::replace);
    UNDERSTUDY_TRY(std::vector<Rule> rules, rules_from_json(text));
    return std::move(rules.front());
  }

 private:
  Result<void> parameter(const std::string& key, const std::string& value) {
    const Parameter* known = find_parameter(action_, key);
    const bool text = known == nullptr || known->type == Parameter::Type::text;
    return put(rule_["with"], key, text ? Json(value) : number_or_text(value));
  }

  static Result<void> put(Json& object, const std::string& key, Json value) {
    if (object.contains(key)) return fail(errc::invalid_argument, key + ": given twice");
    object[key] = std::move(value);
    return {};
  }

  Result<void> unknown(const std::string& key) const {
    return fail(errc::invalid_argument, key + ": not a key of this rule",
                "conditions: id, from, until, note, every_nth, first_n, percent; attributes of " +
                    hop_.name + ": " + names_of(hop_.attributes) + "; parameters of " +
                    action_.name + ": " + names_of(action_.parameters));
  }

  const Hop& hop_;
  const Action& action_;
  Json rule_;
};

Result<Rule> read_flag(std::string_view text, const std::vector<Hop>& vocabulary) {
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view place = text.substr(0, end);
  const std::size_t colon = place.find(':');
  if (colon == std::string_view::npos) {
    return fail(errc::invalid_argument, "not HOP:ACTION[,KEY=VALUE...]",
                "hops: " + names_of(vocabulary));
  }
  UNDERSTUDY_TRY(const Hop* hop, find_hop(vocabulary, place.substr(0, colon)));
  UNDERSTUDY_TRY(const Action* action, find_action(*hop, place.substr(colon + 1)));
  FlagReader reader(*hop, *action);
  for (std::size_t at = end; at < text.size();) {
    const std::size_t next = std::min(text.find(',', at + 1), text.size());
    UNDERSTUDY_CHECK(reader.member(text.substr(at + 1, next - at - 1)));
    at = next;
  }
  return reader.rule();
}

}  // namespace

Result<Rule> rule_from_flag(std::string_view text, const std::vector<Hop>& vocabulary) {
  Result<Rule> rule = read_flag(text, vocabulary);
  if (!rule) {
    // Only the place: what follows may be a push token.
    const std::string place(text.substr(0, std::min(text.find(','), text.size())));
    return fail_in("fault '" + place + "'", std::move(rule).error());
  }
  return rule;
}

}  // namespace understudy::faults
