#include "tools/harness/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "shared/core/errc.h"

extern char** environ;

namespace understudy::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  std::vector<std::string> all;
  all.reserve(extra.size());
  for (const auto& [name, value] : extra)
    all.push_back(std::string(name).append("=").append(value));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& pair : extra) replaced = replaced || pair.first == name;
    if (!replaced) all.push_back(text);
  }
  return all;
}

/// Blocks all signals for the calling thread.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// In the child, between fork and exec: system calls only.
[[noreturn]] void become(const std::vector<char*>& argv, const std::vector<char*>& envp, int output,
                         const std::filesystem::path& error_log) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a harness that dies leaves nothing running
#endif
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  if (!error_log.empty()) {
    const int log = open(error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log >= 0) dup2(log, STDERR_FILENO);
  }
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

}  // namespace

Result<Process> Process::start(const ProcessOptions& options) {
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = merged_environment(options.environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  if (access(argv[0], X_OK) != 0) {
    return fail(errc::io, "cannot run " + arguments.front() + " (" + std::strerror(errno) + ")",
                "build it first: cmake --build --preset release");
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errc::io, "cannot make a pipe");
  const pid_t child = fork();
  if (child == 0) become(argv, envp, ends[1], options.error_log);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return fail(errc::io, "cannot start " + arguments.front() + " (" + std::strerror(errno) + ")");
  }
  return Process(child, ends[0]);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)),
      status_(other.status_),
      drain_(std::move(other.drain_)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  terminate();
  close_output();
  pid_ = std::exchange(other.pid_, -1);
  output_ = std::exchange(other.output_, -1);
  buffer_ = std::move(other.buffer_);
  status_ = other.status_;
  drain_ = std::move(other.drain_);
  return *this;
}

Process::~Process() {
  terminate();
  close_output();
}

void Process::close_output() {
  if (output_ >= 0) close(output_);
  output_ = -1;
}

Result<std::string> Process::read_line(milliseconds timeout) {
  const auto until = steady_clock::now() + timeout;
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    pollfd poll_output{output_, POLLIN, 0};
    const int ready = left.count() <= 0 ? 0 : poll(&poll_output, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;  // a read would wait without end
    if (ready == 0) {
      return fail(errc::timeout, "process " + std::to_string(pid_) + " printed no line");
    }
    std::array<char, 4096> chunk{};
    const ssize_t size = read(output_, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0)
      return fail(errc::not_found, "process " + std::to_string(pid_) + " ended its output");
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

void Process::ignore_output() {
  if (output_ < 0) return;
  const NoSignals while_the_thread_is_made;  // it inherits them: signals are its owner's
  drain_ = std::jthread([output = std::exchange(output_, -1)] {
    std::array<char, 4096> chunk{};
    ssize_t size = 0;
    do {
      size = read(output, chunk.data(), chunk.size());
    } while (size > 0 || (size < 0 && errno == EINTR));
    close(output);
  });
}

void Process::kill() {
  if (pid_ < 0 || status_) return;
  ::kill(pid_, SIGKILL);
  const auto ended = wait(std::chrono::minutes(1));
  if (!ended) status_ = 128 + SIGKILL;  // it cannot be anything else
}

void Process::terminate(milliseconds grace) {
  if (pid_ < 0 || status_) return;
  ::kill(pid_, SIGTERM);
  if (!wait(grace)) kill();
}

Result<int> Process::wait(milliseconds timeout) {
  const auto until = steady_clock::now() + timeout;
  for (auto pause = milliseconds(1); !status_; pause = std::min(pause * 2, milliseconds(50))) {
    if (!running()) break;
    if (steady_clock::now() >= until) {
      return fail(errc::timeout, "process " + std::to_string(pid_) + " did not end");
    }
    std::this_thread::sleep_for(pause);
  }
  return *status_;
}

bool Process::running() {
  if (pid_ < 0 || status_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

}  // namespace understudy::harness
