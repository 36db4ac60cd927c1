#pragma once

/// One process a state directory: two agents with the same devices would answer each other's
/// commands.

#include <filesystem>

#include "shared/core/result.h"

namespace understudy::agent {

/// Held as long as it lives; a process that dies, however it does, lets go.
class DirectoryLock {
 public:
  /// An exclusive lock on DIR/lock, which names the holder. Errors: errc::io, saying which process
  /// has it.
  static Result<DirectoryLock> take(const std::filesystem::path& directory);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace understudy::agent
