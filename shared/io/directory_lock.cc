#include "shared/io/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "shared/core/errc.h"

namespace understudy::io {
namespace {

tl::unexpected<Error> lock_refused(std::string_view doing, const std::filesystem::path& path,
                                   int why) {
  return fail(errc::io, std::string(doing) + " " + path.string() + ": " +
                            std::generic_category().message(why));
}

/// What the holder wrote: its process id, or "another process" before it could.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  if (size <= 0) return "another process";
  return "process " + std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory,
                                          const std::string& what, const std::string& hint) {
  const std::filesystem::path path = directory / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return lock_refused("open", path, errno);
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return lock_refused("lock", path, errno);
    return fail(errc::io, what + " " + directory.string() + " is in use by " + holder(fd), hint);
  }
  const std::string id = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, id.data(), id.size(), 0) < 0) {
    return lock_refused("write", path, errno);
  }
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace understudy::io
