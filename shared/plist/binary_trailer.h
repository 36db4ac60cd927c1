#pragma once

/// The end of a binary property list, which says where everything else is.

#include <cstdint>

#include "shared/plist/plist.h"

namespace understudy::plist {

constexpr std::size_t kBinaryHeaderSize = 8;  ///< "bplist00"

/// The last 32 bytes: six unused, two sizes, three 64-bit numbers.
struct BinaryTrailer {
  std::size_t offset_size = 0;  ///< of an entry of the offset table, 1 to 8
  std::size_t ref_size = 0;     ///< of a reference to an object, 1 to 8
  std::uint64_t objects = 0;
  std::uint64_t top = 0;
  std::uint64_t table = 0;  ///< offset of the offset table, which ends where the trailer starts
};

/// Checked against the size of the input, so that every entry of the offset table can be read;
/// where an entry points to is not checked. Errors: errc::syntax.
Result<BinaryTrailer> read_trailer(BytesView input);

/// At most eight octets, most significant first; they must be there.
inline std::uint64_t big_endian(BytesView input, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | input[at + i];
  return value;
}

}  // namespace understudy::plist
