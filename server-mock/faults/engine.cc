#include "server-mock/faults/engine.h"

#include <algorithm>

#include "shared/core/errc.h"

namespace understudy::faults {
namespace {

bool matches(const std::string& pattern, std::string_view value) {
  if (!pattern.ends_with('*')) return value == pattern;
  return value.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

bool matches(const Rule& rule, std::span<const Attribute> attributes) {
  return std::all_of(rule.match.begin(), rule.match.end(), [&](const auto& wanted) {
    return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& attribute) {
      return attribute.first == wanted.first && matches(wanted.second, attribute.second);
    });
  });
}

bool in_window(const Rule& rule, TimePoint now) {
  return (!rule.from || now >= *rule.from) && (!rule.until || now < *rule.until);
}

template <class Rules>
bool has_id(const Rules& rules, std::string_view id) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const auto& armed) { return armed.status.rule.id == id; });
}

}  // namespace

bool Engine::spent(const Armed& armed) {
  const auto& limit = armed.status.rule.first_n;
  return limit && armed.status.fired >= static_cast<std::uint64_t>(*limit);
}

bool Engine::armed(std::string_view hop) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Armed& armed) {
    return armed.status.rule.hop == hop && !spent(armed);
  });
}

bool Engine::fires(Armed& armed, std::span<const Attribute> attributes, TimePoint now) {
  RuleStatus& status = armed.status;
  const Rule& rule = status.rule;
  if (spent(armed) || !in_window(rule, now) || !matches(rule, attributes)) return false;
  ++status.matched;
  if (rule.every_nth && status.matched % static_cast<std::uint64_t>(*rule.every_nth) != 0)
    return false;
  if (rule.percent && armed.chance.fraction() * 100 >= *rule.percent) return false;
  ++status.fired;
  status.last_fired = now;
  return true;
}

std::optional<Strike> Engine::strike(std::string_view hop, std::span<const Attribute> attributes,
                                     TimePoint now) {
  for (Armed& armed : rules_) {
    const Rule& rule = armed.status.rule;
    if (rule.hop == hop && fires(armed, attributes, now))
      return Strike{rule.id, rule.action, rule.with};
  }
  return std::nullopt;
}

Result<void> Engine::take_id(Rule& rule, const std::vector<Armed>& batch,
                             std::uint64_t& last_id) const {
  const auto taken = [&](const std::string& id) { return has_id(rules_, id) || has_id(batch, id); };
  if (rule.id.empty()) {
    do rule.id = "fault-" + std::to_string(++last_id);
    while (taken(rule.id));
    return {};
  }
  if (!taken(rule.id)) return {};
  return fail(errc::already_exists, "a rule with the id '" + rule.id + "' is set",
              "remove it first, or leave the id out");
}

Result<std::vector<std::string>> Engine::add_all(std::vector<Rule> rules) {
  if (rules.size() > kMaxRules - rules_.size()) {
    return fail(errc::limit, "at most " + std::to_string(kMaxRules) + " fault rules can be set",
                "remove those that are no longer needed");
  }
  std::vector<Armed> batch;
  std::vector<std::string> ids;
  std::uint64_t last_id = last_id_;
  for (Rule& rule : rules) {
    Result<void> good = check(rule, vocabulary_);
    if (good) good = take_id(rule, batch, last_id);
    if (!good) {
      return fail_in("fault rule " + std::to_string(batch.size() + 1), std::move(good).error());
    }
    ids.push_back(rule.id);
    Rng chance = rng_.derive(rule.id);
    batch.push_back({RuleStatus{std::move(rule), 0, 0, {}}, std::move(chance)});
  }
  std::move(batch.begin(), batch.end(), std::back_inserter(rules_));
  last_id_ = last_id;
  return ids;
}

Result<std::string> Engine::add(Rule rule) {
  std::vector<Rule> one;
  one.push_back(std::move(rule));
  UNDERSTUDY_TRY(std::vector<std::string> ids, add_all(std::move(one)));
  return std::move(ids.front());
}

Result<void> Engine::remove(std::string_view id) {
  const auto gone =
      std::erase_if(rules_, [&](const Armed& armed) { return armed.status.rule.id == id; });
  if (gone == 1) return {};
  return fail(errc::not_found, "there is no fault rule '" + std::string(id.substr(0, 64)) + "'");
}

void Engine::clear() {
  rules_.clear();
  last_id_ = 0;
}

std::vector<RuleStatus> Engine::list() const {
  std::vector<RuleStatus> rules;
  rules.reserve(rules_.size());
  for (const Armed& armed : rules_) rules.push_back(armed.status);
  return rules;
}

}  // namespace understudy::faults
