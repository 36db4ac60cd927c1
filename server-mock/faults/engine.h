#pragma once

/// Decides which fault strikes whom. Knows no protocol, no socket, no clock: a hop asks with what
/// it knows about its subject and carries out what it is told. One thread.
///
///   if (faults.armed("delivery")) {
///     const std::array<Attribute, 2> push = {{{"token", token}, {"topic", topic}}};
///     if (const auto strike = faults.strike("delivery", push, now)) ...
///   }

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server-mock/faults/rule.h"
#include "shared/core/rng.h"

namespace understudy::faults {

/// Name and value, one of those the hop declares. One that is left out matches no rule that names
/// it.
using Attribute = std::pair<std::string_view, std::string_view>;

/// What to do to the subject. The getters take a name the action declares, of that type; anything
/// else is a bug of the hop, and throws.
struct Strike {
  std::string rule_id;
  std::string action;
  std::map<std::string, Value> with;

  std::int64_t integer(const std::string& name) const {
    return std::get<std::int64_t>(with.at(name));
  }
  double number(const std::string& name) const { return std::get<double>(with.at(name)); }
  const std::string& text(const std::string& name) const {
    return std::get<std::string>(with.at(name));
  }
};

class Engine {
 public:
  static constexpr std::size_t kMaxRules = 1000;

  /// The same seed, rules and subjects give the same faults: chance is of the seed and the rule's
  /// id.
  Engine(std::vector<Hop> vocabulary, const Rng& rng)
      : vocabulary_(std::move(vocabulary)), rng_(rng.derive("faults")) {}

  const std::vector<Hop>& vocabulary() const { return vocabulary_; }

  /// Whether a rule for this hop is set and not spent. Nearly free while no rule is set.
  bool armed(std::string_view hop) const;
  /// The first rule, in the order they were added, that fires; those after it do not see the
  /// subject.
  std::optional<Strike> strike(std::string_view hop, std::span<const Attribute> attributes,
                               TimePoint now);

  /// Returns the id. Errors: as `check`; errc::already_exists for an id that is taken, errc::limit
  /// over kMaxRules.
  Result<std::string> add(Rule rule);
  /// All of them or, after an error, none.
  Result<std::vector<std::string>> add_all(std::vector<Rule> rules);
  /// Errors: errc::not_found.
  Result<void> remove(std::string_view id);
  /// After it the engine is as new: the ids it gives begin again.
  void clear();
  /// In the order they were added.
  std::vector<RuleStatus> list() const;

 private:
  struct Armed {
    RuleStatus status;
    Rng chance;
  };
  static bool spent(const Armed& armed);
  static bool fires(Armed& armed, std::span<const Attribute> attributes, TimePoint now);
  Result<void> take_id(Rule& rule, const std::vector<Armed>& batch, std::uint64_t& last_id) const;

  std::vector<Hop> vocabulary_;
  Rng rng_;
  std::vector<Armed> rules_;
  std::uint64_t last_id_ = 0;  ///< of those given
};

}  // namespace understudy::faults
