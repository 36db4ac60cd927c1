#pragma once

/// A child process whose standard output is read line by line. Blocking; for the harness and the
/// tests. Use from one thread. The child is ended (SIGTERM, then SIGKILL) with the object.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shared/core/result.h"

namespace understudy::harness {

struct ProcessOptions {
  std::vector<std::string> arguments;  ///< the first is the program's path
  std::vector<std::pair<std::string, std::string>> environment;  ///< in addition to ours
  std::filesystem::path error_log;  ///< standard error is appended there; empty: ours
};

class Process {
 public:
  /// Errors: errc::io, naming the program.
  static Result<Process> start(const ProcessOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// The next line without its end. Errors: errc::timeout, errc::not_found at the end of the
  /// output.
  Result<std::string> read_line(std::chrono::milliseconds timeout);
  /// From now on a thread of its own throws away what the child prints, so that a full pipe never
  /// stops it. No read_line() afterwards.
  void ignore_output();
  /// SIGKILL, and waits for its end.
  void kill();
  /// SIGTERM, and SIGKILL where it has not ended `grace` later.
  void terminate(std::chrono::milliseconds grace = std::chrono::seconds(5));
  /// Exit code, or 128 + signal; waits at most `timeout`. Errors: errc::timeout.
  Result<int> wait(std::chrono::milliseconds timeout);
  bool running();
  int pid() const { return pid_; }

 private:
  Process(int pid, int output) : pid_(pid), output_(output) {}
  void close_output();
  int pid_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> status_;
  std::jthread drain_;  ///< ends with the child, whose end of the pipe it reads
};

}  // namespace understudy::harness
