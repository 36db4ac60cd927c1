/// How an MDM server comes to push to us, from the command line.

#include <CLI/CLI.hpp>
#include <iostream>

#include "server-mock/apns_server.h"
#include "server-mock/cli/command_line.h"
#include "server-mock/cli/commands.h"
#include "server-mock/cli/hint_facts.h"

namespace understudy::server {

int hint_command(int argc, char** argv) {
  CLI::App app(
      "Prints what makes a well-known MDM server, unchanged, push to the push service of a data "
      "directory: lines for a shell, or for /etc/hosts.",
      "understudy-server apns hint");
  std::string name;
  std::filesystem::path data_dir = ApnsServerOptions().data_dir;
  app.add_option("SERVER", name, "nanomdm, micromdm, zentral, fleet or hosts")
      ->required()
      ->check(CLI::IsMember({"nanomdm", "micromdm", "zentral", "fleet", "hosts"}));
  app.add_option("--data-dir", data_dir, "The folder that the push service runs on")
      ->envname("UNDERSTUDY_DATA_DIR")
      ->capture_default_str();
  if (const auto code = parse_flags(app, argc, argv)) return *code;
  const apns_mock::HintTarget target = apns_mock::hint_target(name).value();
  const Result<apns_mock::HintFacts> facts = hint_facts(target, data_dir);
  if (!facts) return complain(facts.error());
  std::cout << apns_mock::hint(target, *facts);
  return static_cast<int>(ExitCode::ok);
}

}  // namespace understudy::server
