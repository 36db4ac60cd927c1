#pragma once

/// One process a directory: two agents with the same devices would answer each other's commands,
/// two servers save each other's ports.

#include <filesystem>
#include <string>

#include "shared/core/result.h"

namespace understudy::io {

/// Held as long as it lives; a process that dies, however it does, lets go.
class DirectoryLock {
 public:
  /// An exclusive lock on DIR/lock, which names the holder. `what` the directory is to its user
  /// ("state directory"), and `hint`, what to do when another process has it, are for the error.
  /// Errors: errc::io, saying which process has it.
  static Result<DirectoryLock> take(const std::filesystem::path& directory, const std::string& what,
                                    const std::string& hint);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace understudy::io
