#pragma once

/// Whole files. Errors: errc::not_found, errc::io, errc::limit; the context names the path.

#include <filesystem>
#include <string>

#include "shared/core/bytes.h"
#include "shared/core/errc.h"
#include "shared/core/result.h"

namespace understudy::io {

Result<Bytes> read_file(const std::filesystem::path& path,
                        std::size_t max_bytes = std::size_t{64} * 1024 * 1024);
/// Written beside it, synced, renamed: a reader sees the old file or the new one, also after a
/// crash. `secret`: mode 0600, otherwise 0644 less the umask.
Result<void> write_file(const std::filesystem::path& path, BytesView content, bool secret = false);
/// With its parents; one that is there is left as it is. `secret`: mode 0700 for the last one.
Result<void> make_directory(const std::filesystem::path& path, bool secret = false);

}  // namespace understudy::io
