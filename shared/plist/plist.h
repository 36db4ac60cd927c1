#pragma once

/// Reading and writing property lists. Pure functions, any thread.

#include <cstddef>

#include "shared/core/bytes.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"
#include "shared/plist/value.h"

namespace understudy::plist {

enum class errc {
  empty = 1,    ///< no bytes, or white space only
  not_a_plist,  ///< neither XML nor binary property list
  syntax,       ///< malformed; the context says where ("line 4, column 7") and why
  too_large,    ///< more bytes than Limits::max_bytes
  too_deep,     ///< nested deeper than Limits::max_depth
  too_many,     ///< more values than Limits::max_nodes
  wrong_type,   ///< the caller needs another type
  unwritable,   ///< the value has no form in that format (a NUL in an XML string, a date of the
                ///< year 12000), or is nested deeper than kMaxNesting
};

enum class Mode {
  strict,  ///< what the plist DTD and Apple's writers allow; anything else is refused with a reason
  tolerant,  ///< also what Apple's parsers are known to accept; docs/protocol/plist.md lists it
};

/// No value is read or written deeper than this, whatever Limits say: a Value is destroyed and
/// compared recursively.
constexpr std::size_t kMaxNesting = 512;

/// Held before memory or stack is spent.
struct Limits {
  /// Of the input; of a binary property list also the strings and data that it unfolds to.
  std::size_t max_bytes = std::size_t{16} * 1024 * 1024;
  std::size_t max_depth = 128;        ///< arrays and dicts inside each other
  std::size_t max_nodes = 1'000'000;  ///< values and keys; a shared object counts at each use
};

struct ReadOptions {
  Limits limits;
  Mode mode = Mode::strict;
};

/// Detects the format by its first bytes. Errors: plist::errc.
Result<Value> read(BytesView input, const ReadOptions& options = {});
Result<Value> read_xml(BytesView input, const ReadOptions& options = {});
Result<Value> read_binary(BytesView input, const ReadOptions& options = {});

/// XML with Apple's DOCTYPE; deterministic for equal values; read back as an equal value, but for
/// the fraction of a second in dates. Errors: errc::unwritable.
Result<std::string> write_xml(const Value& value);
/// Binary, "bplist00". Errors: errc::unwritable.
Result<Bytes> write_binary(const Value& value);

}  // namespace understudy::plist

template <>
struct understudy::ErrcTraits<understudy::plist::errc> {
  static constexpr const char* kName = "plist";
  static std::string describe(plist::errc code);
};
template <>
struct std::is_error_code_enum<understudy::plist::errc> : std::true_type {};
namespace understudy::plist {
UNDERSTUDY_ERRC(errc)
}
