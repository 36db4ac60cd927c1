#include "shared/io/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <new>

namespace understudy::io {
namespace {

// The logarithms of octets, and zlib's level of memory, which goes with them.
constexpr int kSmallestWindow = 9;
constexpr int kLevelBelowWindow = 5;
constexpr int kUsualLevel = 8;

/// The smallest window that holds it all: by default zlib takes 256 KB, and the time to clear them.
int window_for(std::size_t size) {
  return std::clamp(static_cast<int>(std::bit_width(size)), kSmallestWindow, MAX_WBITS);
}

}  // namespace

Bytes deflate(BytesView content) {
  z_stream stream{};
  const int window = window_for(content.size());
  const int memory = std::min(window - kLevelBelowWindow, kUsualLevel);
  // With room for the worst case, only memory can be lacking.
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, memory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  Bytes packed(deflateBound(&stream, content.size()));
  stream.next_in = const_cast<Bytef*>(content.data());  // NOLINT: zlib only reads it
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) throw std::bad_alloc();
  return packed;
}

Result<Bytes> inflate(BytesView packed, std::size_t size) {
  Bytes content(size);
  uLongf written = size;
  if (uncompress(content.data(), &written, packed.data(), packed.size()) != Z_OK ||
      written != size) {
    return fail(errc::corrupt, "unpack " + std::to_string(packed.size()) + " octets to " +
                                   std::to_string(size) + ": they are damaged");
  }
  return content;
}

}  // namespace understudy::io
