#pragma once

/// A fault rule: at which hop, for which subjects and when, does what. All conditions must hold.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "server-mock/faults/vocabulary.h"
#include "shared/core/clock.h"

namespace understudy::faults {

struct Rule {
  std::string id;  ///< letters, digits, '.', '_', '-', at most 64; empty: one is given
  std::string hop;
  std::string action;
  std::map<std::string, Value> with;         ///< parameters of the action
  std::map<std::string, std::string> match;  ///< attribute to its text, or to "prefix*"
  std::optional<std::int64_t> every_nth;     ///< from 1: of the subjects that match
  std::optional<std::int64_t> first_n;       ///< from 1: the rule is spent after it fired so often
  std::optional<double> percent;             ///< 0 to 100, of what the other conditions let through
  std::optional<TimePoint> from, until;      ///< by the server's clock; not at `until` itself
  std::string note;                          ///< for people
};

/// A rule that is set, and what became of it.
struct RuleStatus {
  Rule rule;  ///< with all parameters of its action
  /// Subjects inside the time window that match its attributes and that no earlier rule took.
  std::uint64_t matched = 0;
  std::uint64_t fired = 0;
  std::optional<TimePoint> last_fired;
};

/// The rule against what there is; fills in the parameters it leaves out. Errors:
/// errc::invalid_argument, naming the member and what is allowed.
Result<void> check(Rule& rule, const std::vector<Hop>& vocabulary);

}  // namespace understudy::faults
