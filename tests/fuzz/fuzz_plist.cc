/// Any bytes: they are read or refused; what is read can be written, and what was written is read
/// again as the same value, in both formats and both modes.

#include <cmath>
#include <cstdlib>

#include "shared/plist/plist.h"

namespace {

using namespace understudy;         // NOLINT(google-build-using-namespace)
using namespace understudy::plist;  // NOLINT(google-build-using-namespace)

/// Writing may unfold shared objects and add tags: the second reading gets room.
ReadOptions roomy(Mode mode) {
  ReadOptions options;
  options.mode = mode;
  options.limits = {
      .max_bytes = std::size_t{1} << 30, .max_depth = kMaxNesting, .max_nodes = 10'000'000};
  return options;
}

void check(bool holds) {
  if (!holds) std::abort();
}

/// Octets are compared, not values: they tell NaN from NaN and -0.0 from 0.0.
void check_binary(const Value& value, Mode mode) {
  const auto once = write_binary(value);
  check(once.has_value());
  const auto back = read_binary(*once, roomy(mode));
  check(back.has_value());
  check(write_binary(*back).value() == *once);
}

void check_xml(const Value& value, Mode mode) {
  const auto once = write_xml(value);
  if (!once) {
    check(once.error().code == plist::errc::unwritable);
    return;
  }
  const auto back = read_xml(as_bytes(*once), roomy(mode));
  check(back.has_value());
  check(write_xml(*back).value() == *once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const Mode mode : {Mode::strict, Mode::tolerant}) {
    ReadOptions options;
    options.mode = mode;
    options.limits = {.max_bytes = 1U << 20, .max_depth = 32, .max_nodes = 10'000};
    const auto value = read({data, size}, options);
    if (!value) {
      check(!value.error().message().empty());
      continue;
    }
    check_binary(*value, mode);
    check_xml(*value, mode);
    // What strict reads, tolerant reads as the same.
    if (mode == Mode::strict) {
      const auto also = read({data, size}, roomy(Mode::tolerant));
      check(also.has_value());
      check(write_binary(*also).value() == write_binary(*value).value());
    }
  }
  return 0;
}
