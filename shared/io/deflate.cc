#include "shared/io/deflate.h"

#include <zlib.h>

#include <new>

namespace understudy::io {

Bytes deflate(BytesView content) {
  uLongf size = compressBound(content.size());
  Bytes packed(size);
  // With room for the worst case, only memory can be lacking.
  if (compress(packed.data(), &size, content.data(), content.size()) != Z_OK) {
    throw std::bad_alloc();
  }
  packed.resize(size);
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
