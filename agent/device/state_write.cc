/// Device -> property list. What is empty, false or zero is left out: ten thousand of these lie in
/// one file.

#include <stdexcept>

#include "agent/device/state_members.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

using plist::Array;
using plist::Dict;
using plist::Value;

class Writer {
 public:
  template <class T>
  void operator()(const char* key, const T& value) {
    if (!is_empty(value)) always(key, value);
  }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) always(key, *value);
  }
  template <class T>
  void always(const char* key, const T& value) {
    dict_.emplace(key, to_value(value));
  }
  template <class T, std::size_t N>
  void choice(const char* key, const T& value, const std::array<std::string_view, N>& names) {
    dict_.emplace(key, names.at(static_cast<std::size_t>(value)));
  }
  Dict take() { return std::move(dict_); }

 private:
  template <class T>
  static bool is_empty(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      return value == T{};
    } else if constexpr (requires { value.empty(); }) {
      return value.empty();
    } else if constexpr (std::same_as<T, plist::Date>) {
      return value == plist::Date{};
    } else {
      return write(value).empty();
    }
  }
  template <class T>
  static Value to_value(const T& value) {
    if constexpr (std::same_as<T, std::uint32_t>) {
      return std::uint64_t{value};
    } else if constexpr (std::convertible_to<const T&, Value>) {
      return value;
    } else {
      return write(value);
    }
  }
  template <class T>
  static Value to_value(const std::vector<T>& values) {
    Array array;
    for (const T& value : values) array.emplace_back(to_value(value));
    return array;
  }
  static Value to_value(const Bytes& value) { return value; }

  template <class T>
  static Dict write(const T& value) {
    Writer inner;
    members(inner, value);
    return inner.take();
  }

  Dict dict_;
};

}  // namespace

Bytes serialize(const Device& device) {
  Writer writer;
  members(writer, device);
  writer.always("Version", kStateVersion);
  auto bytes = plist::write_binary(writer.take());
  // Strings, data and numbers always have a binary form.
  if (!bytes) throw std::logic_error("device state: " + bytes.error().message());
  return std::move(*bytes);
}

}  // namespace understudy::agent
