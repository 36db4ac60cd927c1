#include "shared/plist/binary_trailer.h"

#include <string>

namespace understudy::plist {
namespace {

constexpr std::size_t kTrailerSize = 32;

tl::unexpected<Error> refuse(std::size_t at, const std::string& why) {
  return fail(errc::syntax, "binary property list, offset " + std::to_string(at) + ": " + why);
}

}  // namespace

Result<BinaryTrailer> read_trailer(BytesView input) {
  if (input.size() < kBinaryHeaderSize + 1 + kTrailerSize) return refuse(input.size(), "cut off");
  const std::size_t at = input.size() - kTrailerSize;
  const BinaryTrailer trailer{input[at + 6], input[at + 7], big_endian(input, at + 8, 8),
                              big_endian(input, at + 16, 8), big_endian(input, at + 24, 8)};
  const auto& [offset_size, ref_size, objects, top, table] = trailer;
  if (offset_size < 1 || offset_size > 8 || ref_size < 1 || ref_size > 8) {
    return refuse(at + 6, "the trailer's sizes are outside 1 to 8");
  }
  if (table < kBinaryHeaderSize + 1 || table >= at) {
    return refuse(at + 24, "the offset table lies outside the file");
  }
  if (objects == 0 || objects > at || objects * offset_size != at - table) {
    return refuse(at + 8, "the offset table does not fill the space before the trailer");
  }
  if (top >= objects) return refuse(at + 16, "the top object does not exist");
  // As Apple's parsers ask: the sizes must be able to express every reference and offset.
  if (ref_size < 8 && objects >> (8 * ref_size) != 0) {
    return refuse(at + 7, "references are too small for the count of objects");
  }
  if (offset_size < 8 && table >> (8 * offset_size) != 0) {
    return refuse(at + 6, "offsets are too small for the size of the file");
  }
  return trailer;
}

}  // namespace understudy::plist
