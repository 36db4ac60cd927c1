#include <exception>

#include "agent/cli/process.h"

/// understudy-agent: see agent/cli.
int main(int argc, char** argv) {
  try {
    return static_cast<int>(understudy::agent::cli::main(argc, argv));
  } catch (const std::exception& error) {
    understudy::agent::cli::complain(std::string("a bug, please report it: ") + error.what());
    return static_cast<int>(understudy::ExitCode::unreachable);
  }
}
