#include <algorithm>
#include <optional>

#include "shared/mdm/foreign_text.h"
#include "shared/mdm/rules.h"

namespace understudy::mdm {
namespace {

using Kind = Problem::Kind;
using Problems = std::vector<Problem>;

bool is_wildcard(const KeySpec& key) {
  return key.name.starts_with("ANY");
}

bool fits(const plist::Value& value, KeyType type) {
  switch (type) {
    case KeyType::boolean:
      return value.is(plist::Type::boolean);
    case KeyType::integer:
      return value.is(plist::Type::integer);
    case KeyType::real:
      return value.is(plist::Type::real) || value.is(plist::Type::integer);
    case KeyType::string:
      return value.is(plist::Type::string);
    case KeyType::data:
      return value.is(plist::Type::data);
    case KeyType::date:
      return value.is(plist::Type::date);
    case KeyType::array:
      return value.is(plist::Type::array);
    case KeyType::dictionary:
      return value.is(plist::Type::dict);
    case KeyType::any:
      return true;
  }
  return false;
}

/// The text a choice is compared with; nothing for a value that has no choices.
std::optional<std::string> text_of(const plist::Value& value) {
  if (const auto* text = value.if_string()) return *text;
  if (const auto number = value.if_int()) return std::to_string(*number);
  if (const auto number = value.if_uint()) return std::to_string(*number);
  return std::nullopt;
}

std::optional<double> number_of(const plist::Value& value) {
  if (const double* real = value.if_real()) return *real;
  if (const auto number = value.if_int()) return static_cast<double>(*number);
  if (const auto number = value.if_uint()) return static_cast<double>(*number);
  return std::nullopt;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// The member that tells alternatives apart: required, with exactly one choice ("Item" of a
/// setting).
const KeySpec* tag_of(const KeySpec& alternative) {
  const auto found = std::ranges::find_if(alternative.subkeys, [](const KeySpec& key) {
    return key.required && key.choices.size() == 1;
  });
  return found == alternative.subkeys.end() ? nullptr : &*found;
}

class Checker {
 public:
  Checker(const Place& place, const Target& target) : place_(place), target_(target) {}

  void members(const plist::Dict& value, const std::vector<KeySpec>& keys, const std::string& path,
               bool top, Problems& out) const {
    const KeySpec* wildcard = nullptr;
    for (const KeySpec& key : keys) {
      if (is_wildcard(key)) {
        wildcard = &key;
        continue;
      }
      const auto found = value.find(key.name);
      if (found != value.end()) {
        here(found->second, key, path + key.name, out);
      } else if (key.required && reasons_against(key).empty() &&
                 !deviations::may_be_absent(key, place_, target_)) {
        add(out, Kind::missing_key, path + key.name, "is required, and missing");
      }
    }
    for (const auto& [name, member] : value) {
      if (std::ranges::find(keys, name, &KeySpec::name) != keys.end()) continue;
      if (top && deviations::is_extra(name, place_, target_)) continue;
      if (wildcard != nullptr) {
        here(member, *wildcard, path + clean(name), out);
      } else {
        add(out, Kind::unknown_key, path + clean(name), "is not in the schema");
      }
    }
  }

 private:
  static void add(Problems& out, Kind kind, std::string path, std::string what) {
    if (out.size() < kMaxProblems) out.push_back({kind, std::move(path), std::move(what)});
  }

  /// A key without an entry of its own for this platform is as what it stands in, which has been
  /// judged already.
  Problems reasons_against(const KeySpec& key) const {
    const auto& entry = key.platforms.at(static_cast<std::size_t>(target_.platform));
    return entry ? refusals(*entry, target_) : Problems{};
  }

  /// Whether the key may stand here; if so, whether its value is right.
  void here(const plist::Value& value, const KeySpec& key, const std::string& path,
            Problems& out) const {
    const Problems against = reasons_against(key);
    for (const Problem& reason : against) {
      const bool place_of_key = reason.kind == Kind::not_on_platform ||
                                reason.kind == Kind::wrong_channel ||
                                reason.kind == Kind::wrong_enrollment;
      add(out, place_of_key ? Kind::key_not_here : reason.kind, path, reason.what);
    }
    if (against.empty()) content(value, key, path, out);
  }

  void content(const plist::Value& value, const KeySpec& key, const std::string& path,
               Problems& out) const {
    if (value.is(plist::Type::array) && deviations::may_be_repeated(key, place_)) {
      for (std::size_t i = 0; i < value.if_array()->size(); ++i)
        content(value.if_array()->at(i), key, path + "[" + std::to_string(i) + "]", out);
      return;
    }
    if (!fits(value, key.type)) {
      add(out, Kind::wrong_type, path,
          "is " + std::string(plist::type_name(value.type())) + ", should be " +
              std::string(key_type_name(key.type)));
      return;
    }
    limits(value, key, path, out);
    if (key.subkeys.empty()) return;
    if (const auto* text = value.if_string()) name(*text, key.subkeys, path, out);
    if (const auto* dict = value.if_dict()) members(*dict, key.subkeys, path + ".", false, out);
    if (const auto* array = value.if_array()) {
      for (std::size_t i = 0; i < array->size() && out.size() < kMaxProblems; ++i)
        item(array->at(i), key.subkeys, path + "[" + std::to_string(i) + "]", out);
    }
  }

  /// A text that names one of the keys (DeviceInformation's queries).
  void name(const std::string& text, const std::vector<KeySpec>& keys, const std::string& path,
            Problems& out) const {
    const auto found = std::ranges::find(keys, text, &KeySpec::name);
    if (found == keys.end()) {
      return add(out, Kind::unknown_key, path, quote(text) + " is not in the schema");
    }
    for (const Problem& reason : reasons_against(*found)) {
      if (reason.kind != Kind::not_on_platform) continue;
      add(out, Kind::key_not_here, path, text + " " + reason.what);
    }
  }

  static void limits(const plist::Value& value, const KeySpec& key, const std::string& path,
                     Problems& out) {
    if (const auto text = text_of(value);
        text && !key.choices.empty() && std::ranges::find(key.choices, *text) == key.choices.end())
      add(out, Kind::bad_value, path, quote(*text) + " is none of " + list_of(key.choices));
    const auto number = number_of(value);
    if (number && key.min && *number < *key.min)
      add(out, Kind::bad_value, path, "is below " + std::to_string(*key.min));
    if (number && key.max && *number > *key.max)
      add(out, Kind::bad_value, path, "is above " + std::to_string(*key.max));
  }

  /// An item of an array is one of `alternatives`: the one whose tag it carries, else the one it
  /// fits best.
  void item(const plist::Value& value, const std::vector<KeySpec>& alternatives,
            const std::string& path, Problems& out) const {
    std::vector<std::string> tags;
    std::string tag_name;
    for (const KeySpec& alternative : alternatives) {
      const KeySpec* tag = tag_of(alternative);
      if (tag == nullptr) continue;
      const auto carried = value.string_at(tag->name);
      if (carried && *carried == tag->choices.front()) return here(value, alternative, path, out);
      tag_name = tag->name;
      tags.push_back(tag->choices.front());
    }
    if (tags.size() == alternatives.size() && tags.size() > 1) {
      if (const auto carried = value.string_at(tag_name))
        return add(out, Kind::bad_value, path + "." + tag_name,
                   quote(*carried) + " is none of " + list_of(tags));
      return add(out, Kind::missing_key, path + "." + tag_name, "is required, and missing");
    }
    Problems best;
    for (const KeySpec& alternative : alternatives) {
      Problems tried;
      here(value, alternative, path, tried);
      if (tried.empty()) return;
      if (best.empty() || tried.size() < best.size()) best = std::move(tried);
    }
    for (Problem& problem : best)
      add(out, problem.kind, std::move(problem.path), std::move(problem.what));
  }

  const Place& place_;
  const Target& target_;
};

}  // namespace

void check_keys(const plist::Dict& value, const std::vector<KeySpec>& keys, const Place& place,
                const Target& target, const std::string& path, std::vector<Problem>& problems) {
  Checker(place, target).members(value, keys, path, true, problems);
}

}  // namespace understudy::mdm
