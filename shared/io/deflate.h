#pragma once

/// Octets made smaller for storage (zlib, RFC 1950).

#include "shared/core/bytes.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::io {

Bytes deflate(BytesView content);
/// `size`: of the content; another one is damage. Errors: errc::corrupt.
Result<Bytes> inflate(BytesView packed, std::size_t size);

}  // namespace understudy::io
