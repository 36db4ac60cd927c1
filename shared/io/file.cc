#include "shared/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace understudy::io {
namespace {

constexpr mode_t kSecretFile = 0600;
constexpr mode_t kPlainFile = 0644;
constexpr mode_t kSecretDirectory = 0700;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

tl::unexpected<Error> refused(std::string_view doing, const std::filesystem::path& path, int why) {
  const errc code = why == ENOENT ? errc::not_found : errc::io;
  return fail(
      code, std::string(doing) + " " + path.string() + ": " + std::generic_category().message(why));
}

/// 0, or errno.
int write_all(int fd, BytesView content) {
  while (!content.empty()) {
    const ssize_t size = ::write(fd, content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno;
    content = content.subspan(static_cast<std::size_t>(size));
  }
  return 0;
}

/// A name beside the target that no other writer, in this process or another, uses now.
std::filesystem::path temporary_name(const std::filesystem::path& path) {
  static std::atomic<std::uint64_t> counter{0};
  std::filesystem::path name = path;
  name += ".new-" + std::to_string(::getpid()) + "-" + std::to_string(++counter);
  return name;
}

/// The rename itself must survive a crash, and that is a matter of the directory.
void sync_directory(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.ok()) ::fsync(directory.get());  // some file systems cannot; the file is there
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return refused("open", path, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return refused("read", path, errno);
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  // Pipes and /proc have no size, and files grow: what counts is what is read.
  Bytes content(std::min(size, max_bytes) + 1);
  std::size_t used = 0;
  for (;;) {
    const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused("read", path, errno);
    used += static_cast<std::size_t>(got);
    if (used > max_bytes) {
      return fail(errc::limit, "read " + path.string() + ": it is too large",
                  "at most " + std::to_string(max_bytes) + " bytes are read");
    }
    if (got == 0) break;
    if (used == content.size()) content.resize(std::min(content.size() * 2, max_bytes + 1));
  }
  content.resize(used);
  return content;
}

Result<void> write_file(const std::filesystem::path& path, BytesView content, bool secret) {
  const std::filesystem::path temporary = temporary_name(path);
  int why = 0;
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                 secret ? kSecretFile : kPlainFile));
    if (!file.ok()) return refused("write", path, errno);
    why = write_all(file.get(), content);
    if (why == 0 && ::fsync(file.get()) != 0) why = errno;
  }
  if (why == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) why = errno;
  if (why != 0) {
    ::unlink(temporary.c_str());
    return refused("write", path, why);
  }
  sync_directory(path);
  return {};
}

Result<void> make_directory(const std::filesystem::path& path, bool secret) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) return refused("make directory", path.parent_path(), error.value());
  }
  const mode_t mode = secret ? kSecretDirectory : 0777;
  if (::mkdir(path.c_str(), mode) == 0) return {};
  const int why = errno;
  if (why == EEXIST && std::filesystem::is_directory(path, error)) return {};
  return refused("make directory", path, why);
}

}  // namespace understudy::io
