#include "shared/plist/value.h"

#include <cmath>
#include <limits>

namespace understudy::plist {
namespace {

/// 2001-01-01T00:00:00Z
constexpr TimePoint kEpoch = std::chrono::sys_days(std::chrono::year(2001) / 1 / 1);
constexpr std::uint64_t kMaxSigned =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

}  // namespace

Date Date::from_time(TimePoint time) {
  return {static_cast<double>((time - kEpoch).count()) / 1e6};
}

TimePoint Date::to_time() const {
  constexpr double kFar = 9e12;  // 285 000 years: what microseconds in 64 bits can hold
  if (std::isnan(seconds)) return kEpoch;
  const double bounded = std::fmin(std::fmax(seconds, -kFar), kFar - 1e9);
  return kEpoch + Duration(static_cast<std::int64_t>(std::round(bounded * 1e6)));
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::boolean:
      return "<boolean>";
    case Type::integer:
      return "<integer>";
    case Type::real:
      return "<real>";
    case Type::string:
      return "<string>";
    case Type::data:
      return "<data>";
    case Type::date:
      return "<date>";
    case Type::uid:
      return "<uid>";
    case Type::array:
      return "<array>";
    case Type::dict:
      return "<dictionary>";
  }
  return "<unknown>";
}

Value::Value(std::uint64_t value) {
  if (value <= kMaxSigned) {
    data_ = static_cast<std::int64_t>(value);
  } else {
    data_ = value;
  }
}

Type Value::type() const {
  struct Visitor {
    Type operator()(bool /*value*/) const { return Type::boolean; }
    Type operator()(std::int64_t /*value*/) const { return Type::integer; }
    Type operator()(std::uint64_t /*value*/) const { return Type::integer; }
    Type operator()(double /*value*/) const { return Type::real; }
    Type operator()(const std::string& /*value*/) const { return Type::string; }
    Type operator()(const Bytes& /*value*/) const { return Type::data; }
    Type operator()(const Date& /*value*/) const { return Type::date; }
    Type operator()(const Uid& /*value*/) const { return Type::uid; }
    Type operator()(const Array& /*value*/) const { return Type::array; }
    Type operator()(const Dict& /*value*/) const { return Type::dict; }
  };
  return std::visit(Visitor{}, data_);
}

std::optional<std::int64_t> Value::if_int() const {
  const auto* value = std::get_if<std::int64_t>(&data_);
  if (value == nullptr) return std::nullopt;
  return *value;
}

std::optional<std::uint64_t> Value::if_uint() const {
  if (const auto* large = std::get_if<std::uint64_t>(&data_)) return *large;
  const auto* value = std::get_if<std::int64_t>(&data_);
  if (value == nullptr || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

const Value* Value::find(std::string_view key) const {
  const Dict* dict = if_dict();
  if (dict == nullptr) return nullptr;
  const auto found = dict->find(key);
  return found == dict->end() ? nullptr : &found->second;
}

std::optional<std::string> Value::string_at(std::string_view key) const {
  const Value* member = find(key);
  const std::string* text = member == nullptr ? nullptr : member->if_string();
  if (text == nullptr) return std::nullopt;
  return *text;
}

std::optional<Bytes> Value::data_at(std::string_view key) const {
  const Value* member = find(key);
  const Bytes* bytes = member == nullptr ? nullptr : member->if_data();
  if (bytes == nullptr) return std::nullopt;
  return *bytes;
}

std::optional<std::int64_t> Value::int_at(std::string_view key) const {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  return member->if_int();
}

std::optional<bool> Value::bool_at(std::string_view key) const {
  const Value* member = find(key);
  const bool* flag = member == nullptr ? nullptr : member->if_bool();
  if (flag == nullptr) return std::nullopt;
  return *flag;
}

}  // namespace understudy::plist
