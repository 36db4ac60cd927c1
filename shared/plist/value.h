#pragma once

/// A property list value: what XML and binary property lists have in common.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/core/bytes.h"
#include "shared/core/clock.h"

namespace understudy::plist {

class Value;
/// To put one array into another use emplace_back: GCC 12 and clang 19 read Array{Array{x}}
/// differently.
using Array = std::vector<Value>;
/// Sorted by key: order carries no meaning in a property list, and Apple's own writers sort.
using Dict = std::map<std::string, Value, std::less<>>;

/// Seconds since 2001-01-01T00:00:00Z, as binary property lists store it. XML has whole seconds.
struct Date {
  double seconds = 0;

  static Date from_time(TimePoint time);
  TimePoint to_time() const;
  friend bool operator==(const Date&, const Date&) = default;
};

/// A keyed-archiver reference; occurs in binary property lists only, as {CF$UID: n} in XML.
struct Uid {
  std::uint64_t value = 0;
  friend bool operator==(const Uid&, const Uid&) = default;
};

enum class Type { boolean, integer, real, string, data, date, uid, array, dict };

/// "<integer>" and so on, the spelling of Apple's schema.
std::string_view type_name(Type type);

/// Owns its content. Integers are exact from -2^63 to 2^64-1. A default Value is an empty dict.
class Value {
 public:
  Value() : data_(Dict{}) {}
  Value(bool value) : data_(value) {}                    // NOLINT(google-explicit-constructor)
  Value(int value) : data_(std::int64_t{value}) {}       // NOLINT(google-explicit-constructor)
  Value(std::int64_t value) : data_(value) {}            // NOLINT(google-explicit-constructor)
  Value(std::uint64_t value);                            // NOLINT(google-explicit-constructor)
  Value(double value) : data_(value) {}                  // NOLINT(google-explicit-constructor)
  Value(std::string value) : data_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  // NOLINTNEXTLINE(google-explicit-constructor)
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Value(Bytes value) : data_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Value(Date value) : data_(value) {}                      // NOLINT(google-explicit-constructor)
  Value(Uid value) : data_(value) {}                       // NOLINT(google-explicit-constructor)
  Value(Array value) : data_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Value(Dict value) : data_(std::move(value)) {}           // NOLINT(google-explicit-constructor)

  Type type() const;
  bool is(Type wanted) const { return type() == wanted; }

  /// Null when the value is of another type.
  const bool* if_bool() const { return std::get_if<bool>(&data_); }
  const double* if_real() const { return std::get_if<double>(&data_); }
  const std::string* if_string() const { return std::get_if<std::string>(&data_); }
  const Bytes* if_data() const { return std::get_if<Bytes>(&data_); }
  const Date* if_date() const { return std::get_if<Date>(&data_); }
  const Uid* if_uid() const { return std::get_if<Uid>(&data_); }
  const Array* if_array() const { return std::get_if<Array>(&data_); }
  Array* if_array() { return std::get_if<Array>(&data_); }
  const Dict* if_dict() const { return std::get_if<Dict>(&data_); }
  Dict* if_dict() { return std::get_if<Dict>(&data_); }
  /// Nothing when it is no integer, or outside the asked range.
  std::optional<std::int64_t> if_int() const;
  std::optional<std::uint64_t> if_uint() const;

  /// Member of a dict, or null when this is no dict or has no such key.
  const Value* find(std::string_view key) const;
  /// The member as a string / data / integer / boolean; nullopt when absent or of another type.
  std::optional<std::string> string_at(std::string_view key) const;
  std::optional<Bytes> data_at(std::string_view key) const;
  std::optional<std::int64_t> int_at(std::string_view key) const;
  std::optional<bool> bool_at(std::string_view key) const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  /// uint64 is held only above 2^63-1, so that equal integers compare equal.
  std::variant<bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Date, Uid, Array,
               Dict>
      data_;
};

}  // namespace understudy::plist
