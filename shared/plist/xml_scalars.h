#pragma once

/// The text of XML scalars and back: integers, reals, dates, data.
/// Sources: Apple's PropertyList-1.0.dtd for strict; the CFPropertyList.c that Apple published for
/// tolerant; docs/protocol/plist.md has both side by side.

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "shared/plist/plist.h"
#include "shared/plist/unicode.h"

namespace understudy::plist {

/// On failure: where in the text, and why. The text itself is never quoted: it may be a secret.
template <class T>
using Scalar = tl::expected<T, Misfit>;

Scalar<Value> parse_integer(std::string_view text, Mode mode);
Scalar<Value> parse_real(std::string_view text, Mode mode);
Scalar<Value> parse_date(std::string_view text, Mode mode);
Scalar<Value> parse_data(std::string_view text, Mode mode);

/// The shortest text that is read back as the same double; "nan", "+infinity", "-infinity".
std::string real_text(double value);
/// "2026-11-24T14:34:05Z", the fraction of a second dropped (toward the past).
/// Errors: errc::unwritable outside the years 0000 to 9999, and for what is no number.
Result<std::string> date_text(Date date);

}  // namespace understudy::plist
