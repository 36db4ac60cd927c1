#include "shared/plist/xml_scalars.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "shared/plist/xml_scan.h"

namespace understudy::plist {
namespace {

namespace chrono = std::chrono;

constexpr std::string_view kDigits = "0123456789";
constexpr chrono::sys_days kEpochDay = chrono::year(2001) / 1 / 1;

tl::unexpected<Misfit> misfit(std::size_t at, std::string why) {
  return tl::unexpected(Misfit{at, std::move(why)});
}

std::size_t after(std::string_view text, std::size_t at, std::string_view skipped) {
  return std::min(text.find_first_not_of(skipped, at), text.size());
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// "(+|-)? d+ (. d*)? (E (+|-)? d+)?"; tolerant: also ".5". The end of it, from `at`.
Scalar<std::size_t> real_end(std::string_view text, std::size_t at, Mode mode) {
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  const std::size_t whole = after(text, at, kDigits);
  const bool has_whole = whole != at;
  if (!has_whole && mode == Mode::strict) return misfit(at, "a digit is missing in <real>");
  at = whole;
  bool has_fraction = false;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = after(text, at + 1, kDigits);
    has_fraction = end != at + 1;
    at = end;
  }
  if (!has_whole && !has_fraction) return misfit(at, "a digit is missing in <real>");
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = after(text, at, kDigits);
    if (end == at) return misfit(at, "the exponent of <real> has no digit");
    at = end;
  }
  return at;
}

/// Apple's rule: what is outside the alphabet is skipped, "=" counts as a zero, the last partial
/// group is dropped.
Bytes loose_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes out;
  std::uint32_t group = 0;
  std::size_t count = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    const std::size_t value = c == '=' ? 0 : kAlphabet.find(c);
    if (c == '=') {
      ++padding;
    } else if (kXmlSpace.find(c) == std::string_view::npos) {
      padding = 0;
    }
    if (value == std::string_view::npos) continue;
    group = group << 6 | static_cast<std::uint32_t>(value);
    if (++count % 4 != 0) continue;
    out.push_back(static_cast<std::uint8_t>(group >> 16));
    if (padding < 2) out.push_back(static_cast<std::uint8_t>(group >> 8));
    if (padding < 1) out.push_back(static_cast<std::uint8_t>(group));
  }
  return out;
}

struct DateFields {
  int year = 0;
  std::array<int, 5> rest{};  ///< month, day, hour, minute, second
};

/// Shape only: YYYY-MM-DDTHH:MM:SSZ; tolerant: any count of year digits, and a minus before them.
Scalar<DateFields> date_fields(std::string_view text, Mode mode) {
  DateFields fields;
  std::size_t at = 0;
  const bool negative = mode == Mode::tolerant && text.starts_with('-');
  if (negative) ++at;
  const std::size_t year_end = after(text, at, kDigits);
  const std::size_t digits = year_end - at;
  const bool fits = mode == Mode::strict ? digits == 4 : digits >= 1 && digits <= 5;
  if (!fits) return misfit(at, "a date starts with a year of four digits");
  std::from_chars(text.data() + at, text.data() + year_end, fields.year);
  if (negative) fields.year = -fields.year;
  at = year_end;
  constexpr std::string_view kBefore = "--T::";
  for (std::size_t i = 0; i < fields.rest.size(); ++i) {
    if (at + 3 > text.size() || text[at] != kBefore[i] || !is_digit(text[at + 1]) ||
        !is_digit(text[at + 2])) {
      return misfit(at, "a date has the form 2026-11-24T14:34:05Z");
    }
    fields.rest[i] = (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
    at += 3;
  }
  if (text.substr(at) != "Z") return misfit(at, "a date ends with 'Z' after its seconds");
  return fields;
}

}  // namespace

Scalar<Value> parse_integer(std::string_view text, Mode mode) {
  const bool tolerant = mode == Mode::tolerant;
  std::size_t at = tolerant ? after(text, 0, kXmlSpace) : 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
    negative = text[at] == '-';
    ++at;
    if (tolerant) at = after(text, at, kXmlSpace);
  }
  const bool prefixed = text.substr(at, 2) == "0x" || text.substr(at, 2) == "0X";
  if (prefixed && !tolerant) return misfit(at, "hexadecimal in <integer>");
  if (prefixed) at += 2;
  std::uint64_t magnitude = 0;
  const char* const last = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + at, last, magnitude, prefixed ? 16 : 10);
  const auto stopped = static_cast<std::size_t>(stop - text.data());
  if (error == std::errc::result_out_of_range) {
    return misfit(at, "<integer> does not fit into 64 bits");
  }
  if (error != std::errc{}) {
    return misfit(at, text.empty() ? "empty <integer>" : "a digit is missing in <integer>");
  }
  if (stop != last) return misfit(stopped, "a character in <integer> that is no digit");
  if (!negative) return Value(magnitude);
  constexpr std::uint64_t kLowest = std::uint64_t{1} << 63;
  if (magnitude > kLowest) return misfit(at, "<integer> is below -2^63");
  return Value(static_cast<std::int64_t>(~magnitude + 1));
}

Scalar<Value> parse_real(std::string_view text, Mode mode) {
  if (text.empty()) return misfit(0, "empty <real>");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool tolerant = mode == Mode::tolerant;
  const std::string name = tolerant ? lower(text) : std::string(text.substr(0, 10));
  if (name == "nan") return Value(std::numeric_limits<double>::quiet_NaN());
  if (name == "+infinity") return Value(kInfinity);
  if (name == "-infinity") return Value(-kInfinity);
  if (tolerant && (name == "infinity" || name == "inf" || name == "+inf")) return Value(kInfinity);
  if (tolerant && name == "-inf") return Value(-kInfinity);

  const std::size_t start = tolerant ? after(text, 0, kXmlSpace) : 0;
  const auto end = real_end(text, start, mode);
  if (!end) return tl::unexpected(end.error());
  if (*end != text.size()) return misfit(*end, "a character in <real> that is no part of a number");
  std::string_view number = text.substr(start);
  if (number.starts_with('+')) number.remove_prefix(1);
  double value = 0;
  const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc::result_out_of_range) {
    return misfit(start, "<real> does not fit into a double");
  }
  if (error != std::errc{} || stop != number.data() + number.size()) {
    return misfit(start, "<real> is no number");
  }
  return Value(value);
}

Scalar<Value> parse_date(std::string_view text, Mode mode) {
  if (text.empty()) return misfit(0, "empty <date>");
  const auto fields = date_fields(text, mode);
  if (!fields) return tl::unexpected(fields.error());
  const auto [month, day, hour, minute, second] = fields->rest;
  if (std::abs(fields->year) > 32767) return misfit(0, "a date beyond the year 32767");
  const chrono::year_month first =
      chrono::year(fields->year) / chrono::month(static_cast<unsigned>(month));
  if (!first.ok()) return misfit(0, "a date with no such month");
  if (mode == Mode::strict) {
    const unsigned last = static_cast<unsigned>((first / chrono::last).day());
    if (day < 1 || static_cast<unsigned>(day) > last) return misfit(0, "a date with no such day");
    const bool real_time = hour <= 23 && minute <= 59 && second <= 59;
    if (!real_time) return misfit(0, "a date with no such time of day");
  }
  const chrono::seconds since = chrono::sys_days(first / chrono::day(1)) - kEpochDay;
  const chrono::seconds within = chrono::days(day - 1) + chrono::hours(hour) +
                                 chrono::minutes(minute) + chrono::seconds(second);
  return Value(Date{static_cast<double>((since + within).count())});
}

Scalar<Value> parse_data(std::string_view text, Mode mode) {
  if (mode == Mode::tolerant) {
    if (!is_ascii(text)) return misfit(0, "<data> is not base64");
    return Value(loose_base64(text));
  }
  auto bytes = base64_decode(text);
  if (!bytes) return misfit(0, "<data> is not base64: " + bytes.error().context);
  return Value(std::move(*bytes));
}

std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "+infinity" : "-infinity";
  std::array<char, 32> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

Result<std::string> date_text(Date date) {
  constexpr double kFar = 4e11;  // well outside the years 0 to 9999, well inside the types below
  if (!(std::fabs(date.seconds) < kFar)) {
    return fail(errc::unwritable, "a date outside the years 0000 to 9999");
  }
  const chrono::sys_seconds time =
      kEpochDay + chrono::seconds(static_cast<std::int64_t>(std::floor(date.seconds)));
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date_part(day);
  const int year = static_cast<int>(date_part.year());
  if (year < 0 || year > 9999) {
    return fail(errc::unwritable, "a date outside the years 0000 to 9999");
  }
  const chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", year,
                static_cast<unsigned>(date_part.month()), static_cast<unsigned>(date_part.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return std::string(text.data());
}

}  // namespace understudy::plist
