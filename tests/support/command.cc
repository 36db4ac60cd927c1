#include "tests/support/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace understudy::support {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read = ends[0];
    write = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(read);
    close_end(write);
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

void drain(int& end, std::string& into) {
  std::array<char, 65536> chunk{};
  const ssize_t size = read(end, chunk.data(), chunk.size());
  if (size > 0) {
    into.append(chunk.data(), static_cast<std::size_t>(size));
  } else {
    Pipe::close_end(end);
  }
}

void pump(Pipe& in, Pipe& out, Pipe& err, const std::string& input, pid_t child, Output& result) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  std::size_t sent = 0;
  if (input.empty()) Pipe::close_end(in.write);
  while (out.read >= 0 || err.read >= 0) {
    std::array<pollfd, 3> fds{pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0},
                              pollfd{in.write, POLLOUT, 0}};
    poll(fds.data(), fds.size(), 100);
    if (fds[0].revents != 0) drain(out.read, result.out);
    if (fds[1].revents != 0) drain(err.read, result.err);
    if (in.write >= 0 && fds[2].revents != 0) {
      const ssize_t size = write(in.write, input.data() + sent, input.size() - sent);
      if (size > 0) sent += static_cast<std::size_t>(size);
      if (size < 0 || sent == input.size()) Pipe::close_end(in.write);
    }
    if (std::chrono::steady_clock::now() > until) {
      kill(child, SIGKILL);
      return;
    }
  }
}

}  // namespace

Output run(const std::vector<std::string>& arguments, const std::string& input) {
  signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  Pipe err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  std::vector<char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));  // NOLINT
  argv.push_back(nullptr);
  pid_t child = 0;
  const int spawned = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) throw std::runtime_error("cannot run " + arguments[0]);
  Pipe::close_end(in.read);
  Pipe::close_end(out.write);
  Pipe::close_end(err.write);

  Output result;
  fcntl(in.write, F_SETFL, O_NONBLOCK);
  pump(in, out, err, input, child, result);
  int status = 0;
  waitpid(child, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

bool have_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace understudy::support
