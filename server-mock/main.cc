/// understudy-server: the reference MDM server with its own APNs, and that APNs alone.

#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "server-mock/cli/commands.h"
#include "shared/core/exit_code.h"

namespace understudy::server {
namespace {

int dispatch(int argc, char** argv) {
  const auto argument = [&](int at) { return std::string_view(at < argc ? argv[at] : ""); };
  if (argument(1) == "run") return run_command(argc - 1, argv + 1);
  if (argument(1) != "apns") return server_command(argc, argv);
  if (argument(2) == "issue-cert") return issue_cert_command(argc - 2, argv + 2);
  if (argument(2) == "hint") return hint_command(argc - 2, argv + 2);
  return apns_command(argc - 1, argv + 1);
}

}  // namespace
}  // namespace understudy::server

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return understudy::server::dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "understudy-server: a bug, please report it: %s\n", error.what());
    return static_cast<int>(understudy::ExitCode::unreachable);
  }
}
