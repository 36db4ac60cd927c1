#pragma once

/// Fault rules as text: JSON for files and the API, a short form for the command line.
///
///   {"id": "slow", "hop": "delivery", "action": "delay", "with": {"ms": 500},
///    "match": {"token": "ab12*", "push_type": "mdm"}, "every_nth": 3, "first_n": 10,
///    "percent": 25, "from": "2026-11-24T12:00:00Z", "until": "2026-11-24T13:00:00Z", "note": ""}
///
/// Only `hop` and `action` are needed. Whether they mean anything is for Engine::add to say.

#include <string>
#include <string_view>
#include <vector>

#include "server-mock/faults/rule.h"

namespace understudy::faults {

/// One object or an array of them. What `rules_to_json` wrote can be read; counts begin again.
/// Errors: errc::invalid_argument with the place: line and column of bad JSON, else rule and
/// member.
Result<std::vector<Rule>> rules_from_json(std::string_view text);

/// An array; `matched`, `fired` and `last_fired` (when it did) beside what was set.
std::string rules_to_json(const std::vector<RuleStatus>& rules);
/// One object of that array.
std::string rule_to_json(const RuleStatus& rule);

/// `HOP:ACTION[,KEY=VALUE...]`, as in "delivery:delay,ms=500,percent=10,topic=com.apple.mgmt.*".
/// A key is a condition of rules, an attribute of the hop or a parameter of the action; one that is
/// both of the latter is written `match.KEY` or `with.KEY`. A value with a comma needs JSON.
/// Errors: errc::invalid_argument, naming the key and what there is.
Result<Rule> rule_from_flag(std::string_view text, const std::vector<Hop>& vocabulary);

}  // namespace understudy::faults
