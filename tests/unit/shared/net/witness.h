#pragma once

/// A server that we did not write (openssl s_server, nghttpd), running beside the test. Linux only.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace understudy::test {

class Witness {
 public:
  explicit Witness(std::vector<std::string> arguments) {
    if (pipe2(input_.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int nowhere = open("/dev/null", O_WRONLY);
      dup2(input_[0], 0);
      dup2(nowhere, 1);
      dup2(nowhere, 2);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    if (child_ < 0) throw std::runtime_error("fork failed");
  }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() {
    end();
    close(input_[0]);
    close(input_[1]);
  }

  /// The port it listens on, once it does: asked of the system, so that it may choose a free one.
  std::uint16_t port() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < until) {
      if (const std::uint16_t found = listening_port(); found != 0) return found;
      if (waitpid(child_, nullptr, WNOHANG) == child_) {
        child_ = -1;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between looks, not for luck
    }
    throw std::runtime_error("the witness does not listen");
  }

  void type(const std::string& text) const {
    if (write(input_[1], text.data(), text.size()) < 0) throw std::runtime_error("write failed");
  }

  /// As `kill -9` ends it: its connections end without a word.
  void end() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }

 private:
  std::uint16_t listening_port() const {
    namespace fs = std::filesystem;
    std::set<std::string> inodes;
    std::error_code gone;
    for (const auto& entry :
         fs::directory_iterator("/proc/" + std::to_string(child_) + "/fd", gone)) {
      const std::string link = fs::read_symlink(entry.path(), gone).string();
      if (link.starts_with("socket:[")) inodes.insert(link.substr(8, link.size() - 9));
    }
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      std::ifstream lines(table);
      for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<std::string> field;
        for (std::string word; words >> word;) field.push_back(word);
        if (field.size() < 10 || field[3] != "0A" || !inodes.contains(field[9])) continue;
        const std::string port = field[1].substr(field[1].rfind(':') + 1);
        return static_cast<std::uint16_t>(std::stoul(port, nullptr, 16));
      }
    }
    return 0;
  }

  std::array<int, 2> input_{};
  pid_t child_ = -1;
};

}  // namespace understudy::test
