#pragma once

/// Generator of arbitrary values for the property tests.

#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>
#include <ostream>

#include "shared/plist/plist.h"

namespace understudy::plist::testing {

/// What a value may hold, so that a format (or a witness) can hold it too.
struct Allowed {
  bool control_characters = false;  ///< binary only
  bool any_date = false;            ///< fractions and far years: binary only
  bool nearby_dates = false;        ///< within 32 bits of seconds, for libplist's interface
};

inline rc::Gen<std::uint64_t> any_bits() {
  return rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
}

inline std::string utf8(char32_t c) {
  std::string out;
  const auto put = [&](char32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
  return out;
}

inline rc::Gen<std::string> any_text(const Allowed& allowed) {
  const auto range = [](char32_t low, char32_t high) {
    return rc::gen::map(rc::gen::inRange<std::uint32_t>(low, high), utf8);
  };
  auto special = rc::gen::map(rc::gen::elementOf(std::string("<>&'\"\r\n\t ]")),
                              [](char c) { return std::string(1, c); });
  auto character =
      allowed.control_characters
          ? rc::gen::oneOf(range(0, 0x80), special, range(0x80, 0xd800), range(0xe000, 0x110000))
          : rc::gen::oneOf(range(0x20, 0x7f), special, range(0x80, 0xd800), range(0xe000, 0xfffe),
                           range(0x10000, 0x110000));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(character), [](const auto& all) {
    std::string out;
    for (const std::string& one : all) out += one;
    return out;
  });
}

inline rc::Gen<Value> any_integer() {
  auto edge = rc::gen::element<Value>(
      Value(0), Value(-1), Value(127), Value(128), Value(255), Value(256), Value(65535),
      Value(65536), Value(std::uint64_t{0xffffffff}), Value(std::uint64_t{0x100000000}),
      Value(std::numeric_limits<std::int64_t>::min()),
      Value(std::numeric_limits<std::int64_t>::max()), Value(std::uint64_t{1} << 63),
      Value(std::numeric_limits<std::uint64_t>::max()));
  auto any_unsigned = rc::gen::map(any_bits(), [](std::uint64_t bits) { return Value(bits); });
  auto any_signed = rc::gen::map(
      any_bits(), [](std::uint64_t bits) { return Value(static_cast<std::int64_t>(bits)); });
  return rc::gen::oneOf(edge, any_unsigned, any_signed);
}

inline rc::Gen<Value> any_real() {
  return rc::gen::map(any_bits(), [](std::uint64_t bits) {
    const auto value = std::bit_cast<double>(bits);
    return Value(std::isnan(value) ? 0.1 : value);
  });
}

inline rc::Gen<Value> any_date(const Allowed& allowed) {
  if (allowed.any_date) {
    return rc::gen::map(any_bits(), [](std::uint64_t bits) {
      const auto value = std::bit_cast<double>(bits);
      return Value(Date{std::isfinite(value) ? value : 0.25});
    });
  }
  // Seconds from 2001 to the years 0 and 9999, or what 32 bits hold.
  const std::int64_t low = allowed.nearby_dates ? -2'000'000'000 : -63'145'526'400;
  const std::int64_t high = allowed.nearby_dates ? 2'000'000'000 : 252'423'993'599;
  return rc::gen::map(any_bits(), [low, high](std::uint64_t bits) {
    const auto span = static_cast<std::uint64_t>(high - low + 1);
    return Value(Date{static_cast<double>(low + static_cast<std::int64_t>(bits % span))});
  });
}

inline rc::Gen<Value> any_value(const Allowed& allowed, int depth = 2) {
  auto text = rc::gen::map(any_text(allowed), [](std::string s) { return Value(std::move(s)); });
  auto data =
      rc::gen::map(rc::gen::arbitrary<Bytes>(), [](Bytes b) { return Value(std::move(b)); });
  auto flag = rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); });
  auto uid = rc::gen::map(any_bits(), [](std::uint64_t bits) { return Value(Uid{bits >> 32}); });
  auto leaf = rc::gen::oneOf(any_integer(), any_real(), any_date(allowed), text, data, flag, uid);
  if (depth == 0) return leaf;
  auto inner = rc::gen::scale(0.5, any_value(allowed, depth - 1));
  auto array = rc::gen::map(rc::gen::container<Array>(inner),
                            [](Array items) { return Value(std::move(items)); });
  auto dict =
      rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Value>>>(
                       rc::gen::pair(any_text(allowed), inner)),
                   [](const auto& members) { return Value(Dict(members.begin(), members.end())); });
  return rc::gen::oneOf(leaf, array, dict);
}

}  // namespace understudy::plist::testing

namespace understudy::plist {

/// How rapidcheck prints a counterexample: as XML, or by its type where XML cannot hold it.
inline void showValue(const Value& value, std::ostream& os) {  // NOLINT: rapidcheck's spelling
  os << write_xml(value).value_or(std::string(type_name(value.type())));
}

}  // namespace understudy::plist
