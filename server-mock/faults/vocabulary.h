#pragma once

/// What can go wrong where. Each part of the server declares its hops: the places at which faults
/// can strike, what a rule can tell subjects apart by there, and what can be done to them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/core/result.h"

namespace understudy::faults {

/// What a rule gives a parameter.
using Value = std::variant<std::int64_t, double, std::string>;

struct Parameter {
  enum class Type { integer, number, text };

  std::string name;
  Type type = Type::integer;
  double least = 0, most = 0;       ///< of an integer or a number, both allowed
  std::vector<std::string> values;  ///< of a text: all it may be; empty: anything
  std::optional<Value> otherwise;   ///< when a rule does not give it; none: a rule must

  static Parameter integer(std::string name, std::int64_t least, std::int64_t most,
                           std::optional<std::int64_t> otherwise = {});
  static Parameter number(std::string name, double least, double most,
                          std::optional<double> otherwise = {});
  static Parameter text(std::string name, std::vector<std::string> values = {},
                        std::optional<std::string> otherwise = {});

  /// "an integer from 0 to 600000", "one of: a, b"
  std::string describe() const;
};

struct Action {
  std::string name;   ///< "delay"
  std::string about;  ///< one line: what a peer sees
  std::vector<Parameter> parameters;
};

/// Names are unique within their list.
struct Hop {
  std::string name;                     ///< "provider.request"
  std::string about;                    ///< one line: which subjects pass here
  std::vector<std::string> attributes;  ///< "token", "topic": what a rule may match on
  std::vector<Action> actions;
};

/// Errors of both: errc::invalid_argument, naming what there is.
Result<const Hop*> find_hop(const std::vector<Hop>& vocabulary, std::string_view name);
Result<const Action*> find_action(const Hop& hop, std::string_view name);
/// nullptr: it has none of that name.
const Parameter* find_parameter(const Action& action, std::string_view name);
bool has_attribute(const Hop& hop, std::string_view name);

/// The names of what is in the list, "a, b, c"; "none" of an empty one.
std::string names_of(const std::vector<std::string>& items);
template <class Item>
std::string names_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const Item& item : items) names.push_back(item.name);
  return names_of(names);
}

}  // namespace understudy::faults
