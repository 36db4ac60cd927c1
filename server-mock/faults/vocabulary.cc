#include "server-mock/faults/vocabulary.h"

#include <algorithm>
#include <locale>
#include <sstream>

#include "shared/core/errc.h"

namespace understudy::faults {
namespace {

/// "500", "0.25": as a person writes it.
std::string plain(double number) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(15);
  text << number;
  return text.str();
}

template <class Item>
const Item* find_named(const std::vector<Item>& items, std::string_view name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

Parameter Parameter::integer(std::string name, std::int64_t least, std::int64_t most,
                             std::optional<std::int64_t> otherwise) {
  return {std::move(name), Type::integer, static_cast<double>(least), static_cast<double>(most), {},
          otherwise};
}

Parameter Parameter::number(std::string name, double least, double most,
                            std::optional<double> otherwise) {
  return {std::move(name), Type::number, least, most, {}, otherwise};
}

Parameter Parameter::text(std::string name, std::vector<std::string> values,
                          std::optional<std::string> otherwise) {
  return {std::move(name), Type::text, 0, 0, std::move(values), std::move(otherwise)};
}

std::string Parameter::describe() const {
  if (type == Type::text) return values.empty() ? "a text" : "one of: " + names_of(values);
  return (type == Type::integer ? "an integer from " : "a number from ") + plain(least) + " to " +
         plain(most);
}

std::string names_of(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text.empty() ? "none" : text;
}

Result<const Hop*> find_hop(const std::vector<Hop>& vocabulary, std::string_view name) {
  if (const Hop* hop = find_named(vocabulary, name)) return hop;
  return fail(errc::invalid_argument, "there is no hop '" + std::string(name) + "'",
              "there are: " + names_of(vocabulary));
}

Result<const Action*> find_action(const Hop& hop, std::string_view name) {
  if (const Action* action = find_named(hop.actions, name)) return action;
  return fail(errc::invalid_argument,
              "hop " + hop.name + " has no action '" + std::string(name) + "'",
              "it has: " + names_of(hop.actions));
}

const Parameter* find_parameter(const Action& action, std::string_view name) {
  return find_named(action.parameters, name);
}

bool has_attribute(const Hop& hop, std::string_view name) {
  return std::find(hop.attributes.begin(), hop.attributes.end(), name) != hop.attributes.end();
}

}  // namespace understudy::faults
